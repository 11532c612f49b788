"""Hosts, switches and storage on the canvas. They draw what the scene tells them."""

from collections.abc import Iterable, Mapping

from attrs import define
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from vmplanner.domain.machines import PieceKind, VirtualMachine
from vmplanner.domain.quantities import grouped
from vmplanner.domain.topology import Host, Storage, Switch
from vmplanner.ui.canvas import chips
from vmplanner.ui.canvas.bars import draw_bar, draw_use, use_text
from vmplanner.ui.canvas.distance import ALL_TEXT_FROM, NEAR_FROM, zoom_of
from vmplanner.ui.canvas.geometry import Side
from vmplanner.ui.canvas.icons import draw_icon
from vmplanner.ui.theme import RADIUS, look, mixed

PADDING = 12.0
CARD_WIDTH = 2 * PADDING + chips.COLUMNS * chips.WIDTH + chips.GAP_X
CHIPS_TOP = 74.0
EMPTY_HEIGHT = CHIPS_TOP + chips.HEIGHT + PADDING
SWITCH_SIZE = (168.0, 56.0)
STORAGE_SIZE = (184.0, 72.0)
_NAME_MIDDLE = 24.0
_SHADOW = 6.0


@define
class Marks:
    """What the pointer and the selection have marked; one object, shared by the scene with all of its items."""

    selected: frozenset[str] = frozenset()
    hovered: str | None = None
    drop_target: str | None = None


Node = Host | Switch | Storage


class NodeItem(QGraphicsItem):
    """A card at the place of a host, a switch or a storage. The item's origin is the thing's position."""

    def __init__(self, node: Node, marks: Marks) -> None:
        super().__init__()
        self.node = node
        self.marks = marks
        self.setZValue(1)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._card: QRectF | None = None
        self._bounds = QRectF()
        self.setPos(node.position.x, node.position.y)

    def measure(self) -> None:
        """The card has another size."""
        self.prepareGeometryChange()
        self._card = None

    def set_node(self, node: Node) -> None:
        """Show the thing's new value."""
        self.node = node
        self.setPos(node.position.x, node.position.y)
        self.update()

    def card(self) -> QRectF:
        """The card in the item's coordinates."""
        if self._card is None:
            self._card = self.shaped()
            self._bounds = self._card.adjusted(-_SHADOW, -_SHADOW, _SHADOW, _SHADOW)
        return self._card

    def shaped(self) -> QRectF:
        """The card for what it has to show."""
        raise NotImplementedError

    def scene_card(self) -> QRectF:
        """The card in the scene's coordinates."""
        return self.card().translated(self.pos())

    def port(self, side: Side) -> QPointF:
        """Where links reach this side of the card (scene coordinates)."""
        card = self.scene_card()
        centre = card.center()
        return centre + QPointF(side.value[0] * card.width() / 2, side.value[1] * card.height() / 2)

    def boundingRect(self) -> QRectF:
        self.card()
        return self._bounds

    def draw_card(self, painter: QPainter, zoom: float) -> None:
        """The card's ground with its shadow and outline."""
        theme, card = look.theme, self.card()
        painter.setPen(Qt.PenStyle.NoPen)
        for spread, alpha in ((4.0, 6), (2.5, 9), (1.0, 14)) if zoom >= ALL_TEXT_FROM else ():
            painter.setBrush(QColor(0, 0, 0, alpha * (3 if theme.is_dark else 1)))
            shadow = card.adjusted(-spread, -spread, spread, spread).translated(0, 1.5)
            painter.drawRoundedRect(shadow, RADIUS + 4, RADIUS + 4)
        is_target = self.marks.drop_target == self.node.id
        is_marked = is_target or self.node.id in self.marks.selected
        outline = theme.border
        if is_marked:
            outline = theme.accent
        elif self.marks.hovered == self.node.id:
            outline = mixed(theme.border, theme.accent, 0.55)
        painter.setBrush(mixed(theme.surface, theme.accent, 0.08) if is_target else theme.surface)
        painter.setPen(QPen(outline, max(2.0, 1.5 / zoom) if is_marked else max(1.0, 0.7 / zoom)))
        painter.drawRoundedRect(card, RADIUS + 2, RADIUS + 2)

    def draw_name(self, painter: QPainter, rect: QRectF, zoom: float) -> None:
        """The name in `rect`, larger from far away."""
        pixels = name_pixels(zoom)
        painter.setPen(look.theme.text)
        painter.setFont(chips.font(pixels, True))
        text = chips.elided(self.node.name, rect.width(), pixels, True)
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


