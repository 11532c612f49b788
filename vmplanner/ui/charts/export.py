"""The time stacks of a run as a file: a picture (PNG, SVG) of all rows with title and legend, or the numbers (CSV).

A picture is drawn afresh, off the screen and in a theme of its own, whatever a window happens to show.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import shiboken6
from attrs import frozen
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter

from vmplanner.analysis.compare import Comparison
from vmplanner.analysis.time_stacks import Measure, Split, time_stacks, write_csv
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.results import ReferenceFigure, Run
from vmplanner.ui.charts import captions
from vmplanner.ui.charts.time_stack_picture import TimeStackPicture, Title
from vmplanner.ui.picture_files import Picture, write_whole
from vmplanner.ui.theme import DARK, LIGHT


@frozen
class Order:
    """What should be exported and how. `width_px` is a picture's width at scale 1; its height follows from the rows."""

    run: Run
    figures: tuple[ReferenceFigure, ...]
    by: Split
    measure: Measure
    comparisons: Mapping[str, Comparison]
    theme_name: str
    width_px: int
    scale: float

    @property
    def title(self) -> Title:
        what = f"{captions.SPLIT_TITLES[self.by]}, {captions.MEASURE_TITLES[self.measure].lower()}"
        return Title(self.run.name, f"Time stacks of {self.run.plan_name} · {self.run.backend} · {what.lower()}")

    @contextmanager
    def picture(self) -> Iterator[Picture]:
        """The whole picture, laid out.

        It goes at the end: left to the garbage collector it could be destroyed from another thread, which Qt forbids.
        """
        stacks = TimeStackPicture(DARK if self.theme_name == "dark" else LIGHT, self.title)
        stacks.set_stacks(time_stacks(self.run, self.by, self.comparisons), self.figures)
        stacks.set_measure(self.measure)
        size = QSize(self.width_px, round(stacks.lay_out(self.width_px)))

        def paint(painter: QPainter, area: QRectF) -> None:
            stacks.scene().render(painter, area, QRectF(0, 0, size.width(), size.height()))

        try:
            yield Picture(size, stacks.backgroundBrush().color(), paint, self.title.text, self.title.below)
        finally:
            shiboken6.delete(stacks)


@frozen
class Format:
    """A kind of file: its name (also the file's ending), how a file dialog names it, and what makes its bytes."""

    name: str
    title: str
    render: Callable[[Order], bytes]


def export_time_stacks(
    run: Run,
    figures: Iterable[ReferenceFigure],
    path: Path,
    format: str,
    *,
    theme_name: str = "light",
    by: Split = Split.PHASE,
    measure: Measure = Measure.SECONDS,
    comparisons: Mapping[str, Comparison] | None = None,
    width_px: int = 1200,
    scale: float = 2.0,
) -> None:
    """Write the time stacks of `run` to `path` in one of FORMATS, with what migrations save against a plain pre-copy
    where `comparisons` says so. CSV takes no notice of how a picture should look.

    Pictures need a QApplication that the caller has made (see ui.headless); nothing global is created or changed. The
    file takes the place of an older one only when it is complete. Raises PlannerError when the format is unknown, the
    picture too large or the file can't be written.
    """
    if format not in FORMATS:
        raise PlannerError(f"'{format}' is not a format for time stacks; use {', '.join(FORMATS)}.")
    order = Order(run, tuple(figures), by, measure, comparisons or {}, theme_name, width_px, scale)
    write_whole(path, FORMATS[format].render(order), "The time stacks")


def _png(order: Order) -> bytes:
    with order.picture() as picture:
        return picture.png(order.scale)


def _svg(order: Order) -> bytes:
    with order.picture() as picture:
        return picture.svg()


def _csv(order: Order) -> bytes:
    stream = io.StringIO(newline="")
    write_csv(order.run, stream)
    return stream.getvalue().encode()


FORMATS = {
    one.name: one
    for one in (
        Format("png", "PNG picture", _png),
        Format("svg", "SVG drawing", _svg),
        Format("csv", "CSV table of segments", _csv),
    )
}
