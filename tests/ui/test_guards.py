"""The suite notices what a test leaves in Qt: each guard in conftest.py fails the test it should, and no other."""

import shutil
from pathlib import Path

import pytest

pytest_plugins = "pytester"

HERE = Path(__file__).parent

LEAKS = """
from PySide6.QtCore import QSettings, QThread, QTimer, qWarning
from PySide6.QtWidgets import QDialog, QWidget

kept = []

def keep(thing):
    kept.append(thing)
    return thing

def test_window_left():
    keep(QDialog()).show()

def test_window_closed_by_qtbot(qtbot):
    window = keep(QWidget())
    qtbot.addWidget(window)
    window.show()

def test_window_in_a_cycle():
    window = QWidget()
    window.me = window

def test_timer_left():
    keep(QTimer()).start(10_000)

def test_timer_stopped():
    timer = keep(QTimer())
    timer.start(10_000)
    timer.stop()

def test_thread_left():
    keep(QThread()).start()

def test_thread_ended():
    kept[-1].quit()
    assert kept[-1].wait(5000)

def test_complaint():
    qWarning("no such slot")

def test_complaint_while_closing(qtbot):
    class Window(QWidget):
        def closeEvent(self, event):
            qWarning("closed twice")
    qtbot.addWidget(keep(Window()))

def test_raise_is_not_supported_offscreen(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    window.raise_()

def test_exception_in_a_slot():
    QTimer.singleShot(0, lambda: 1 / 0)

def test_settings_are_written():
    settings = QSettings("vmplanner", "vmplanner")
    assert not settings.contains("width")
    settings.setValue("width", 3)

test_settings_are_written_again = test_settings_are_written
"""


def test_windows_timers_threads_and_complaints_fail_the_test_that_leaves_them(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    shutil.copy(HERE.parent.parent / "pyproject.toml", pytester.path)
    ui = pytester.mkdir("tests") / "ui"
    ui.mkdir()
    shutil.copy(HERE.parent / "conftest.py", ui.parent)
    shutil.copy(HERE / "conftest.py", ui)
    (ui / "test_leaks.py").write_text(LEAKS)
    result = pytester.runpytest_subprocess("-rA")
    result.assert_outcomes(passed=11, failed=2, errors=4)
    result.stdout.fnmatch_lines_random(
        [
            "ERROR *::test_window_left - *left in Qt: *QDialog*",
            "ERROR *::test_timer_left - *left in Qt: *QTimer*",
            "ERROR *::test_thread_left - *left in Qt: *QThread*",
            "ERROR *::test_complaint_while_closing - *Qt said: closed twice",
            "*QtWarningMsg: no such slot",
            "FAILED *::test_exception_in_a_slot - *ZeroDivisionError*",
        ]
    )
