"""Anything that can be painted as a picture in a file: PNG, or SVG and PDF with lines as lines and text as text.

Such a file needs no other: PDF holds its fonts, SVG names what may stand in for its font.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from attrs import frozen
from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSize, QSizeF
from PySide6.QtGui import QColor, QImage, QImageWriter, QPageSize, QPaintDevice, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.quantities import grouped
from vmplanner.ui.theme import DARK, LIGHT, Theme, base_font, look

PICTURE_FORMATS = ("svg", "pdf", "png")
"""The endings of files that a picture can be."""

MOST_PX = 32_000
_DOTS_PER_INCH = 96


@contextmanager
def drawn_in(theme_name: str) -> Iterator[Theme]:
    """Meanwhile everything is drawn for a file, in the theme 'light' or 'dark'. No window notices."""
    before = look.theme, look.is_on_paper
    look.theme, look.is_on_paper = DARK if theme_name == "dark" else LIGHT, True
    try:
        yield look.theme
    finally:
        look.theme, look.is_on_paper = before


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
        try:
            painter.fillRect(area, self.ground)
            self.paint(painter, area)
        finally:
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

    def rendered(self, format: str, scale: float) -> bytes:
        """The bytes of a file in one of PICTURE_FORMATS; `scale` is for PNG. Raises PlannerError."""
        match format:
            case "svg":
                return self.svg()
            case "pdf":
                return self.pdf()
            case "png":
                return self.png(scale)
        raise PlannerError(f"'{format}' is not a format for a picture; use {', '.join(PICTURE_FORMATS)}.")

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
