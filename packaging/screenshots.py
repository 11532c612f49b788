"""Makes the pictures of the README: the window with a shipped example, as it is, without a screen.

.venv/bin/python packaging/screenshots.py [FOLDER]
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp()

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from vmplanner.ui.application import prepare
from vmplanner.ui.theme import look
from vmplanner.ui.window import PLAN, STACKS, TOPOLOGY, MainWindow

BEFORE_THE_RUN = (("topology", "light", TOPOLOGY), ("plan", "light", PLAN))
AFTER_THE_RUN = (("time-stacks", "dark", STACKS),)


def wait_for(condition: Callable[[], bool]) -> None:
    """Let the application work until it is so."""
    while not condition():
        QTest.qWait(20)


def grab(application: QApplication, window: MainWindow, folder: Path, name: str, theme: str, page: int) -> None:
    """Write one page in one look to FOLDER/NAME.png."""
    look.use(application, theme)
    window.tabs.setCurrentIndex(page)
    window.canvas.fit()
    QTest.qWait(300)
    window.grab().save(str(folder / f"{name}.png"))


def main(folder: Path) -> None:
    """Grab the pages of the example, the later ones after a run."""
    application = QApplication([])
    prepare(application)
    window = MainWindow()
    window.resize(1280, 800)
    window.show()
    window.files.new_from_example("evacuate-a-rack")
    wait_for(lambda: window.plan_page.table.model().rows[0].forecast is not None)
    database = next(machine.id for machine in window.document.project.machines.values() if machine.name == "orders-db")
    window.selection.select([database])
    folder.mkdir(parents=True, exist_ok=True)
    for picture in BEFORE_THE_RUN:
        grab(application, window, folder, *picture)
    window.run_page.speed.setCurrentIndex(window.run_page.speed.count() - 1)
    window.run_plan()
    wait_for(lambda: bool(window.document.project.runs))
    window.statusBar().clearMessage()
    for picture in AFTER_THE_RUN:
        grab(application, window, folder, *picture)
    window.document.saved(Path("example.vmplan"))
    window.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "screenshots")
