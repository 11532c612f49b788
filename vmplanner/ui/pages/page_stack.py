"""The pages of the window, one of which is shown, and the tabs that turn them."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QFrame,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from vmplanner.ui.narrow import mark_narrow

# Below this width the tabs stand closer together.
_NARROW_PX = 420
_LEAST = QSize(280, 120)


class PageStack(QWidget):
    """`turned(int)` when another page is shown. A page that has too little room scrolls."""

    turned = Signal(int)

    def __init__(self, pages: Sequence[tuple[str, QWidget]]) -> None:
        super().__init__()
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Pages")
        self.tabs.setExpanding(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self._pages = [page for _, page in pages]
        self.stack = QStackedWidget()
        for title, page in pages:
            self.tabs.addTab(title)
            self.stack.addWidget(page if isinstance(page, QAbstractScrollArea) else _Scrolling(page))
        self.tabs.currentChanged.connect(self._turn)
        self._only_the_page_needs_room()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs)
        layout.addWidget(self.stack, 1)

    @property
    def page(self) -> QWidget:
        """The page that is shown."""
        return self._pages[self.stack.currentIndex()]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        mark_narrow(self.tabs, event.size().width() < _NARROW_PX)

    def _turn(self, index: int) -> None:
        self.stack.setCurrentIndex(index)
        self._only_the_page_needs_room()
        self.turned.emit(index)

    def _only_the_page_needs_room(self) -> None:
        """A page in the background does not keep the panels beside the present one narrow."""
        for index in range(self.stack.count()):
            policy = QSizePolicy.Policy.Preferred if index == self.stack.currentIndex() else QSizePolicy.Policy.Ignored
            page = self.stack.widget(index)
            assert page is not None
            page.setSizePolicy(policy, policy)


class _Scrolling(QScrollArea):
    """A page that is seen in part where there is not the room for all of it."""

    def __init__(self, page: QWidget) -> None:
        super().__init__(widgetResizable=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(page)

    def minimumSizeHint(self) -> QSize:
        return _LEAST
