"""How smoothly the window goes on while 1,000 migrations run at once.

    python tests/perf/monitor.py [--jobs 1000] [--seconds 10] [--json]

The real window, offscreen, runs a plan of 1,000 migrations at ten times real time, all of them under way. A person
meanwhile picks rows of the table, turns the wheel over it and goes to the timeline and back. A frame is what the window
does between two beats of a clock that asks for 30 a second: the news of the run, what the person did, and painting.
Printed are the median and the worst frame in milliseconds, by the clock on the wall and of CPU of the GUI's thread, how
many beats came in a second, and how long the person waited at most for an answer.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import QCoreApplication, QEvent, QItemSelectionModel, QObject, QSettings, QStandardPaths, QTimer
from PySide6.QtWidgets import QApplication

from vmplanner.domain.machines import Piece, PieceKind, Profile, VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB, MIB
from vmplanner.domain.topology import Host, Link, Position, Switch
from vmplanner.engine.jobs import JobState
from vmplanner.ui.application import prepare
from vmplanner.ui.pages.run_page import Shown
from vmplanner.ui.window import MainWindow

FRAME_MS = 33
PAIRS = 50


def fleet(jobs: int) -> Project:
    """Pairs of hosts on one switch; from one of each pair VMs move to the other, all at once, for many minutes."""
    profile = Profile(
        "Application",
        (
            Piece("kernel", PieceKind.KERNEL, 200 * MIB, 20.0),
            Piece("heap", PieceKind.HEAP, 4 * GIB, 200.0),
            Piece("cache", PieceKind.PAGE_CACHE, 3 * GIB, 5.0),
        ),
    )
    hosts = [
        Host(f"host-{n}", f"h{n}", memory_bytes=4096 * GIB, position=Position(n % 10 * 420, n // 10 * 420))
        for n in range(2 * PAIRS)
    ]
    links = [Link(f"link-{n}", f"host-{n}", "switch-1", 125e6) for n in range(2 * PAIRS)]
    vms = [VirtualMachine(f"vm-{n}", f"app-{n}", f"host-{n % PAIRS}", 8 * GIB, profile=profile) for n in range(jobs)]
    moves = [Migration(f"migration-{n}", f"vm-{n}", f"host-{PAIRS + n % PAIRS}") for n in range(jobs)]
    plan = Plan("plan-1", "Plan", moves, max_concurrent=jobs, max_concurrent_per_host=jobs)
    return Project.of(*hosts, Switch("switch-1", "core", Position(2000, -500)), *links, *vms, plan, name="fleet")


class Frames(QObject):
    """Beats 30 times a second, and measures how late each beat is and what the thread did since the one before."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps_s: list[float] = []
        self.cpu_s: list[float] = []
        self.answers_s: list[float] = []
        self._last, self._last_cpu = time.perf_counter(), time.thread_time()
        self._timer = QTimer(self, interval=FRAME_MS)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now, cpu = time.perf_counter(), time.thread_time()
        self.gaps_s.append(now - self._last)
        self.cpu_s.append(cpu - self._last_cpu)
        self._last, self._last_cpu = now, cpu
        QCoreApplication.postEvent(self, _Asked(now))

    def event(self, event: QEvent) -> bool:
        """An input: how long it waits for its turn."""
        if isinstance(event, _Asked):
            self.answers_s.append(time.perf_counter() - event.at)
            return True
        return super().event(event)


class _Asked(QEvent):
    def __init__(self, at: float) -> None:
        super().__init__(QEvent.Type.User)
        self.at = at


def measure(jobs: int, seconds: float) -> dict[str, float]:
    """The figures of a run of so many migrations, watched for so long."""
    window = MainWindow()
    window.resize(1600, 1000)
    window.show()
    window.document.open(fleet(jobs), None)
    page = window.run_page
    page.speed.setCurrentIndex(1)
    window.run_plan()
    deadline = time.monotonic() + 300
    while window.monitor.count(JobState.RUNNING) < jobs or not any(j.bytes_per_s for j in window.monitor.jobs.values()):
        QApplication.processEvents()
        assert time.monotonic() < deadline, "the run did not get under way"
    for _ in range(60):
        QApplication.processEvents()
        time.sleep(0.01)
    frames, begin, acts = Frames(), time.monotonic(), 0
    while time.monotonic() - begin < seconds:
        QApplication.processEvents()
        if time.monotonic() - begin > acts * 0.2:
            acts += 1
            row = acts * 37 % jobs
            index, flag = page.table.model().index(row, 0), QItemSelectionModel.SelectionFlag
            page.table.selectionModel().select(index, flag.ClearAndSelect | flag.Rows)
            page.table.verticalScrollBar().setValue(row)
            if acts % 15 == 0:
                page.switch.choose(Shown.TIMELINE if page.switch.value is Shown.TABLE else Shown.TABLE)
        time.sleep(0.001)
    running = window.monitor.count(JobState.RUNNING)
    window.engine.stop()
    window.document.undo_stack.setClean()
    window.document.open(Project(), None)
    window.close()
    gaps, cpu = frames.gaps_s[1:], frames.cpu_s[1:]
    return {
        "running": running,
        "median_ms": round(statistics.median(gaps) * 1000, 1),
        "worst_ms": round(max(gaps) * 1000, 1),
        "median_cpu_ms": round(statistics.median(cpu) * 1000, 1),
        "worst_cpu_ms": round(max(cpu) * 1000, 1),
        "beats_per_s": round(len(gaps) / seconds, 1),
        "worst_answer_ms": round(max(frames.answers_s) * 1000, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        QStandardPaths.setTestModeEnabled(True)
        QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, folder)
        app = QApplication([])
        prepare(app)
        figures = measure(options.jobs, options.seconds)
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:18} {value:8,.1f}")


if __name__ == "__main__":
    main()
