"""The chart draws what the numbers say, explains what is under the cursor and can't be moved out of sight."""

from collections.abc import Iterator

import pytest
from attrs import evolve
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from tests.analysis.runs import of_rounds, result, run, small
from vmplanner.analysis.time_stacks import Measure, Split, time_stacks
from vmplanner.domain.machines import PieceKind
from vmplanner.domain.quantities import MIB, grouped
from vmplanner.domain.results import Metric, Outcome, Phase, Provenance, ReferenceFigure, Run, Segment
from vmplanner.ui.charts import captions
from vmplanner.ui.charts.fills import Bars
from vmplanner.ui.charts.ticks import ticks
from vmplanner.ui.charts.time_stack_chart import TimeStackChart
from vmplanner.ui.charts.time_stack_picture import ROW_PX
from vmplanner.ui.theme import DARK, LIGHT, look

FIGURE = ReferenceFigure("migration-web-1", Metric.TOTAL_S, 12.0, Provenance.RECALLED, "Clark et al., NSDI 2005")


@pytest.fixture
def chart(qtbot: QtBot) -> Iterator[TimeStackChart]:
    chart = TimeStackChart()
    qtbot.addWidget(chart)
    chart.resize(900, 500)
    chart.show()
    yield chart
    look.theme = LIGHT


def many(count: int) -> Run:
    return run(*(of_rounds(f"vm-{number}", 3) for number in range(count)))


def bars(chart: TimeStackChart) -> list[Bars]:
    return [item for item in chart.picture.scene().items() if isinstance(item, Bars)][::-1]


def hover(chart: TimeStackChart, point: QPointF) -> None:
    viewport = chart.picture.viewport()
    none = Qt.MouseButton.NoButton
    place = viewport.mapToGlobal(point)
    QApplication.sendEvent(
        viewport, QMouseEvent(QEvent.Type.MouseMove, point, place, none, none, Qt.KeyboardModifier.NoModifier)
    )


def visible_texts(chart: TimeStackChart) -> list[str]:
    return [label.text() for label in chart.findChildren(QLabel) if label.isVisible()]


def test_without_a_run_a_sentence_says_what_to_do(chart: TimeStackChart) -> None:
    assert visible_texts(chart) == ["No run yet. Press Run to see where the time goes."]
    chart.set_run(run(small()), ())
    assert visible_texts(chart) == []
    chart.set_run(None, ())
    assert visible_texts(chart) == [captions.EMPTY]


@pytest.mark.parametrize("split", Split)
@pytest.mark.parametrize("measure", Measure)
def test_bars_are_as_long_as_the_numbers_and_follow_each_other(
    chart: TimeStackChart, split: Split, measure: Measure
) -> None:
    some_run = run(small(), of_rounds("db-1", 12))
    chart.set_run(some_run, ())
    chart.split.choose(split)
    chart.measure.choose(measure)
    expected = time_stacks(some_run, split).values(measure)
    ends = expected[:, 0] * 0
    for index, item in enumerate(bars(chart)):
        assert list(item.opts["width"]) == list(expected[:, index])
        assert list(item.opts["x0"]) == pytest.approx(list(ends))
        ends += expected[:, index]
    assert list(ends) == pytest.approx(list(expected.sum(axis=1)))


def test_the_legend_names_what_can_be_seen(chart: TimeStackChart) -> None:
    chart.set_run(run(small()), [FIGURE])
    assert chart.picture.legend_labels() == [
        "preflight",
        "pre-copy round 1",
        "round 2",
        "stop-and-copy",
        "resume",
        "published (recalled)",
    ]
    chart.split.choose(Split.PIECE)
    chart.measure.choose(Measure.BYTES)
    assert chart.picture.legend_labels() == ["heap", "free memory", "device state"]


def test_hovering_a_part_tells_its_numbers(chart: TimeStackChart) -> None:
    chart.set_run(run(small()), ())
    hover(chart, chart.picture.part_centre(0, 2))
    assert chart.card.isVisible()
    assert chart.card.text() == "pre-copy round 2 · web-1\n3 s · 250 MiB · 30 % of 10 s · 699 Mbit/s"
    hover(chart, chart.picture.part_centre(0, 0))
    assert chart.card.text() == "preflight · web-1\n500 ms · 5 % of 10 s"
    hover(chart, QPointF(5, 5))
    assert not chart.card.isVisible()


