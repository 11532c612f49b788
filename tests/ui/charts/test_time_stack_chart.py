"""The chart draws what the numbers say, explains what is under the cursor and can't be moved out of sight."""

from collections.abc import Iterator

import pytest
from attrs import evolve
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from tests.analysis.runs import of_rounds, result, run, segments, small
from vmplanner.analysis.stack_view import Grouping, Measure, Sorting, Split, View
from vmplanner.analysis.time_stacks import time_stacks
from vmplanner.domain.machines import PieceKind
from vmplanner.domain.quantities import MIB, grouped
from vmplanner.domain.results import Metric, MigrationResult, Outcome, Phase, Provenance, ReferenceFigure, Run, Segment
from vmplanner.ui.charts import captions
from vmplanner.ui.charts.stack_layout import ROW_PX
from vmplanner.ui.charts.ticks import log_ticks, ticks
from vmplanner.ui.charts.time_stack_chart import TimeStackChart
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


def centre(chart: TimeStackChart, row: int, part: int) -> QPointF:
    """The middle of a part of a bar."""
    return chart.picture.drawing.part_area(row, part).center()


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
    assert visible_texts(chart) == ["No run yet. Run the plan to see where the time goes."]
    chart.show_runs([run(small())], ())
    assert visible_texts(chart) == []
    chart.show_runs([], ())
    assert visible_texts(chart) == [captions.EMPTY]


VIEWS = [
    View(split, measure, is_vertical=is_vertical)
    for split in Split
    for measure in Measure
    for is_vertical in (False, True)
]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: f"{view.split}-{view.measure}-{view.is_vertical}")
def test_bars_are_as_long_as_the_numbers_and_follow_each_other(chart: TimeStackChart, view: View) -> None:
    some_run = run(small(), of_rounds("db-1", 12))
    chart.show_runs([some_run], ())
    chart.choices.show_view(view)
    expected = time_stacks([some_run], view).values()
    drawing = chart.picture.drawing
    for row, values in enumerate(expected):
        end = 0.0
        for part, value in enumerate(values):
            area = drawing.part_area(row, part)
            length = area.height() if view.is_vertical else area.width()
            start = drawing.layout.plots[0].bottom() - area.bottom() if view.is_vertical else area.left()
            start -= 0 if view.is_vertical else drawing.layout.plots[0].left()
            assert length == pytest.approx(value * drawing.layout.scale.px)
            assert start == pytest.approx(end, abs=1e-6)
            end += length


def test_the_legend_names_what_can_be_seen(chart: TimeStackChart) -> None:
    chart.show_runs([run(small())], [FIGURE])
    assert chart.picture.legend_labels() == [
        "preflight",
        "pre-copy round 1",
        "round 2",
        "stop-and-copy",
        "resume",
        "published (recalled)",
    ]
    chart.choices.split.choose(Split.PIECE)
    chart.choices.measure.choose(Measure.BYTES)
    assert chart.picture.legend_labels() == ["heap", "free memory", "device state"]


def test_hovering_a_part_tells_its_numbers(chart: TimeStackChart) -> None:
    chart.show_runs([run(small())], ())
    hover(chart, centre(chart, 0, 2))
    assert chart.card.isVisible()
    assert chart.card.text() == (
        "pre-copy round 2 · web-1\n3 s · 250 MiB · 30 % of 10 s · 699 Mbit/s\n"
        "What the guest wrote during round 1 is sent again."
    )
    hover(chart, centre(chart, 0, 0))
    assert chart.card.text().startswith("preflight · web-1\n500 ms · 5 % of 10 s\n")
    hover(chart, QPointF(5, 5))
    assert not chart.card.isVisible()


def test_hovering_a_share_of_bytes_tells_of_what(chart: TimeStackChart) -> None:
    chart.show_runs([run(small())], ())
    chart.choices.measure.choose(Measure.BYTES)
    hover(chart, centre(chart, 0, 3))
    assert "50 MiB · 5.6 % of 900 MiB" in chart.card.text()


def test_hovering_a_name_tells_how_the_migration_ended(chart: TimeStackChart) -> None:
    stopped = evolve(small(), outcome=Outcome.NOT_CONVERGED, reason="web-1 writes faster than the link sends.")
    chart.show_runs([run(stopped)], ())
    hover(chart, QPointF(30, chart.picture.layout_.row_area(0).center().y()))
    assert chart.card.text() == (
        "web-1 · host-1 → host-2\npre-copy · not converged\nweb-1 writes faster than the link sends."
    )


