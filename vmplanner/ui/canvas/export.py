"""The drawing as a file (PNG, SVG, PDF) or an image: drawn afresh, whatever a window happens to show of it."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import shiboken6
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QGraphicsItem

from vmplanner.domain.clips import clip
from vmplanner.domain.edits import delete
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.interchange.files.whole import write_whole
from vmplanner.ui.canvas.scene import TopologyScene
from vmplanner.ui.document import Document
from vmplanner.ui.picture_files import Picture, drawn_in

_AROUND = 48


def export_drawing(
    project: Project,
    path: Path,
    format: str,
    *,
    theme_name: str = "light",
    scale: float = 2.0,
    only: Collection[str] | None = None,
) -> None:
    """Write the drawing to `path` in one of PICTURE_FORMATS; `scale` is for PNG. `only` these things, VMs with their
    hosts; None: everything. Needs a QApplication. Raises PlannerError when there is nothing to draw, the picture is too
    large or the file can't be written.
    """
    with drawing_picture(project, theme_name, only) as picture:
        content = picture.rendered(format, scale)
    write_whole(path, content, "The drawing")


def drawing_image(project: Project, *, theme_name: str, scale: float, only: Collection[str] | None = None) -> QImage:
    """The drawing as pixels, see export_drawing."""
    with drawing_picture(project, theme_name, only) as picture:
        return picture.image(scale)


@contextmanager
def drawing_picture(project: Project, theme_name: str, only: Collection[str] | None = None) -> Iterator[Picture]:
    """The drawing in a scene of its own. It goes at the end: the garbage collector may run in another thread."""
    shown = project if only is None else _part(project, only)
    if not (shown.hosts or shown.switches or shown.storages):
        raise PlannerError("There is nothing to draw yet; add a host, or select what shall be in the picture.")
    document = Document()
    document.open(shown, None)
    with drawn_in(theme_name) as theme:
        scene = TopologyScene(document)
        try:
            for item in scene.items():
                item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
            scene.settle()
            area = scene.content_rect().adjusted(-_AROUND, -_AROUND, _AROUND, _AROUND).toAlignedRect()

            def paint(painter: QPainter, target: QRectF) -> None:
                # Things show less of themselves the smaller they are drawn, but not for what the view adds.
                whole = QRectF(0, 0, area.width(), area.height())
                place = painter.worldTransform().mapRect(target).toRect()
                painter.save()
                painter.resetTransform()
                painter.setWindow(whole.toRect())
                painter.setViewport(place)
                scene.render(painter, whole, QRectF(area))
                painter.restore()

            yield Picture(area.size(), theme.window, paint, project.name, "Topology drawn with vmplanner")
        finally:
            shiboken6.delete(scene)
            shiboken6.delete(document)


def _part(project: Project, only: Collection[str]) -> Project:
    """The project with these things alone."""
    copied = clip(project, only)
    hosts = {machine.host_id for machine in copied.part.machines.values()}
    return copied.part.applied(delete(copied.part, copied.context - hosts))
