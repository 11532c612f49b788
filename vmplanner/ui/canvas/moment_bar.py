"""Says that the canvas shows how it will be at a moment of the plan, read-only, and leads back to now."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from vmplanner.domain.quantities import format_duration
from vmplanner.planning.moment import Moment
from vmplanner.ui.theme import look, mixed


class MomentBar(QFrame):
    """A strip along its parent's top edge; `back_asked()` is its button."""

    back_asked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.label = QLabel()
        self.back = QPushButton("Back to now")
        self.back.clicked.connect(self.back_asked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 6, 16, 6)
        layout.setSpacing(12)
        layout.addWidget(self.label, 1)
        layout.addWidget(self.back)
        self.hide()
        look.changed.connect(self._dress)
        self._dress()

    def show_moment(self, moment: Moment | None) -> None:
        """None hides the bar."""
        if moment is not None:
            self.label.setText(f"Preview, read-only: as it will be {format_duration(moment.seconds)} into the plan")
        self.setVisible(moment is not None)
        self.place()

    def place(self) -> None:
        """Go to where the bar belongs; the parent calls it when its size has changed."""
        parent = self.parentWidget()
        assert parent is not None
        self.setGeometry(0, 0, parent.width(), self.sizeHint().height())
        self.raise_()

    def _dress(self) -> None:
        theme = look.theme
        self.setStyleSheet(
            f"MomentBar {{ background: {mixed(theme.surface, theme.warn, 0.22).name()};"
            f" border-bottom: 1px solid {theme.warn.name()} }}"
            f"QLabel {{ color: {theme.text.name()}; font-weight: 600 }}"
            f"QPushButton {{ padding: 3px 10px }}"
        )
