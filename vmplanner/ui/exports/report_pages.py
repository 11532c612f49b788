"""A text with pictures as PDF pages: margins, a title and a number on each, headings that stay with what they head.

Qt sets the text. Pictures are drawn by ourselves where Qt would put an image, so that their lines are lines and their
text is text.
"""

from collections.abc import Mapping

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPyTextObject,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)

from vmplanner.ui.picture_files import Picture, drawn_in
from vmplanner.ui.theme import LIGHT, base_font

_DOTS_PER_INCH = 96
_MM = _DOTS_PER_INCH / 25.4
_SIDE_MM, _TOP_MM, _BOTTOM_MM = 18.0, 20.0, 20.0
_BODY_PX = 12
_SMALL_PX = 9
_INDENT_PX = 16
_HEADING_ROOM_PX = 130.0


def pages(html: str, title: str, below: str, pictures: Mapping[str, Picture]) -> bytes:
    """A PDF file of A4 pages. Images of the HTML are pictures by their names; `below` stands at the foot of pages."""
    with drawn_in("light"):
        document = QTextDocument()
        images = _Images(pictures)
        document.documentLayout().registerHandler(QTextFormat.ObjectTypes.ImageObject.value, images)
        document.setUseDesignMetrics(True)
        document.setDocumentMargin(0)
        document.setIndentWidth(_INDENT_PX)
        document.setDefaultFont(base_font(_BODY_PX))
        document.setHtml(html)
        sheet = QPageSize(QPageSize.PageSizeId.A4).size(QPageSize.Unit.Millimeter) * _MM
        # In whole pixels: Qt rounds, and what should begin a page would end the one before.
        width, height = int(sheet.width() - 2 * _SIDE_MM * _MM), int(sheet.height() - (_TOP_MM + _BOTTOM_MM) * _MM)
        body = QRectF(_SIDE_MM * _MM, _TOP_MM * _MM, width, height)
        document.setPageSize(body.size())
        _keep_headings(document, body.height())
        return _written(document, title, below, sheet, body)


class _Images(QPyTextObject):
    """Draws pictures where the text has images of their names, not wider than the page and not higher."""

    def __init__(self, pictures: Mapping[str, Picture]) -> None:
        super().__init__()
        self._pictures = pictures

    def intrinsicSize(self, document: QTextDocument, _position: int, form: QTextFormat) -> QSizeF:
        picture, page = self._pictures[form.toImageFormat().name()], document.pageSize()
        size = QSizeF(picture.size)
        room = QSizeF(page.width(), page.height() - _HEADING_ROOM_PX)
        return size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio).boundedTo(size)

    def drawObject(
        self, painter: QPainter, rect: QRectF | QRect, _document: QTextDocument, _position: int, form: QTextFormat
    ) -> None:
        place = QRectF(rect)
        if not painter.clipBoundingRect().intersects(place):
            return  # It is on another page.
        picture = self._pictures[form.toImageFormat().name()]
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.fillRect(place, picture.ground)
        picture.paint(painter, place)
        painter.restore()


def _keep_headings(document: QTextDocument, page_px: float) -> None:
    """Begin a page before each heading that would stand at the end of one without what it heads."""
    layout = document.documentLayout()
    block = document.begin().next()
    while block.isValid():
        form = block.blockFormat()
        if form.headingLevel():
            top = layout.blockBoundingRect(block).top()
            picture = _picture_below(block)
            end = layout.blockBoundingRect(picture).bottom() if picture is not None else top + _HEADING_ROOM_PX
            if int(top / page_px) != int((end - 1) / page_px):
                form.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
                form.setTopMargin(0)
                QTextCursor(block).setBlockFormat(form)
                # What Qt lays out anew by itself goes wrong in the tables below.
                document.markContentsDirty(0, document.characterCount())
        block = block.next()


def _picture_below(heading: QTextBlock) -> QTextBlock | None:
    """The picture that comes next below a heading or the paragraph below it."""
    following = heading.next()
    for block in (following, following.next()):
        if block.isValid() and not block.blockFormat().headingLevel() and block.text() == "\ufffc":
            return block
    return None


def _written(document: QTextDocument, title: str, below: str, sheet: QSizeF, body: QRectF) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(title)
    writer.setCreator("vmplanner")
    writer.setResolution(_DOTS_PER_INCH)
    writer.setPageLayout(QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF()))
    painter = QPainter(writer)
    count = document.pageCount()
    for page in range(count):
        if page:
            writer.newPage()
        part = QRectF(0, page * body.height(), body.width(), body.height())
        painter.save()
        painter.translate(body.left(), body.top() - part.top())
        painter.setClipRect(part)
        document.drawContents(painter, part)
        painter.restore()
        _paint_foot(painter, title, below, f"{page + 1} of {count}", sheet, body)
    painter.end()
    buffer.close()
    return bytes(buffer.data().data())


def _paint_foot(painter: QPainter, title: str, below: str, number: str, sheet: QSizeF, body: QRectF) -> None:
    """A line with the title, where it is from, and the number of the page."""
    foot = QRectF(body.left(), body.bottom() + 8 * _MM / 2, body.width(), sheet.height() - body.bottom() - 8 * _MM)
    painter.fillRect(QRectF(foot.left(), foot.top(), foot.width(), 0.5), LIGHT.border)
    painter.setFont(base_font(_SMALL_PX))
    painter.setPen(LIGHT.muted)
    line = foot.adjusted(0, 5, 0, 0)
    painter.drawText(line, Qt.AlignmentFlag.AlignLeft, f"{title}  ·  {below}")
    painter.drawText(line, Qt.AlignmentFlag.AlignRight, number)
