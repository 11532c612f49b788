"""How long the canvas takes to draw and to follow the hand in a large data centre.

    python tests/perf/canvas.py [--hosts 1000] [--json]

The drawing has 1,000 hosts with 10 VMs each, in racks with a switch, and two links from each host: 10,000 VMs and some
2,000 links. It is drawn offscreen, without a display, in the main window; the canvas has 1600 x 1000 pixels. A frame
is one step of a hand (pan, zoom, drag) and the painting that follows it, to the end; the figures are medians of
`FRAMES` frames, in milliseconds of CPU. `open_s` goes from the file to the first whole picture of the main window.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import QPoint, QPointF, QSize, QStandardPaths, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from vmplanner.domain.groups import Group, GroupKind
from vmplanner.domain.machines import Piece, PieceKind, Profile, Uniform, VirtualMachine
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB, MIB
from vmplanner.domain.topology import Host, Link, Position, Switch
from vmplanner.store import project_file
from vmplanner.ui.application import prepare
from vmplanner.ui.canvas.view import TopologyView
from vmplanner.ui.window import MainWindow

FRAMES = 60
HOSTS_PER_RACK = 20
VMS_PER_HOST = 10
WIDTH, HEIGHT = 1600, 1000
_STEP_X, _STEP_Y = 420.0, 420.0


def datacenter(hosts: int) -> Project:
    """Racks of 20 hosts side by side, each host linked to its rack's switch and to a second one."""
    things: list[Host | Switch | Link | VirtualMachine | Group] = []
    racks = -(-hosts // HOSTS_PER_RACK)
    per_row = max(1, round((racks * HOSTS_PER_RACK) ** 0.5 / 5))
    for rack in range(racks):
        left, top = (rack % per_row) * 5.5 * _STEP_X, (rack // per_row) * 5 * _STEP_Y
        here = range(rack * HOSTS_PER_RACK, min(hosts, (rack + 1) * HOSTS_PER_RACK))
        for side in range(2):
            position = Position(left + (0.5 + 3 * side) * _STEP_X, top - 0.7 * _STEP_Y)
            things.append(Switch(f"switch-{rack}-{side}", f"rack {rack + 1} {'ab'[side]}", position))
        for number in here:
            column, row = number % 5, number % HOSTS_PER_RACK // 5
            things.append(
                Host(
                    f"host-{number}",
                    f"node-{number:04d}",
                    memory_bytes=256 * GIB,
                    position=Position(left + column * _STEP_X, top + row * _STEP_Y),
                )
            )
            for side in range(2):
                things.append(Link(f"link-{number}-{side}", f"host-{number}", f"switch-{rack}-{side}"))
            for slot in range(VMS_PER_HOST):
                things.append(_machine(number, slot))
        members = [f"host-{number}" for number in here]
        things.append(Group(f"rack-{rack}", f"Rack {rack + 1}", GroupKind.RACK, member_ids=tuple(members)))
    return Project.of(*things, name="large")


def _machine(host: int, slot: int) -> VirtualMachine:
    kinds = [PieceKind.HEAP, PieceKind.PAGE_CACHE, PieceKind.DATABASE_BUFFERS, PieceKind.KERNEL]
    profile = Profile(
        "Application",
        (
            Piece("kernel", PieceKind.KERNEL, 200 * MIB, 20.0, Uniform()),
            Piece("data", kinds[(host + slot) % len(kinds)], (1 + slot) * GIB, 500.0, Uniform()),
        ),
    )
    return VirtualMachine(f"vm-{host}-{slot}", f"app-{host}-{slot}", f"host-{host}", (2 + slot) * GIB, profile=profile)


def median_ms(act: Callable[[int], None], times: int = FRAMES) -> float:
    """CPU milliseconds of the median `act(number)`, with the painting that it asks for."""
    taken = []
    for number in range(times):
        QApplication.processEvents()
        begin = time.process_time()
        act(number)
        QApplication.processEvents()
        taken.append(time.process_time() - begin)
    return round(statistics.median(taken) * 1000, 2)


def measure(hosts: int) -> dict[str, float]:
    """All figures for a drawing of so many hosts."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.vmplan"
        project_file.save(datacenter(hosts), path)
        begin = time.process_time()
        window = MainWindow()
        window.resize(WIDTH, HEIGHT)
        window.show()
        window.files.open(path)
        while window.files.disk.is_busy:
            QApplication.processEvents()
        while window.files.disk.is_busy:
            QTest.qWait(1)
        window.grab()
        figures["open_s"] = round(time.process_time() - begin, 2)
        view = window.canvas
        QTest.qWait(500)  # the banner that tells of the file under way goes
        window.resize(window.size() + QSize(WIDTH, HEIGHT) - view.size())
        QTest.qWait(200)
        assert view.size() == QSize(WIDTH, HEIGHT)
        figures |= _frames(view)
        window.document.undo_stack.setClean()
        window.close()
    return figures


def _frames(view: TopologyView) -> dict[str, float]:
    document, figures = view.document, {}

    def paint() -> None:
        view.viewport().repaint()

    def pan(number: int) -> None:
        view.scroll_by(QPoint(9 if number % 20 < 10 else -9, 5 if number % 20 < 10 else -5))
        paint()

    def zoom(number: int) -> None:
        (view.zoom_in if number % 6 < 3 else view.zoom_out)()
        paint()

    view.fit()
    figures["overview_frame_ms"] = median_ms(pan)
    figures["overview_zoom_ms"] = median_ms(zoom)
    view.fit()
    view.reset_zoom()
    figures["closeup_frame_ms"] = median_ms(pan)
    figures["closeup_zoom_ms"] = median_ms(zoom)
    view.fit()
    view.reset_zoom()
    figures["drag_frame_ms"] = _drag(view)
    every = sorted(view.topology.all_ids())

    def select_all(number: int) -> None:
        view.topology.select(every if number % 2 == 0 else ())
        paint()

    view.fit()
    figures["select_all_ms"] = median_ms(select_all, 6)
    hosts = list(document.project.hosts)[:1000]
    view.topology.select(hosts)

    def undo(number: int) -> None:
        (document.undo_stack.undo if number % 2 == 0 else document.undo_stack.redo)()
        paint()

    positions = {host_id: view.topology.node_item(host_id).pos() + QPointF(16, 16) for host_id in hosts}
    view.editor.move_nodes(positions)
    figures["undo_1000_ms"] = median_ms(undo, 6)
    return figures


def _drag(view: TopologyView) -> float:
    """A card follows the mouse over the close-up."""
    viewport = view.viewport()
    shown = view.mapToScene(viewport.rect()).boundingRect()
    host_id = next(
        host_id
        for host_id in view.document.project.hosts
        if shown.contains(view.topology.node_item(host_id).scene_card())
    )
    start = view.mapFromScene(view.topology.node_item(host_id).scene_card().topLeft() + QPointF(60, 8))
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)

    def move(number: int) -> None:
        at = QPointF(start + QPoint(10 + number * 3, 6 + number * 2))
        held = Qt.MouseButton.LeftButton
        event = QMouseEvent(
            QMouseEvent.Type.MouseMove, at, viewport.mapToGlobal(at), held, held, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(viewport, event)
        viewport.repaint()

    taken = median_ms(move)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    QStandardPaths.setTestModeEnabled(True)
    app = QApplication([])
    prepare(app)
    figures = measure(options.hosts)
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:20} {value:10,.2f}")


if __name__ == "__main__":
    main()
