"""What holds for tests of the window: they leave no window, timer or Qt thread behind, and Qt never complains."""

import gc
import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import (
    QEvent,
    QMessageLogContext,
    QObject,
    QSettings,
    Qt,
    QThread,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid


@pytest.fixture(autouse=True)
def own_settings(own_folders: Path, qapp: QApplication) -> None:
    """QSettings finds its folder once per process, so it is told of the test's own."""
    for form in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        QSettings.setPath(form, QSettings.Scope.UserScope, str(own_folders / "config"))


@pytest.fixture(autouse=True)
def nothing_left_in_qt(qapp: QApplication, complain: Callable[[str], None]) -> Iterator[None]:
    """Fail a test that leaves a window, a running timer or a running QThread. `qtbot.addWidget` closes windows."""
    before = _living()
    yield
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if _living() - before:
        gc.collect()  # what only reference cycles hold is garbage, not a leak
    if left := _living() - before:
        complain("left in Qt: " + ", ".join(sorted(repr(thing) for thing in left)))


def _living() -> set[QObject]:
    """Windows, running timers and running threads. Tooltips belong to Qt."""
    windows = {w for w in QApplication.topLevelWidgets() if w.windowType() != Qt.WindowType.ToolTip}
    things = [thing for thing in gc.get_objects() if isinstance(thing, QTimer | QThread) and isValid(thing)]
    return windows | {t for t in things if (t.isActive() if isinstance(t, QTimer) else t.isRunning())}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Fail a test when Qt complains while its windows close. pytest-qt listens only until then."""
    complaints: list[str] = []

    def listen(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
        ignored = any(re.search(pattern, message) for pattern in item.config.getini("qt_log_ignore"))
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and not ignored:
            complaints.append(message)

    previous = qInstallMessageHandler(listen)
    try:
        yield
    finally:
        qInstallMessageHandler(previous)
    if complaints:
        pytest.fail("Qt said: " + "; ".join(complaints), pytrace=False)
