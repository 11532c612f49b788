"""The cards as they look from far away, all drawn at once: a thousand items with a paint() each would take too long."""

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from vmplanner.domain.machines import PieceKind
from vmplanner.ui.canvas import chips
from vmplanner.ui.canvas.bars import use_colour
from vmplanner.ui.canvas.distance import CHIPS_FROM, NAMES_FROM, zoom_of
from vmplanner.ui.canvas.extents import Extents
from vmplanner.ui.canvas.items import CHIPS_TOP, PADDING, HostItem, Marks, NodeItem, StorageItem, name_pixels
from vmplanner.ui.theme import look, mixed

# What rectangles are filled with: the data of VMs, moving away or not, or what something is used for.
Fill = tuple[str, bool]
Blocks = dict[Fill, list[QRectF]]
# Generous, so that a drawing that grows seldom asks for more.
_AROUND = 2000.0
_RESERVED = "reserved"
_FULL, _USED, _GROUND = "full", "used", "ground"


class FarLayer(QGraphicsItem):
    """Draws the cards of `nodes` in place of the items themselves while it is visible. `changed` tells it which."""

    def __init__(self, nodes: Mapping[str, NodeItem], marks: Marks) -> None:
        super().__init__()
        self.extents = Extents()
        self._nodes = nodes
        self._marks = marks
        self._bounds = QRectF()
        self._cards: dict[str, QRectF] = {}
        self._near, self._far = _Level(_near_blocks), _Level(_far_blocks)
        self.setZValue(1)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setVisible(False)

    def changed(self, node_ids: Iterable[str]) -> None:
        """These cards came, went, moved or show something else."""
        changed = set(node_ids)
        self._near.stale |= changed
        self._far.stale |= changed
        for node_id in changed:
            node = self._nodes.get(node_id)
            if node is not None and node.isVisible():
                rect = self._cards[node_id] = node.scene_card()
                self.extents.put(node_id, rect)
            else:
                self._cards.pop(node_id, None)
                self.extents.drop(node_id)
        around = self.extents.united()
        if not self._bounds.contains(around):
            self.prepareGeometryChange()
            self._bounds = self._bounds.united(around.adjusted(-_AROUND, -_AROUND, _AROUND, _AROUND))
        self.update()

    def clear(self) -> None:
        self.extents.clear()
        self._cards.clear()
        self._near, self._far = _Level(_near_blocks), _Level(_far_blocks)

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        zoom, theme = zoom_of(painter), look.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        shown = self.extents.meeting(option.exposedRect)  # type: ignore[attr-defined]
        self._draw_cards(painter, shown)
        painter.setPen(Qt.PenStyle.NoPen)
        for (fill, is_away), rects in (self._near if zoom >= CHIPS_FROM else self._far).together(self._nodes).items():
            painter.setOpacity(0.35 if is_away else 1.0)
            painter.setBrush(_colour(fill))
            painter.drawRects(rects)
        painter.setOpacity(1.0)
        self._draw_selected_machines(painter, shown)
        if zoom >= NAMES_FROM:
            pixels = name_pixels(zoom)
            painter.setFont(chips.font(pixels, True))
            painter.setPen(theme.text)
            for node_id in shown:
                node = self._nodes[node_id]
                card = self._cards[node_id].adjusted(PADDING, 6, -PADDING, 0)
                text = chips.elided(node.node.name, card.width(), pixels, True)
                if isinstance(node, HostItem):
                    card.setHeight(48)
                elif text != node.node.name:
                    continue  # on a small card the rest of a name says nothing
                painter.drawText(card, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def _draw_cards(self, painter: QPainter, shown: list[str]) -> None:
        """Their grounds and outlines; the marked ones last."""
        theme, marks = look.theme, self._marks
        marked = {*marks.selected, marks.hovered, marks.drop_target}
        alike: dict[str, list[QRectF]] = {"card": [], "shared": [], "marked": []}
        for node_id in shown:
            is_host = isinstance(self._nodes[node_id], HostItem)
            alike["marked" if node_id in marked else "card" if is_host else "shared"].append(self._cards[node_id])
        grounds = {
            "card": theme.surface,
            "shared": mixed(theme.surface, theme.muted, 0.35),
            "marked": mixed(theme.surface, theme.accent, 0.25),
        }
        for look_of, rects in alike.items():
            pen = QPen(theme.accent if look_of == "marked" else theme.border, 2.0 if look_of == "marked" else 1.0)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.setBrush(grounds[look_of])
            painter.drawRects(rects)

    def _draw_selected_machines(self, painter: QPainter, shown: list[str]) -> None:
        """An outline around the VMs that are selected; when all of a host are, its card's says it."""
        selected = self._marks.selected
        rects = []
        for node_id in shown if selected else ():
            node = self._nodes[node_id]
            if isinstance(node, HostItem) and node_id not in selected:
                mine = (machine.id for machine in node.machines if machine.id in selected)
                rects += [node.chip_rect(machine_id).translated(node.pos()) for machine_id in mine]
        pen = QPen(look.theme.accent, 2.0)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRects(rects)


class _Level:
    """The blocks of all cards in one detail; those that are stale are made anew when they are asked for."""

    def __init__(self, make: Callable[[NodeItem], Blocks]) -> None:
        self.stale: set[str] = set()
        self._make = make
        self._blocks: dict[str, Blocks] = {}
        self._together: Blocks = {}

    def together(self, nodes: Mapping[str, NodeItem]) -> Blocks:
        if not self.stale:
            return self._together
        for node_id in self.stale:
            node = nodes.get(node_id)
            if node is not None and node.isVisible():
                self._blocks[node_id] = self._make(node)
            else:
                self._blocks.pop(node_id, None)
        self.stale.clear()
        self._together = {}
        for blocks in self._blocks.values():
            for fill, rects in blocks.items():
                self._together.setdefault(fill, []).extend(rects)
        return self._together


def _colour(fill: str) -> QColor:
    theme = look.theme
    if fill == _GROUND:
        return mixed(theme.surface, theme.text, 0.10)
    if fill == _RESERVED:
        return mixed(theme.surface, theme.accent, 0.45)
    return use_colour({_USED: 0.5, _FULL: 1.5}[fill]) if fill in (_USED, _FULL) else theme.piece(PieceKind(fill))


def _near_blocks(node: NodeItem) -> Blocks:
    """The memory bar, and a block for each VM."""
    at = node.pos()
    blocks: Blocks = {}
    if isinstance(node, HostItem):
        bar = node.memory_bar().translated(at)
        total = node.node.memory_bytes
        blocks |= _bar(bar, node.used_bytes / total, node.reserved_bytes / total)
        corner = node.first_chip() + at
        for index, (machine, kind) in enumerate(zip(node.machines, node.kinds, strict=True)):
            fill = kind, machine.id in node.away
            blocks.setdefault(fill, []).append(chips.chip_rect(index, corner))
    elif isinstance(node, StorageItem):
        card = node.scene_card()
        blocks |= _bar(QRectF(card.left() + 10, card.bottom() - 16, card.width() - 20, 6), node.share, 0.0)
    return blocks


def _bar(bar: QRectF, share: float, reserved: float) -> Blocks:
    blocks: Blocks = {(_GROUND, False): [bar]}
    if reserved:
        blocks[_RESERVED, False] = [_part(bar, 0.0, share + reserved)]
    if share:
        blocks[_FULL if share > 1 else _USED, False] = [_part(bar, 0.0, share)]
    return blocks


def _far_blocks(node: NodeItem) -> Blocks:
    """The card as one bar: its memory, from the left filled with the data of its VMs."""
    if isinstance(node, StorageItem):
        card = node.scene_card()
        return {(_USED, False): [_part(card.adjusted(10, 10, -10, -10), 0.0, node.share)]} if node.share else {}
    if not isinstance(node, HostItem):
        return {}
    card = node.scene_card()
    left, width = card.left() + PADDING, card.width() - 2 * PADDING
    top, height = card.top() + CHIPS_TOP / 2, card.height() - CHIPS_TOP / 2 - PADDING
    total = max(node.node.memory_bytes, node.used_bytes)
    blocks: Blocks = {}
    done = 0
    for kind, size in node.sizes.items():
        blocks[kind, False] = [QRectF(left + width * done / total, top, width * size / total, height)]
        done += size
    if node.reserved_bytes:
        share = min(node.reserved_bytes, total - done) / total
        blocks[_RESERVED, False] = [QRectF(left + width * done / total, top, width * share, height)]
    return blocks


def _part(bar: QRectF, start: float, end: float) -> QRectF:
    """The stretch of a bar from one share of its length to another."""
    start, end = min(1.0, start), min(1.0, end)
    return QRectF(bar.left() + bar.width() * start, bar.top(), bar.width() * (end - start), bar.height())