def test_hovering_a_share_of_bytes_tells_of_what(chart: TimeStackChart) -> None:
    chart.set_run(run(small()), ())
    chart.measure.choose(Measure.BYTES)
    hover(chart, chart.picture.part_centre(0, 3))
    assert "50 MiB · 5.6 % of 900 MiB" in chart.card.text()


def test_hovering_a_name_tells_how_the_migration_ended(chart: TimeStackChart) -> None:
    stopped = evolve(small(), outcome=Outcome.NOT_CONVERGED, reason="web-1 writes faster than the link sends.")
    chart.set_run(run(stopped), ())
    hover(chart, QPointF(30, chart.picture.row_area(0).center().y()))
    assert chart.card.text() == (
        "web-1 · host-1 → host-2\npre-copy · not converged\nweb-1 writes faster than the link sends."
    )


def test_hovering_tells_how_fast_the_guest_ran(chart: TimeStackChart) -> None:
    first, *rest = small().segments[1:]
    chart.set_run(run(evolve(small(), segments=(evolve(first, start_s=0.0, guest_share=0.45), *rest))), ())
    hover(chart, chart.picture.part_centre(0, 0))
    assert chart.card.text().endswith("\nthe guest runs at 54 %")  # 5 s of 6 at 45 %
    hover(chart, chart.picture.part_centre(0, 2))
    assert chart.card.text().endswith("\nthe guest stands still")
    hover(chart, chart.picture.part_centre(0, 1))
    assert "guest" not in chart.card.text()


def test_hovering_a_name_tells_what_the_guest_lost_and_what_qemu_says_itself(chart: TimeStackChart) -> None:
    slow = tuple(evolve(segment, guest_share=0.5 * segment.guest_share) for segment in small().segments)
    some = evolve(small(), segments=slow, network_faults=1234, reported_total_s=9.7, reported_downtime_s=0.25)
    chart.set_run(run(some), ())
    hover(chart, QPointF(30, chart.picture.row_area(0).center().y()))
    assert chart.card.text().splitlines()[2:] == [
        f"the guest loses 5.25 s of its work, {grouped(1234)} waits for a page",
        "QEMU/KVM itself reports total time 9.7 s, downtime 250 ms",
    ]


def test_what_comes_when_the_source_is_free_is_told_apart(chart: TimeStackChart) -> None:
    cold = Segment(Phase.DEFLATE, "files", PieceKind.PAGE_CACHE, 3, 10.0, 5.0, 0, guest_share=0.5)
    some = evolve(small(), segments=(*small().segments, cold), afterwards_s=5.0)
    chart.set_run(run(some), ())
    words = [part.text for part in captions.ending(chart.picture.stacks.stacks[0], Measure.SECONDS)]
    assert words == ["10 s", "· 500 ms down", "· settled after 15 s"]
    hover(chart, QPointF(30, chart.picture.row_area(0).center().y()))
    assert "the source is free after 10 s, the guest settled after 15 s" in chart.card.text()


def test_hovering_a_reference_figure_tells_where_it_is_from(chart: TimeStackChart) -> None:
    chart.set_run(run(small()), [FIGURE, evolve(FIGURE, migration_id="another run's")])
    assert chart.picture.figures_of(0) == [FIGURE]
    hover(chart, chart.picture.mark_centre(0, FIGURE))
    assert chart.card.text() == (
        "published (recalled) · web-1\n"
        "total time 12 s, recalled from memory of the publication; not checked against it\n"
        "Source: Clark et al., NSDI 2005"
    )


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome.COMPLETED, "10 s · 500 ms down"),
        (Outcome.NOT_CONVERGED, "10 s · 500 ms down · not converged"),
        (Outcome.CANCELLED, "10 s · 500 ms down · cancelled"),
        (Outcome.FAILED, "10 s · 500 ms down · failed"),
    ],
)
def test_the_words_after_a_bar(outcome: Outcome, words: str) -> None:
    stack = time_stacks(run(evolve(small(), outcome=outcome)), Split.PHASE).stacks[0]
    assert " ".join(part.text for part in captions.ending(stack, Measure.SECONDS)) == words


def test_a_migration_that_failed_at_once_still_has_its_row(chart: TimeStackChart) -> None:
    chart.set_run(run(result("web-1", (), outcome=Outcome.FAILED, reason="host-2 has no room.")), ())
    hover(chart, chart.picture.row_area(0).center())
    assert "host-2 has no room." in chart.card.text()
    stack = chart.picture.stacks.stacks[0]
    assert [part.text for part in captions.ending(stack, Measure.SECONDS)] == ["0 s", "· failed"]


