"""What holds for every test: settings of its own, and nothing left behind.

A test that passes but leaves a thread running or logs a warning fails all the same: what is left disturbs the tests
after it. Tests of the window have more such guards, in ui/conftest.py. Nothing here needs Qt.
"""

import logging
import os
import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import hypothesis
import pytest

# Pictures need no screen. Qt reads this when its application starts.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")

_JOIN_S = 1.0
_PASSED = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Know pytest-qt's settings in pyproject.toml where it is not installed: model tests run without Qt."""
    if not pluginmanager.hasplugin("pytest-qt"):
        for name in ("qt_api", "qt_log_level_fail", "qt_log_ignore"):
            parser.addini(name, "without meaning here: pytest-qt is not installed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember whether the test passed."""
    report = yield
    if report.when == "call":
        item.stash[_PASSED] = report.passed
    return report


@pytest.fixture
def complain(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Fail a test that passed so far. One that failed has said enough, and its traceback keeps objects alive."""

    def complain(message: str) -> None:
        if request.node.stash.get(_PASSED, False):
            pytest.fail(message, pytrace=False)

    return complain


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, state, data and cache of this test alone. Returns the folder that holds them."""
    folders = tmp_path_factory.mktemp("user")
    for kind in ("config", "data", "state", "cache"):
        monkeypatch.setenv(f"XDG_{kind.upper()}_HOME", str(folders / kind))
    (folders / "runtime").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folders / "runtime"))
    return folders


@pytest.fixture(autouse=True)
def no_threads_left(complain: Callable[[str], None]) -> Iterator[None]:
    """Fail a test whose threads outlive it."""
    before = set(threading.enumerate())
    yield
    # Python never forgets a foreign thread (one of Qt's) that once ran its code; such an entry says nothing.
    left = [t for t in threading.enumerate() if t not in before and not isinstance(t, threading._DummyThread)]
    for thread in left:
        thread.join(_JOIN_S / len(left))
    if alive := [thread.name for thread in left if thread.is_alive()]:
        complain("threads left running: " + ", ".join(alive))


class _Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def no_stray_logs(request: pytest.FixtureRequest, complain: Callable[[str], None]) -> Iterator[None]:
    """Fail a test that logs a warning or worse, unless it asks for `caplog` to look at its logs."""
    warnings = _Warnings()
    logging.getLogger().addHandler(warnings)
    yield
    logging.getLogger().removeHandler(warnings)
    if warnings.lines and "caplog" not in request.fixturenames:
        complain("logged: " + "; ".join(warnings.lines))
