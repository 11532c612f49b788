"""Where the content of a dialog has more lines than there is room for: it scrolls, and the buttons below it stay."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

_LEAST_PX = 96


class Scrolled(QScrollArea):
    """Shows one widget, as wide as that needs, and scrolls it up and down."""

    def __init__(self, content: QWidget | None = None) -> None:
        super().__init__(widgetResizable=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        if content is not None:
            self.setWidget(content)

    def minimumSizeHint(self) -> QSize:
        content = self.widget()
        needed = content.minimumSizeHint() if content is not None else QSize()
        return QSize(needed.width() + self.verticalScrollBar().sizeHint().width(), min(needed.height(), _LEAST_PX))

    def sizeHint(self) -> QSize:
        content = self.widget()
        return content.sizeHint() if content is not None else self.minimumSizeHint()
