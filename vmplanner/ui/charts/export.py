"""The time stacks of a run as a file: a picture (PNG, SVG) of all rows with title and legend, or the numbers (CSV).

A picture is drawn afresh, off the screen and in a theme of its own, whatever a window happens to show.
"""

import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import shiboken6
from attrs import frozen
from PySide6.QtCore import QBuffer, QRectF, QSize
from PySide6.QtGui import QImage, QImageWriter, QPaintDevice, QPainter
from PySide6.QtSvg import QSvgGenerator

from vmplanner.analysis.compare import Comparison
from vmplanner.analysis.time_stacks import Measure, Split, time_stacks, write_csv
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.quantities import grouped
from vmplanner.domain.results import ReferenceFigure, Run
from vmplanner.ui.charts import captions
from vmplanner.ui.charts.time_stack_picture import TimeStackPicture, Title
from vmplanner.ui.theme import DARK, LIGHT, base_font

_MOST_PNG_PX = 32_000
_SVG_DOTS_PER_INCH = 96


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
    def picture(self) -> Iterator[tuple[TimeStackPicture, QSize]]:
        """The whole picture, laid out, and its size in pixels at scale 1.

        It goes at the end: left to the garbage collector it could be destroyed from another thread, which Qt forbids.
        """
        picture = TimeStackPicture(DARK if self.theme_name == "dark" else LIGHT, self.title)
        picture.set_stacks(time_stacks(self.run, self.by, self.comparisons), self.figures)
        picture.set_measure(self.measure)
        try:
            yield picture, QSize(self.width_px, round(picture.lay_out(self.width_px)))
        finally:
            shiboken6.delete(picture)


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
    _write_whole(path, FORMATS[format].render(order))


def _png(order: Order) -> bytes:
    with order.picture() as (picture, size):
        pixels = size * order.scale
        if max(pixels.width(), pixels.height()) > _MOST_PNG_PX:
            raise PlannerError(
                f"A PNG of {grouped(len(order.run.results))} migrations would be {grouped(pixels.height())} pixels "
                f"high, more than {grouped(_MOST_PNG_PX)}; export SVG or CSV, or choose a smaller scale."
            )
        image = QImage(pixels, QImage.Format.Format_RGB32)
        _draw(picture, size, image, QRectF(image.rect()))
    buffer = QBuffer()
    QImageWriter(buffer, b"png").write(image)
    return bytes(buffer.data().data())


def _svg(order: Order) -> bytes:
    buffer = QBuffer()
    with order.picture() as (picture, size):
        area = QRectF(0, 0, size.width(), size.height())
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setResolution(_SVG_DOTS_PER_INCH)
        generator.setSize(size)
        generator.setViewBox(area)
        generator.setTitle(order.title.text)
        generator.setDescription(order.title.below)
        _draw(picture, size, generator, area)
    family = base_font().family()
    fallbacks = f"font-family=\"{family}, 'Segoe UI', 'Helvetica Neue', sans-serif\""
    return bytes(buffer.data().data()).replace(f'font-family="{family}"'.encode(), fallbacks.encode())


def _draw(picture: TimeStackPicture, size: QSize, device: QPaintDevice, area: QRectF) -> None:
    """Paint the whole picture over `area` of a device."""
    painter = QPainter(device)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    painter.fillRect(area, picture.backgroundBrush().color())
    picture.scene().render(painter, area, QRectF(0, 0, size.width(), size.height()))
    painter.end()


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


def _write_whole(path: Path, content: bytes) -> None:
    """Write beside `path` and take its place at the end. Raises PlannerError."""
    if path.is_dir() or not path.name:
        raise PlannerError(f"{path} can't be written: it is a folder; give the name of a file")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        reason = (error.strerror or str(error)).lower()
        raise PlannerError(
            f"The time stacks can't be written to '{path}': {reason}. Choose another place or name."
        ) from error
