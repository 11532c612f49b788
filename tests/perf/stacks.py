"""How long a frame of the time stacks takes: a step of scrolling or zooming, and the painting that follows.

    python tests/perf/stacks.py [--stacks 10000] [--json]

The stacks have 8 series each. They are drawn offscreen in 1600 x 1000 pixels; the figures are medians of `FRAMES`
frames, in milliseconds of CPU. `open_ms` goes from the run to the first whole picture. 30 frames a second are 33 ms.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtWidgets import QApplication

from tests.analysis.runs import of_rounds
from tests.analysis.runs import run as run_of
from vmplanner.analysis.stack_view import Split, View
from vmplanner.ui.charts.time_stack_chart import TimeStackChart
from vmplanner.ui.theme import look

FRAMES = 60
WIDTH, HEIGHT = 1600, 1000


def measure(stacks: int) -> dict[str, float]:
    """Median milliseconds of each kind of frame."""
    run = run_of(*(of_rounds(f"vm-{number}", 2 + number % 3) for number in range(stacks)))
    chart = TimeStackChart()
    chart.resize(WIDTH, HEIGHT)
    chart.show()
    picture, figures = chart.picture, dict[str, float]()
    for name, view in (("", View(Split.PIECE)), ("upright_", View(Split.PIECE, is_vertical=True))):
        chart.choices.show_view(view)
        started = time.process_time()
        chart.show_runs([run], ())
        chart.grab()
        figures[f"{name}open_ms"] = (time.process_time() - started) * 1000
        figures["series"] = len(picture.stacks.series)
        for zoom, where in ((1.0, "near"), (0.3, "half"), (0.0, "far")):
            picture.zoom_to(zoom)
            hidden = picture.layout_.hidden_px
            steps = [hidden * step / FRAMES for step in range(FRAMES)]
            figures[f"{name}scroll_{where}_ms"] = _median(chart, [partial(picture.scroll_to, px) for px in steps])
        zooms = [0.9**step for step in range(FRAMES)]
        figures[f"{name}zoom_ms"] = _median(chart, [partial(picture.zoom_to, zoom) for zoom in zooms])
        picture.zoom_to(1.0)
    return {name: round(value, 1) for name, value in figures.items()}


def _median(chart: TimeStackChart, steps: list[Callable[[], None]]) -> float:
    spent = []
    for step in steps:
        started = time.process_time()
        step()
        chart.picture.grab()
        spent.append((time.process_time() - started) * 1000)
    return statistics.median(spent)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--stacks", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    application = QApplication([])
    look.use(application, "light")
    figures = measure(options.stacks)
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:24} {value:>10}")
    sys.stdout.flush()
    os._exit(0)  # the window's threads need not end in order


if __name__ == "__main__":
    main()
