"""Which of the panels beside the pages are shown: as many as the window has room for, and as a person asks."""

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QSplitter, QVBoxLayout, QWidget

# A window as wide as this has room for both panels, or for one of them.
_ROOM_FOR_BOTH_PX = 940
_ROOM_FOR_ONE_PX = 720
_TOOLS_PX, _INSPECTOR_PX = 200, 300


class SidePanels(QObject):
    """`tools`, the palette and the outline, are for drawing; the `inspector` is for what is selected. `changed()` when
    others are shown than before.

    In a narrow window one panel at most is shown, in a very narrow one none, until a person asks for it.
    """

    changed = Signal()

    def __init__(self, tools: QWidget, inspector: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        tools.setMinimumWidth(_TOOLS_PX)
        inspector.setMinimumWidth(_INSPECTOR_PX)
        self._tools = tools
        self._inspector = inspector
        self._room = 2
        self._wanted = {tools: True, inspector: True}
        self._possible = {tools: True, inspector: True}
        self._asked: dict[QWidget, bool] = {}

    @property
    def tools_shown(self) -> bool:
        return not self._tools.isHidden()

    @property
    def inspector_shown(self) -> bool:
        return not self._inspector.isHidden()

    def toggle_tools(self) -> None:
        self._toggle(self._tools)

    def toggle_inspector(self) -> None:
        self._toggle(self._inspector)

    def fit(self, width_px: int) -> None:
        """The window has another width. What was asked for in a window of other room is forgotten."""
        room = 2 if width_px >= _ROOM_FOR_BOTH_PX else 1 if width_px >= _ROOM_FOR_ONE_PX else 0
        if room != self._room:
            self._room = room
            self._asked = {}
            self._show()

    def want(self, *, tools: bool, inspector: bool, may_inspect: bool) -> None:
        """What the present page has use for; `may_inspect` is whether the inspector can be asked for on it."""
        self._wanted = {self._tools: tools, self._inspector: inspector}
        self._possible = {self._tools: tools, self._inspector: may_inspect}
        self._show()

    def _toggle(self, panel: QWidget) -> None:
        self._asked[panel] = panel.isHidden()
        other = self._inspector if panel is self._tools else self._tools
        if self._asked[panel] and self._room < 2:
            self._asked[other] = False
        self._show()

    def _show(self) -> None:
        before = self.tools_shown, self.inspector_shown
        left = self._room
        for panel in (self._tools, self._inspector):
            has_room = self._wanted[panel] and left > 0
            is_shown = self._possible[panel] and self._asked.get(panel, has_room)
            left -= is_shown
            panel.setVisible(is_shown)
        if before != (self.tools_shown, self.inspector_shown):
            self.changed.emit()


def drawing_tools(palette: QWidget, outline: QWidget) -> QSplitter:
    """The panel of what drawing needs: the palette, and the outline below it with a small heading."""
    below = QFrame()
    below.setProperty("role", "panel")
    heading = QLabel("OUTLINE")
    heading.setProperty("role", "section")
    heading.setContentsMargins(12, 10, 12, 2)
    layout = QVBoxLayout(below)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(2)
    layout.addWidget(heading)
    layout.addWidget(outline, 1)
    panel = QSplitter(Qt.Orientation.Vertical)
    panel.addWidget(palette)
    panel.addWidget(below)
    panel.setSizes([420, 300])
    return panel
