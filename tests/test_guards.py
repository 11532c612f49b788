"""The suite notices what a test leaves behind: each guard in conftest.py fails the test it should, and no other."""

import shutil
from pathlib import Path

import pytest

pytest_plugins = "pytester"

HERE = Path(__file__).parent

LEAKS = """
import logging, os, threading, warnings
from pathlib import Path

def leave_thread():
    threading.Thread(target=threading.Event().wait, name="forgotten", daemon=True).start()

def test_thread_left():
    leave_thread()

def test_thread_of_a_failed_test_is_not_told_twice():
    leave_thread()
    assert False

def test_thread_that_ends_soon():
    threading.Timer(0.1, int).start()

def test_exception_in_a_thread():
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()

def test_logged():
    logging.getLogger("vmplanner").warning("disk is %s", "full")

def test_logged_as_expected(caplog):
    logging.getLogger("vmplanner").warning("disk is full")

def test_warned():
    warnings.warn("old", DeprecationWarning)

def test_file_left_open():
    open(__file__)

def test_settings_are_written():
    for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
        folder = Path(os.environ[f"XDG_{kind}_HOME"])
        assert not folder.exists()
        folder.mkdir()

test_settings_are_written_again = test_settings_are_written
"""


def test_threads_logs_and_warnings_fail_the_test_that_leaves_them(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    shutil.copy(HERE.parent / "pyproject.toml", pytester.path)
    tests = pytester.mkdir("tests")
    shutil.copy(HERE / "conftest.py", tests)
    (tests / "test_leaks.py").write_text(LEAKS)
    result = pytester.runpytest_subprocess("-rA")
    result.assert_outcomes(passed=6, failed=4, errors=2)
    result.stdout.fnmatch_lines_random(
        [
            "ERROR *::test_thread_left - *threads left running: forgotten",
            "ERROR *::test_logged - *logged: WARNING vmplanner: disk is full",
            "FAILED *::test_thread_of_a_failed_test_is_not_told_twice - *",
            "FAILED *::test_exception_in_a_thread - *PytestUnhandledThreadExceptionWarning*",
            "FAILED *::test_warned - DeprecationWarning: old",
            "FAILED *::test_file_left_open - *PytestUnraisableExceptionWarning*",
        ]
    )