def test_rows_keep_their_height_and_many_are_scrolled(chart: TimeStackChart) -> None:
    for count in (1, 3, 60):
        chart.set_run(many(count), ())
        assert chart.picture.row_area(0).height() == ROW_PX
    assert chart.scroll_bar.isVisible()
    shown = chart.picture.rows_area
    assert shown.height() % ROW_PX == 0
    chart.scroll_bar.setValue(chart.scroll_bar.maximum())
    assert chart.picture.row_area(59).bottom() == shown.bottom()
    chart.set_run(many(3), ())
    assert not chart.scroll_bar.isVisible()
    assert chart.picture.row_area(0).top() == chart.picture.rows_area.top()


def test_every_word_after_a_bar_fits_into_the_picture(chart: TimeStackChart) -> None:
    chart.set_run(many(12), [evolve(FIGURE, migration_id="migration-vm-3", value=500.0)])
    for row in range(12):
        assert chart.picture.ending_area(row).right() <= chart.picture.width()


def test_a_click_and_the_keys_choose_a_migration(chart: TimeStackChart, qtbot: QtBot) -> None:
    chart.set_run(many(60), ())
    with qtbot.waitSignal(chart.migration_clicked) as clicked:
        point = chart.picture.part_centre(2, 1).toPoint()
        qtbot.mouseClick(chart.picture.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert clicked.args == ["migration-vm-2"]
    for _ in range(40):
        qtbot.keyClick(chart, Qt.Key.Key_Down)
    with qtbot.waitSignal(chart.migration_clicked) as chosen:
        qtbot.keyClick(chart, Qt.Key.Key_Return)
    assert chosen.args == ["migration-vm-42"]
    assert chart.picture.rows_area.contains(chart.picture.row_area(42))


def test_dragging_does_not_move_the_view(chart: TimeStackChart, qtbot: QtBot) -> None:
    chart.set_run(run(small()), ())
    before = chart.picture.part_centre(0, 1)
    viewport = chart.picture.viewport()
    for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
        qtbot.mousePress(viewport, button, pos=before.toPoint())
        qtbot.mouseMove(viewport, before.toPoint() + QPoint(120, 40))
        qtbot.mouseRelease(viewport, button, pos=before.toPoint() + QPoint(120, 40))
    assert chart.picture.part_centre(0, 1) == before
    assert QApplication.activePopupWidget() is None


def test_it_follows_the_theme(chart: TimeStackChart) -> None:
    chart.set_run(run(small()), ())
    for theme in (DARK, LIGHT):
        look.theme = theme
        look.changed.emit()
        assert chart.grab().toImage().pixelColor(890, 490) == theme.surface


def test_colours_are_the_themes_and_bad_memory_is_hatched(chart: TimeStackChart) -> None:
    chart.set_run(run(small()), ())
    image = chart.picture.grab().toImage()
    assert image.pixelColor(chart.picture.part_centre(0, 1).toPoint()) == LIGHT.phase(Phase.PRE_COPY, 1, 2)
    chart.split.choose(Split.PIECE)
    image = chart.picture.grab().toImage()
    assert image.pixelColor(chart.picture.part_centre(0, 0).toPoint()) == LIGHT.piece(PieceKind.HEAP)
    middle = chart.picture.part_centre(0, 1).toPoint()
    assert len({image.pixelColor(middle + QPoint(x, 0)).name() for x in range(-6, 7)}) > 2


def test_a_screen_reader_hears_each_migration(chart: TimeStackChart) -> None:
    chart.set_run(run(small()), ())
    assert chart.accessibleDescription() == "web-1 from host-1 to host-2: 10 s, 500 ms down, completed."


@pytest.mark.parametrize(
    ("largest", "measure", "texts"),
    [
        (12.4, Measure.SECONDS, ["0 s", "5 s", "10 s", "15 s"]),
        (0.43, Measure.SECONDS, ["0 ms", "200 ms", "400 ms", "600 ms"]),
        (240, Measure.SECONDS, ["0 min", "2 min", "4 min"]),
        (9000, Measure.SECONDS, ["0 h", "1 h", "2 h", "3 h"]),
        (900 * MIB, Measure.BYTES, ["0 MiB", "500 MiB", "1\N{NARROW NO-BREAK SPACE}000 MiB"]),
        (1.0, Measure.SHARE, ["0 %", "50 %", "100 %"]),
        (0, Measure.SECONDS, []),
    ],
)
def test_ticks_are_round_and_in_one_unit(largest: float, measure: Measure, texts: list[str]) -> None:
    assert [tick.text for tick in ticks(largest, measure, 4)] == texts