def test_hovering_tells_how_fast_the_guest_ran(chart: TimeStackChart) -> None:
    first, *rest = small().segments[1:]
    chart.show_runs([run(evolve(small(), segments=(evolve(first, start_s=0.0, guest_share=0.45), *rest)))], ())
    hover(chart, centre(chart, 0, 0))
    assert "\nthe guest runs at 54 %\n" in chart.card.text()  # 5 s of 6 at 45 %
    hover(chart, centre(chart, 0, 2))
    assert "\nthe guest stands still\n" in chart.card.text()
    hover(chart, centre(chart, 0, 1))
    assert "the guest runs" not in chart.card.text()


def test_hovering_a_name_tells_what_the_guest_lost_and_what_qemu_says_itself(chart: TimeStackChart) -> None:
    slow = tuple(evolve(segment, guest_share=0.5 * segment.guest_share) for segment in small().segments)
    some = evolve(small(), segments=slow, network_faults=1234, reported_total_s=9.7, reported_downtime_s=0.25)
    chart.show_runs([run(some)], ())
    hover(chart, QPointF(30, chart.picture.layout_.row_area(0).center().y()))
    assert chart.card.text().splitlines()[2:] == [
        f"the guest loses 5.25 s of its work, {grouped(1234)} waits for a page",
        "QEMU/KVM itself reports total time 9.7 s, downtime 250 ms",
    ]


def test_what_comes_when_the_source_is_free_is_told_apart(chart: TimeStackChart) -> None:
    cold = Segment(Phase.DEFLATE, "files", PieceKind.PAGE_CACHE, 3, 10.0, 5.0, 0, guest_share=0.5)
    some = evolve(small(), segments=(*small().segments, cold), afterwards_s=5.0)
    chart.show_runs([run(some)], ())
    words = [part.text for part in captions.ending(chart.picture.stacks.stacks[0], Measure.SECONDS)]
    assert words == ["10 s", "· 500 ms down", "· settled after 15 s"]
    hover(chart, QPointF(30, chart.picture.layout_.row_area(0).center().y()))
    assert "the source is free after 10 s, the guest settled after 15 s" in chart.card.text()


