"""A cell that is a progress bar."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from vmplanner.engine.jobs import JobState
from vmplanner.ui.job import Job
from vmplanner.ui.tables.rows import Index, RowModel
from vmplanner.ui.theme import look

_BAR_HEIGHT = 6
_COLOUR = {
    JobState.COMPLETED: "good",
    JobState.FAILED: "bad",
    JobState.LOST: "bad",
    JobState.NOT_CONVERGED: "warn",
    JobState.CANCELLED: "muted",
    JobState.SKIPPED: "muted",
    JobState.UNKNOWN: "bad",
}


class ProgressDelegate(QStyledItemDelegate):
    """Draws how far a job is; what stopped short is filled to where it stopped, in the colour of its ending."""

    def __init__(self, model: RowModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        job: Job = self._model.rows[index.row()]
        text_width = 44
        area = QRectF(option.rect).adjusted(10, 0, -10, 0)  # type: ignore[attr-defined]
        bar = QRectF(area.left(), area.center().y() - _BAR_HEIGHT / 2, area.width() - text_width, _BAR_HEIGHT)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.theme.border)
        painter.drawRoundedRect(bar, _BAR_HEIGHT / 2, _BAR_HEIGHT / 2)
        filled = QRectF(bar)
        filled.setWidth(bar.width() * job.share_done)
        painter.setBrush(getattr(look.theme, _COLOUR.get(job.state, "accent")))
        if filled.width() > 1:
            painter.drawRoundedRect(filled, _BAR_HEIGHT / 2, _BAR_HEIGHT / 2)
        painter.setPen(look.theme.muted)
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, job.progress_text)
        painter.restore()
