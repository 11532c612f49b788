"""A small picture of a whole drawing, to know a project by before it is opened."""

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QPainter, QPixmap

from vmplanner.domain.project import Project
from vmplanner.ui.canvas.scene import TopologyScene
from vmplanner.ui.document import Document
from vmplanner.ui.theme import look

_MARGIN = 24


def picture_of(project: Project, size: QSize, device_pixel_ratio: float = 1.0) -> QPixmap:
    """The topology of a project, as the canvas draws it, in the colours of the present theme."""
    pixmap = QPixmap(size * device_pixel_ratio)
    pixmap.setDevicePixelRatio(device_pixel_ratio)
    pixmap.fill(look.theme.window)
    document = Document()
    document.open(project, None)
    scene = TopologyScene(document, document)
    scene.settle()
    content = scene.content_rect().adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
    area = QRectF(QPointF(), content.size().scaled(QSizeF(size), Qt.AspectRatioMode.KeepAspectRatio))
    area.moveCenter(QRectF(QPointF(), QSizeF(size)).center())
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    scene.render(painter, area, content)
    painter.end()
    scene.deleteLater()
    document.deleteLater()
    return pixmap
