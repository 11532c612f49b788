"""Anything that can be painted as a picture in a file: PNG, or SVG and PDF with lines as lines and text as text.

Such a file needs no other: PDF holds its fonts, SVG names what may stand in for its font.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from attrs import frozen
from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSize, QSizeF
from PySide6.QtGui import QColor, QImage, QImageWriter, QPageSize, QPaintDevice, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.quantities import grouped
from vmplanner.ui.theme import base_font

MOST_PX = 32_000
_DOTS_PER_INCH = 96


@frozen
class Picture:
    """`paint` fills a rectangle of `size` pixels, at scale 1, on `ground`; it may be given a larger or smaller one."""

    size: QSize
    ground: QColor
    paint: Callable[[QPainter, QRectF], None]
    title: str
    description: str = ""

    def _on(self, device: QPaintDevice, area: QRectF) -> None:
        painter = QPainter(device)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.fillRect(area, self.ground)
        self.paint(painter, area)
        painter.end()

    def image(self, scale: float) -> QImage:
        """As pixels. Raises PlannerError when there would be too many."""
        pixels = self.size * scale
        if max(pixels.width(), pixels.height()) > MOST_PX:
            raise PlannerError(
                f"A picture of '{self.title}' would be {grouped(pixels.width())} x {grouped(pixels.height())} pixels, "
                f"more than {grouped(MOST_PX)} in one direction; choose a smaller scale or another format."
            )
        image = QImage(pixels, QImage.Format.Format_RGB32)
        self._on(image, QRectF(image.rect()))
        return image

    def png(self, scale: float) -> bytes:
        buffer = QBuffer()
        QImageWriter(buffer, b"png").write(self.image(scale))
        return bytes(buffer.data().data())

    def svg(self) -> bytes:
        buffer, area = QBuffer(), QRectF(0, 0, self.size.width(), self.size.height())
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setResolution(_DOTS_PER_INCH)
        generator.setSize(self.size)
        generator.setViewBox(area)
        generator.setTitle(self.title)
        generator.setDescription(self.description)
        self._on(generator, area)
        family = base_font().family()
        fallbacks = f"font-family=\"{family}, 'Segoe UI', 'Helvetica Neue', sans-serif\""
        return bytes(buffer.data().data()).replace(f'font-family="{family}"'.encode(), fallbacks.encode())

    def pdf(self) -> bytes:
        """One page of the picture's own size."""
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        writer = QPdfWriter(buffer)
        writer.setTitle(self.title)
        writer.setCreator("vmplanner")
        writer.setResolution(_DOTS_PER_INCH)
        inches = QSizeF(self.size.width() / _DOTS_PER_INCH, self.size.height() / _DOTS_PER_INCH)
        writer.setPageSize(QPageSize(inches, QPageSize.Unit.Inch))
        writer.setPageMargins(QMarginsF())
        self._on(writer, QRectF(0, 0, self.size.width(), self.size.height()))
        buffer.close()
        return bytes(buffer.data().data())


def write_whole(path: Path, content: bytes, what: str) -> None:
    """Write beside `path` and take its place at the end; `what` is its name ("The drawing"). Raises PlannerError."""
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
        raise PlannerError(f"{what} can't be written to '{path}': {reason}. Choose another place or name.") from error
