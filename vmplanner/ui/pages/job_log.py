"""The log of the migration that is picked in the table of a run."""

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from vmplanner.ui.job import Job
from vmplanner.ui.job_words import log_text


class JobLog(QWidget):
    """Its lines are in words, each after its time on the run's clock; all of it can be copied."""

    def __init__(self) -> None:
        super().__init__()
        self._job: Job | None = None
        heading = QLabel("LOG")
        heading.setProperty("role", "section")
        self.copy = QPushButton("Copy the log")
        self.copy.setProperty("role", "small")
        self.copy.setToolTip("Copy the whole log of this migration as text")
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text))
        self._lines = QPlainTextEdit()
        self._lines.setReadOnly(True)
        self._lines.setAccessibleName("Log of the selected migration")
        self._lines.setFrameShape(QFrame.Shape.NoFrame)
        self._lines.setProperty("role", "framed")
        head = QHBoxLayout()
        head.addWidget(heading, 1)
        head.addWidget(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self._lines, 1)
        self.hide()

    @property
    def text(self) -> str:
        return log_text(self._job) if self._job is not None else ""

    def show_job(self, job: Job | None) -> None:
        """The log of another migration; None hides it."""
        self._job = job
        self.setVisible(job is not None)
        self.refresh()

    def refresh(self) -> None:
        """Something may have happened to the migration. Who has scrolled or selected something keeps it."""
        text = self.text
        if not self.isVisible() or text == self._lines.toPlainText() or self._lines.textCursor().hasSelection():
            return
        bar = self._lines.verticalScrollBar()
        place, was_at_end = bar.value(), bar.value() >= bar.maximum()
        self._lines.setPlainText(text)
        bar.setValue(bar.maximum() if was_at_end else place)