def name_pixels(zoom: float) -> int:
    """The size of cards' names: as large as there is room for where the smaller text is gone."""
    return 14 if zoom >= ALL_TEXT_FROM else min(40, round(10 / zoom))


class HostItem(NodeItem):
    """A host: its name, whose rules it follows, how full its memory is and how busy its cores, and its VMs as chips in
    rows of two.
    """

    node: Host

    def __init__(self, host: Host, marks: Marks) -> None:
        super().__init__(host, marks)
        self._machines: tuple[VirtualMachine, ...] = ()
        self._index: dict[str, int] = {}
        self._away: frozenset[str] = frozenset()
        self._used_bytes = 0
        self._reserved_bytes = 0
        self._vcpus = 0
        self._kinds: tuple[PieceKind, ...] = ()
        self._sizes: dict[PieceKind, int] = {}

    @property
    def machines(self) -> tuple[VirtualMachine, ...]:
        return self._machines

    def set_machines(self, machines: Iterable[VirtualMachine]) -> None:
        """Show these VMs, in this order."""
        self._machines = tuple(machines)
        self._index = {machine.id: index for index, machine in enumerate(self._machines)}
        self._used_bytes = sum(machine.memory_bytes for machine in self._machines)
        self._vcpus = sum(machine.vcpus for machine in self._machines)
        self._kinds = tuple(machine.biggest_kind() for machine in self._machines)
        sizes = dict.fromkeys(PieceKind, 0)
        for machine, kind in zip(self._machines, self._kinds, strict=True):
            sizes[kind] += machine.memory_bytes
        self._sizes = {kind: size for kind, size in sizes.items() if size}
        self.measure()
        self.update()

    def set_planned(self, away: frozenset[str], reserved_bytes: int) -> bool:
        """`away` are those of its VMs that are planned to leave, `reserved_bytes` is the memory of those planned to
        come. Returns whether that is another plan than before.
        """
        if (away, reserved_bytes) == (self._away, self._reserved_bytes):
            return False
        self._away, self._reserved_bytes = away, reserved_bytes
        self.update()
        return True

    @property
    def kinds(self) -> tuple[PieceKind, ...]:
        """What each of its VMs holds most of."""
        return self._kinds

    @property
    def sizes(self) -> Mapping[PieceKind, int]:
        """The memory of its VMs by what they hold most of."""
        return self._sizes

    @property
    def used_bytes(self) -> int:
        """The memory of the VMs on it."""
        return self._used_bytes

    @property
    def reserved_bytes(self) -> int:
        """The memory of the VMs that are planned to come."""
        return self._reserved_bytes

    @property
    def away(self) -> frozenset[str]:
        return self._away

    def shaped(self) -> QRectF:
        rows = max(chips.HEIGHT, chips.rows_height(len(self._machines)))
        return QRectF(-CARD_WIDTH / 2, -EMPTY_HEIGHT / 2, CARD_WIDTH, CHIPS_TOP + rows + PADDING)

    def port(self, side: Side) -> QPointF:
        """Left and right at the height of the name: planned moves arrive further down."""
        point = super().port(side)
        if side in (Side.LEFT, Side.RIGHT):
            point.setY(self.scene_card().top() + _NAME_MIDDLE)
        return point

    def memory_bar(self) -> QRectF:
        """Where its memory is shown (item coordinates)."""
        card = self.card()
        return QRectF(card.left() + PADDING, card.top() + 58, chips.WIDTH, 6)

    def first_chip(self) -> QPointF:
        """The corner of its first chip (item coordinates)."""
        return self.card().topLeft() + QPointF(PADDING, CHIPS_TOP)

    def machine_at(self, point: QPointF) -> str | None:
        """The id of the VM whose chip is at `point` (item coordinates)."""
        index = chips.chip_index(point, self.first_chip(), len(self._machines))
        return None if index is None else self._machines[index].id

    def machines_in(self, rect: QRectF) -> set[str]:
        """The ids of the VMs whose chips `rect` (item coordinates) touches."""
        origin = self.first_chip()
        return {m.id for index, m in enumerate(self._machines) if chips.chip_rect(index, origin).intersects(rect)}

    def chip_rect(self, machine_id: str) -> QRectF:
        """Where the chip of one of its VMs is (item coordinates)."""
        return chips.chip_rect(self._index[machine_id], self.first_chip())

    def is_in_left_column(self, machine_id: str) -> bool:
        return self._index[machine_id] % chips.COLUMNS == 0

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        zoom = zoom_of(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw_card(painter, zoom)
        self._draw_header(painter, zoom)
        if self._machines:
            self._draw_machines(painter, zoom, option.exposedRect)  # type: ignore[attr-defined]
        elif zoom >= ALL_TEXT_FROM:
            self._draw_empty(painter)

    def _draw_header(self, painter: QPainter, zoom: float) -> None:
        theme, card = look.theme, self.card()
        left, right, top = card.left() + PADDING, card.right() - PADDING, card.top()
        memory = self.memory_bar()
        cpu = memory.translated(chips.WIDTH + chips.GAP_X, 0)
        share, busy = self._used_bytes / self.node.memory_bytes, self._vcpus / self.node.cores
        draw_use(painter, memory, share, self._reserved_bytes / self.node.memory_bytes)
        draw_bar(painter, cpu, busy, theme.muted if busy <= 1 else theme.warn)
        if zoom < ALL_TEXT_FROM:
            self.draw_name(painter, QRectF(left, top + 6, right - left, 48), zoom)
            return
        draw_icon(painter, "host", QRectF(left - 1, top + 11, 24, 24), theme.muted)
        badge = self._draw_badge(painter, right, top + 13)
        self.draw_name(painter, QRectF(left + 30, top + 11, badge - left - 38, 24), zoom)
        painter.setFont(chips.font(11))
        painter.setPen(theme.bad if share > 1 else theme.text)
        painter.drawText(QPointF(left, top + 51), chips.elided(self.memory_text(), chips.WIDTH, 11))
        painter.setPen(theme.muted)
        painter.drawText(QPointF(cpu.left(), top + 51), chips.elided(self.cpu_text(), chips.WIDTH, 11))

    def _draw_badge(self, painter: QPainter, right: float, top: float) -> float:
        """The hypervisor's name in a pill that ends at `right`; returns where it begins."""
        theme, title = look.theme, self.node.policy.label
        width = chips.metrics(11).horizontalAdvance(title) + 16
        pill = QRectF(right - width, top, width, 20)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mixed(theme.surface, theme.text, 0.07))
        painter.drawRoundedRect(pill, 10, 10)
        painter.setPen(theme.muted)
        painter.setFont(chips.font(11))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, title)
        return pill.left()

    def memory_text(self) -> str:
        """'24 of 64 GiB'."""
        return use_text(self._used_bytes, self.node.memory_bytes)

    def cpu_text(self) -> str:
        """'12 vCPU, 16 cores'."""
        return f"{grouped(self._vcpus)} vCPU, {grouped(self.node.cores)} cores"

    def _draw_empty(self, painter: QPainter) -> None:
        theme, card = look.theme, self.card()
        place = QRectF(card.left() + PADDING, card.top() + CHIPS_TOP, CARD_WIDTH - 2 * PADDING, chips.HEIGHT)
        pen = QPen(mixed(theme.border, theme.text, 0.08), 1.0)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.setPen(mixed(theme.muted, theme.surface, 0.2))
        painter.setFont(chips.font(12))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "Drop VMs here")

    def _draw_machines(self, painter: QPainter, zoom: float, exposed: QRectF) -> None:
        """Only the rows that are asked for, so that a tall card costs no more than what is seen of it."""
        origin = self.first_chip()
        step = chips.HEIGHT + chips.GAP_Y
        first = max(0, int((exposed.top() - origin.y()) // step)) * chips.COLUMNS
        last = (int((exposed.bottom() - origin.y()) // step) + 1) * chips.COLUMNS
        asked = enumerate(self._machines[first:last], first)
        seen = [(chips.chip_rect(index, origin), machine, machine.id in self._away) for index, machine in asked]
        for rect, machine, is_away in seen:
            chips.draw_chip(
                painter,
                rect,
                machine,
                share=machine.memory_bytes / self.node.memory_bytes,
                text=min(1.0, (zoom - NEAR_FROM) / (ALL_TEXT_FROM - NEAR_FROM)),
                is_away=is_away,
                is_selected=machine.id in self.marks.selected,
                is_hovered=machine.id == self.marks.hovered,
            )


class _SmallCard(NodeItem):
    """A small card: its icon on a tile, its name, and a line that says what it is."""

    size: tuple[float, float]
    icon: str

    def shaped(self) -> QRectF:
        width, height = self.size
        return QRectF(-width / 2, -height / 2, width, height)

    def line(self) -> str:
        """What stands below the name."""
        raise NotImplementedError

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        zoom, card = zoom_of(painter), self.card()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw_card(painter, zoom)
        if zoom < ALL_TEXT_FROM:
            self.draw_name(painter, card.adjusted(10, 0, -6, 0), zoom)
            return
        tile = QRectF(card.left() + 10, card.top() + 10, 36, 36)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mixed(look.theme.surface, look.theme.text, 0.05))
        painter.drawRoundedRect(tile, RADIUS, RADIUS)
        draw_icon(painter, self.icon, tile.adjusted(6, 6, -6, -6), look.theme.muted)
        left = tile.right() + 10
        self.draw_name(painter, QRectF(left, card.top() + 9, card.right() - 10 - left, 22), zoom)
        painter.setFont(chips.font(11))
        painter.setPen(look.theme.muted)
        painter.drawText(QPointF(left, card.top() + 43), chips.elided(self.line(), card.right() - 10 - left, 11))


class SwitchItem(_SmallCard):
    """A switch."""

    node: Switch
    size, icon = SWITCH_SIZE, "switch"

    def line(self) -> str:
        return "Switch"


class StorageItem(_SmallCard):
    """A storage, and how full the disks on it can make it."""

    node: Storage
    size, icon = STORAGE_SIZE, "storage"

    def __init__(self, storage: Storage, marks: Marks) -> None:
        super().__init__(storage, marks)
        self._used_bytes = 0

    def set_used(self, used_bytes: int) -> None:
        """The disks on it are so large together."""
        if used_bytes != self._used_bytes:
            self._used_bytes = used_bytes
            self.update()

    def line(self) -> str:
        """'1.5 of 10 TiB'."""
        return use_text(self._used_bytes, self.node.capacity_bytes)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        super().paint(painter, option, widget)
        card = self.card()
        draw_use(painter, QRectF(card.left() + 10, card.bottom() - 16, card.width() - 20, 6), self.share)

    @property
    def share(self) -> float:
        """How full it is."""
        return self._used_bytes / self.node.capacity_bytes


def item_for(node: Node, marks: Marks) -> NodeItem:
    """The card for a thing with a place in the drawing."""
    match node:
        case Host():
            return HostItem(node, marks)
        case Switch():
            return SwitchItem(node, marks)
        case Storage():
            return StorageItem(node, marks)
