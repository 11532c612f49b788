"""The bars of the hosts' memory: whole rows, and the last one within reach."""

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from vmplanner.domain.quantities import GIB
from vmplanner.ui.charts.host_bars import AXIS_PX, ROW_PX, HostBars, HostUse


def test_rows_are_never_cut_and_the_last_is_reached(qtbot: QtBot) -> None:
    bars = HostBars()
    qtbot.addWidget(bars)
    bars.resize(500, AXIS_PX + 2 * ROW_PX + ROW_PX // 2)
    bars.show_uses(tuple(HostUse(f"h{n}", f"h{n}", 8 * GIB, 0, n * GIB, 0, 0) for n in range(5)), "now")
    bars.show()
    assert bars.verticalScrollBar().maximum() == 3
    bars.verticalScrollBar().setValue(3)
    QTest.mouseMove(bars.viewport(), QPoint(40, AXIS_PX + ROW_PX + 5))
    assert bars.card.text().startswith("h4, 8 GiB")
    QTest.mouseMove(bars.viewport(), QPoint(40, AXIS_PX + 2 * ROW_PX + 5))
    assert not bars.card.isVisible()
