"""What a person does with real hosts besides runs: discovering them, and following moves that were left under way."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from vmplanner.backends.xen.under_way import Register
from vmplanner.ui.background import Background
from vmplanner.ui.dialogs import messages
from vmplanner.ui.dialogs.discover_hosts import DiscoverHosts
from vmplanner.ui.dialogs.left_moves import LeftMoves
from vmplanner.ui.document import Document
from vmplanner.ui.xen_settings import xen_settings


class RealHosts(QObject):
    """Opens the dialogs for it."""

    def __init__(self, document: Document, window: QWidget) -> None:
        super().__init__(window)
        self._document = document
        self._window = window
        self._asking = Background("vmplanner-hosts", self)
        self._left: LeftMoves | None = None

    def discover(self) -> None:
        """Ask real hosts for themselves and their VMs, and take them over when the person agrees."""
        dialog = DiscoverHosts(self._window, self._document.project, self._asking, self._document.push)
        self._document.replaced.connect(dialog.reject)
        dialog.open()

    def offer_left(self) -> None:
        """At the start: offer to follow what was left under way, if there is anything."""
        self._show_left(is_asked_for=False)

    def follow(self) -> None:
        """Offer to follow what was left under way, or say that nothing was."""
        self._show_left(is_asked_for=True)

    def stop(self) -> None:
        """The window closes."""
        if self._left is not None:
            self._left.stop()
        self._asking.stop()

    def _show_left(self, *, is_asked_for: bool) -> None:
        if self._left is not None:
            self._left.raise_()
            return
        settings = xen_settings()
        found, faults = Register(settings.register).left()
        if not found and not faults:
            if is_asked_for:
                messages.tell(self._window, "Nothing was left", "No move on real hosts was left under way.")
            return
        self._left = LeftMoves(self._window, found, faults, settings)
        self._left.finished.connect(self._forget_left)
        self._left.show()

    def _forget_left(self) -> None:
        self._left = None
