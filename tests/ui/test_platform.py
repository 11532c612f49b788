"""Qt starts on a real X server too: packaging/test has brought every library that its xcb platform needs."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

SHOW_A_WINDOW = """
from PySide6.QtWidgets import QApplication, QWidget
application = QApplication([])
window = QWidget()
window.show()
application.processEvents()
print(application.platformName(), window.isVisible())
"""


@pytest.fixture
def x_display() -> Iterator[str]:
    """The name of an X display in memory."""
    with subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-nolisten", "tcp"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        yield ":" + server.stdout.readline().strip()
        server.terminate()


def test_window_opens_on_x(x_display: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SHOW_A_WINDOW],
        env={**os.environ, "DISPLAY": x_display, "QT_QPA_PLATFORM": "xcb"},
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("xcb True\n", "")