def test_hovering_a_reference_figure_tells_where_it_is_from(chart: TimeStackChart) -> None:
    chart.show_runs([run(small())], [FIGURE, evolve(FIGURE, migration_id="another run's")])
    assert chart.picture.drawing.marked == {0: [FIGURE]}
    hover(chart, chart.picture.drawing.mark_centre(0, 0, FIGURE))
    assert chart.card.text() == (
        "published (recalled) · web-1\n"
        "total time 12 s, recalled from memory of the publication; not checked against it\n"
        "the run is −16.7 % off\n"
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
    stack = time_stacks([run(evolve(small(), outcome=outcome))]).stacks[0]
    assert " ".join(part.text for part in captions.ending(stack, Measure.SECONDS)) == words


def test_a_migration_that_failed_at_once_still_has_its_row(chart: TimeStackChart) -> None:
    chart.show_runs([run(result("web-1", (), outcome=Outcome.FAILED, reason="host-2 has no room."))], ())
    hover(chart, chart.picture.layout_.row_area(0).center())
    assert "host-2 has no room." in chart.card.text()
    stack = chart.picture.stacks.stacks[0]
    assert [part.text for part in captions.ending(stack, Measure.SECONDS)] == ["0 s", "· failed"]


def test_rows_keep_their_height_and_many_are_scrolled(chart: TimeStackChart) -> None:
    for count in (1, 3, 60):
        chart.show_runs([many(count)], ())
        assert chart.picture.layout_.row_area(0).height() == ROW_PX
    assert chart.scroll_bar.isVisible()
    shown = chart.picture.layout_.rows_area
    assert shown.height() % ROW_PX == 0
    chart.scroll_bar.setValue(chart.scroll_bar.maximum())
    assert chart.picture.layout_.row_area(59).bottom() == shown.bottom()
    chart.show_runs([many(3)], ())
    assert not chart.scroll_bar.isVisible()
    assert chart.picture.layout_.row_area(0).top() == chart.picture.layout_.rows_area.top()


def test_every_word_after_a_bar_fits_into_the_picture(chart: TimeStackChart) -> None:
    chart.show_runs([many(12)], [evolve(FIGURE, migration_id="migration-vm-3", value=500.0)])
    drawing = chart.picture.drawing
    for row in range(12):
        end = drawing.ending_start(row, 0, row).x() + drawing.labels.endings_px[row]
        assert end <= chart.picture.width()


def test_a_click_and_the_keys_choose_a_migration(chart: TimeStackChart, qtbot: QtBot) -> None:
    chart.show_runs([many(60)], ())
    with qtbot.waitSignal(chart.migration_clicked) as clicked:
        point = centre(chart, 2, 1).toPoint()
        qtbot.mouseClick(chart.picture.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert clicked.args == ["migration-vm-2"]
    for _ in range(40):
        qtbot.keyClick(chart, Qt.Key.Key_Down)
    with qtbot.waitSignal(chart.migration_clicked) as chosen:
        qtbot.keyClick(chart, Qt.Key.Key_Return)
    assert chosen.args == ["migration-vm-42"]
    assert chart.picture.layout_.rows_area.contains(chart.picture.layout_.row_area(42))


def test_dragging_does_not_move_the_view(chart: TimeStackChart, qtbot: QtBot) -> None:
    chart.show_runs([run(small())], ())
    before = centre(chart, 0, 1)
    viewport = chart.picture.viewport()
    for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
        qtbot.mousePress(viewport, button, pos=before.toPoint())
        qtbot.mouseMove(viewport, before.toPoint() + QPoint(120, 40))
        qtbot.mouseRelease(viewport, button, pos=before.toPoint() + QPoint(120, 40))
    assert centre(chart, 0, 1) == before
    assert QApplication.activePopupWidget() is None


def test_it_follows_the_theme(chart: TimeStackChart) -> None:
    chart.show_runs([run(small())], ())
    for theme in (DARK, LIGHT):
        look.theme = theme
        look.changed.emit()
        assert chart.grab().toImage().pixelColor(890, 490) == theme.surface


def test_colours_are_the_themes_and_bad_memory_is_hatched(chart: TimeStackChart) -> None:
    chart.show_runs([run(small())], ())
    image = chart.picture.grab().toImage()
    assert image.pixelColor(centre(chart, 0, 1).toPoint()) == LIGHT.phase(Phase.PRE_COPY, 1, 2)
    chart.choices.split.choose(Split.PIECE)
    image = chart.picture.grab().toImage()
    assert image.pixelColor(centre(chart, 0, 0).toPoint()) == LIGHT.piece(PieceKind.HEAP)
    middle = centre(chart, 0, 1).toPoint()
    assert len({image.pixelColor(middle + QPoint(x, 0)).name() for x in range(-6, 7)}) > 2


def test_a_screen_reader_hears_each_migration(chart: TimeStackChart) -> None:
    chart.show_runs([run(small())], ())
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


def test_a_log_axis_has_round_times_and_more_of_them_where_there_is_room() -> None:
    assert [tick.text for tick in log_ticks(0.01, 12, 5)] == ["10 ms", "100 ms", "1 s", "10 s"]
    assert [tick.text for tick in log_ticks(0.1, 0.6, 6)] == ["100 ms", "200 ms", "500 ms"]
    assert [tick.text for tick in log_ticks(1e-6, 1, 3)] == ["1 µs", "1 ms", "1 s"]


def test_on_a_log_axis_ten_times_the_downtime_is_one_step_longer(chart: TimeStackChart) -> None:
    def down(vm: str, seconds: float) -> MigrationResult:
        return result(vm, segments((Phase.STOP_AND_COPY, "heap", PieceKind.HEAP, 1, seconds, MIB)))

    chart.show_runs([run(down("a", 0.02), down("b", 0.2), down("c", 2.0))], ())
    chart.choices.show_view(View(measure=Measure.DOWNTIME, is_log=True))
    a, b, c = (chart.picture.drawing.part_area(row, 0).width() for row in range(3))
    assert b - a == pytest.approx(c - b)
    assert a > 0


def test_on_a_log_axis_the_borders_of_parts_are_where_the_axis_says(chart: TimeStackChart) -> None:
    parts = segments(
        (Phase.STOP_AND_COPY, "heap", PieceKind.HEAP, 1, 0.1, MIB),
        (Phase.RESUME, "resume", PieceKind.OVERHEAD, 0, 0.9, 0),
    )
    chart.show_runs([run(result("a", parts))], ())
    chart.choices.show_view(View(measure=Measure.DOWNTIME, is_log=True))
    drawing = chart.picture.drawing
    border = drawing.part_area(0, 0).right() - drawing.layout.plots[0].left()
    assert border == pytest.approx(drawing.layout.scale.length(0.1))


def test_what_is_sooner_done_but_stands_still_for_longer_is_not_called_better(chart: TimeStackChart) -> None:
    stopped = result("web-1", segments((Phase.STOP_AND_COPY, "heap", PieceKind.HEAP, 1, 4.0, 100 * MIB)))
    chart.show_runs([run(small(), name="live"), run(stopped, name="stopped")], ())
    said = chart.picture.drawing.labels.endings[1]
    assert [(words.text, words.role) for words in said[1:]] == [
        ("· −6 s (−60 %)", "warn"),
        ("· 4 s down (+3.5 s)", "bad"),
    ]


def test_small_multiples_put_runs_beside_each_other_with_the_same_rows_and_scale(chart: TimeStackChart) -> None:
    quick = result("web-1", segments((Phase.PRE_COPY, "heap", PieceKind.HEAP, 1, 4.0, MIB)))
    chart.show_runs([run(small(), of_rounds("db-1", 2), name="before"), run(quick, name="after")], ())
    chart.choices.panels.setChecked(True)
    drawing = chart.picture.drawing
    assert (drawing.panels, len(drawing.cells)) == (2, 2)
    assert drawing.stack_at(1, 1) is None
    place = next(place for place, stack in enumerate(drawing.stacks.stacks) if stack.run == "after")
    assert drawing.part_area(place, 1).left() == drawing.layout.plots[1].left()
    hover(chart, drawing.part_area(place, 1).center())
    assert chart.card.text().startswith("pre-copy round 1 · web-1\n4 s")
    hover(chart, drawing.layout.row_area(0).topLeft() + QPointF(30, 10))
    assert chart.card.isVisible()


def test_the_difference_to_the_first_run_stands_after_the_bar_and_in_the_card(chart: TimeStackChart) -> None:
    quick = result("web-1", segments((Phase.PRE_COPY, "heap", PieceKind.HEAP, 1, 4.0, 100 * MIB)))
    chart.show_runs([run(small(), name="before"), run(quick, name="after")], ())
    words = [[word.text for word in ending] for ending in chart.picture.drawing.labels.endings]
    assert words == [["10 s", "· 500 ms down"], ["4 s", "· −6 s (−60 %)", "· 0 s down (−500 ms)"]]
    assert "as in before" in chart.picture.legend_labels()
    hover(chart, chart.picture.layout_.row_area(1).topLeft() + QPointF(30, 10))
    assert "against before: total −6 s (−60 %), downtime −500 ms (−100 %), sent −800 MiB (−89 %)" in chart.card.text()
    assert "−6 s (−60 %) against the first run" in chart.accessibleDescription()


def test_groups_are_told_with_their_number(chart: TimeStackChart) -> None:
    chart.show_runs([many(6)], ())
    chart.choices.group.choose(Grouping.SOURCE)
    chart.choices.order.choose(Sorting.LONGEST)
    [stack] = chart.picture.stacks.stacks
    assert (stack.label, stack.detail) == ("host-1", "6 migrations")
    hover(chart, chart.picture.layout_.row_area(0).topLeft() + QPointF(30, 10))
    assert chart.card.text().startswith("host-1\n6 migrations\n")


def test_what_is_selected_elsewhere_is_shown(chart: TimeStackChart) -> None:
    chart.show_runs([many(60)], ())
    chart.select({"migration-vm-50"})
    assert 50 in chart.picture.layout_.visible_rows()
    image = chart.picture.grab().toImage()
    row = chart.picture.layout_.row_area(50).toRect()
    assert image.pixelColor(row.left() + 12, row.top() + 2) == LIGHT.accent_soft


def test_the_wheel_zooms_out_until_all_is_seen(chart: TimeStackChart) -> None:
    chart.show_runs([many(400)], ())
    point = QPointF(400, 300)
    none = Qt.MouseButton.NoButton
    for _ in range(40):
        turn = QWheelEvent(
            point, chart.mapToGlobal(point), QPoint(), QPoint(0, -120), none, Qt.KeyboardModifier.ControlModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(chart, turn)
    assert len(chart.picture.layout_.visible_rows()) == 400
    assert not chart.scroll_bar.isVisible()
    assert chart.picture.grab().toImage().pixelColor(400, 300) != LIGHT.surface


def test_the_keys_zoom_and_go_back(chart: TimeStackChart, qtbot: QtBot) -> None:
    chart.show_runs([many(60)], ())
    qtbot.keyClick(chart, Qt.Key.Key_Minus)
    assert chart.picture.layout_.row_area(0).height() < ROW_PX
    qtbot.keyClick(chart, Qt.Key.Key_0)
    assert chart.picture.layout_.row_area(0).height() == ROW_PX


def test_with_patterns_no_two_parts_look_alike_without_colour(chart: TimeStackChart) -> None:
    chart.show_runs([run(of_rounds("db-1", 3))], ())
    chart.choices.show_view(View(Split.PIECE, has_patterns=True))
    drawing = chart.picture.drawing
    styles = {series.kind: brush.style() for series, brush in zip(drawing.stacks.series, drawing.brushes, strict=True)}
    memory = (PieceKind.KERNEL, PieceKind.PAGE_CACHE, PieceKind.HEAP, PieceKind.DATABASE_BUFFERS, PieceKind.HOT_SET)
    assert len({styles[kind] for kind in memory}) == len(memory)


def test_a_double_click_opens_the_migration(chart: TimeStackChart, qtbot: QtBot) -> None:
    chart.show_runs([run(small())], ())
    with qtbot.waitSignal(chart.opened) as opened:
        qtbot.mouseDClick(chart.picture.viewport(), Qt.MouseButton.LeftButton, pos=centre(chart, 0, 1).toPoint())
    assert opened.args[0].vm == "web-1"
