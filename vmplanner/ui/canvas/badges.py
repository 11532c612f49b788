"""Findings in the drawing: a small badge on each thing that one is about, in the colour of the most severe. A collapsed
place has one for all that it hides, with their number.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from textwrap import fill

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QStyleOptionGraphicsItem, QWidget

from vmplanner.domain.quantities import grouped
from vmplanner.planning.preflight import Finding, Severity
from vmplanner.ui import severities
from vmplanner.ui.canvas import chips
from vmplanner.ui.canvas.distance import ALL_TEXT_FROM, NEAR_FROM, zoom_of
from vmplanner.ui.theme import look

_SYMBOL_PX = 16
_RADIUS = 9.0
_NUMBER_PX = 11
_TIP_COLUMNS = 72
_MOST_TOLD = 5


@lru_cache(maxsize=8)
def _symbol(severity: Severity, theme_name: str) -> QIcon:
    return severities.symbol(severity)


class Badge(QGraphicsItem):
    """The findings on one thing, or in a collapsed place: then their number stands before the symbol. The item's origin
    is the symbol's middle. From far away it is not drawn.
    """

    def __init__(self, thing_id: str) -> None:
        super().__init__()
        self.thing_id = thing_id
        self.findings: tuple[Finding, ...] = ()
        self._number = ""
        self.setZValue(4)

    def tell_of(self, findings: tuple[Finding, ...], *, with_number: bool) -> None:
        self.prepareGeometryChange()
        self.findings = findings
        self._number = grouped(len(findings)) if with_number and len(findings) > 1 else ""
        self.update()

    @property
    def severity(self) -> Severity:
        """That of the worst finding."""
        return min((finding.severity for finding in self.findings), key=list(Severity).index)

    @property
    def text(self) -> str:
        """The findings as a few wrapped lines, the worst first."""
        ordered = sorted(self.findings, key=lambda finding: list(Severity).index(finding.severity))
        told = [fill(f"{finding.message}. To mend it: {finding.mend}.", _TIP_COLUMNS) for finding in ordered]
        if len(told) > _MOST_TOLD:
            told[_MOST_TOLD:] = [f"... and {len(told) - _MOST_TOLD} more"]
        return "\n\n".join(told)

    def boundingRect(self) -> QRectF:
        width = chips.metrics(_NUMBER_PX, True).horizontalAdvance(self._number) + 8 if self._number else 0
        return QRectF(-_RADIUS - width, -_RADIUS, 2 * _RADIUS + width, 2 * _RADIUS)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        zoom = zoom_of(painter)
        if zoom < NEAR_FROM:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if zoom < ALL_TEXT_FROM:
            painter.setBrush(severities.colour(self.severity))
            painter.drawEllipse(QPointF(), _SYMBOL_PX / 2, _SYMBOL_PX / 2)
            return
        painter.setBrush(look.theme.surface)
        painter.drawRoundedRect(self.boundingRect(), _RADIUS, _RADIUS)
        if self._number:
            painter.setPen(look.theme.text)
            painter.setFont(chips.font(_NUMBER_PX, True))
            room = self.boundingRect().adjusted(8, 0, 2 - 2 * _RADIUS, 0)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, self._number)
        place = QRect(-_SYMBOL_PX // 2, -_SYMBOL_PX // 2, _SYMBOL_PX, _SYMBOL_PX)
        _symbol(self.severity, look.theme.name).paint(painter, place)


class Badges:
    """The badges of a scene by the ids of their things. `place_of` says where a thing has its badge, None: nowhere;
    `hider_of` which collapsed place hides it, None: none does.
    """

    def __init__(
        self,
        scene: QGraphicsScene,
        place_of: Callable[[str], QPointF | None],
        hider_of: Callable[[str], str | None],
    ) -> None:
        self._scene = scene
        self._place_of = place_of
        self._hider_of = hider_of
        self._findings: tuple[Finding, ...] = ()
        self._badges: dict[str, Badge] = {}

    def get(self, thing_id: str) -> Badge | None:
        return self._badges.get(thing_id)

    def show(self, findings: Iterable[Finding]) -> None:
        """Show these findings and no others."""
        self._findings = tuple(findings)
        self.gather()

    def gather(self) -> None:
        """Other things may be hidden now: let each badge have what it is about."""
        by_owner: dict[str, list[Finding]] = {}
        places = set()
        for finding in self._findings:
            hider = self._hider_of(finding.thing_id)
            by_owner.setdefault(hider or finding.thing_id, []).append(finding)
            if hider:
                places.add(hider)
        for thing_id in self._badges.keys() - by_owner.keys():
            self._scene.removeItem(self._badges.pop(thing_id))
        for thing_id, found in by_owner.items():
            badge = self._badges.get(thing_id)
            if badge is None:
                badge = self._badges[thing_id] = Badge(thing_id)
                self._scene.addItem(badge)
            badge.tell_of(tuple(found), with_number=thing_id in places)
        self.place()

    def place(self) -> None:
        """Follow the things, which may have moved or gone."""
        for badge in self._badges.values():
            place = self._place_of(badge.thing_id)
            badge.setVisible(place is not None)
            if place is not None:
                badge.setPos(place)
