"""Where cards go when they are lined up or spread out. Knows rectangles only, nothing of Qt."""

from collections.abc import Iterable, Mapping
from enum import Enum

from attrs import evolve, frozen

Places = dict[str, tuple[float, float]]


@frozen
class Card:
    """A card of the drawing: its upper left corner and its size, in scene units. `dx`, `dy` lead from the corner to the
    point that counts as the thing's position.
    """

    id: str
    left: float
    top: float
    width: float
    height: float
    dx: float = 0.0
    dy: float = 0.0

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def position(self) -> tuple[float, float]:
        return self.left + self.dx, self.top + self.dy

    def at(self, left: float, top: float) -> "Card":
        return evolve(self, left=left, top=top)

    def meets(self, other: "Card", gap: float = 0.0) -> bool:
        """Whether they overlap or are nearer to each other than `gap`."""
        across = self.left < other.right + gap and other.left < self.right + gap
        return across and self.top < other.bottom + gap and other.top < self.bottom + gap


class Line(Enum):
    """What of the cards is brought on one line."""

    LEFT = "left edges"
    CENTRE = "centres"
    RIGHT = "right edges"
    TOP = "top edges"
    MIDDLE = "middles"
    BOTTOM = "bottom edges"


class Axis(Enum):
    """In which direction cards are spread out."""

    ACROSS = "horizontally"
    DOWN = "vertically"


def align(cards: Iterable[Card], line: Line) -> Places:
    """The positions of cards on one line: an edge or the middle of the rectangle around all of them."""
    cards = list(cards)
    left, right = min(card.left for card in cards), max(card.right for card in cards)
    top, bottom = min(card.top for card in cards), max(card.bottom for card in cards)
    moved = {
        Line.LEFT: lambda card: card.at(left, card.top),
        Line.CENTRE: lambda card: card.at((left + right - card.width) / 2, card.top),
        Line.RIGHT: lambda card: card.at(right - card.width, card.top),
        Line.TOP: lambda card: card.at(card.left, top),
        Line.MIDDLE: lambda card: card.at(card.left, (top + bottom - card.height) / 2),
        Line.BOTTOM: lambda card: card.at(card.left, bottom - card.height),
    }[line]
    return positions(map(moved, cards))


def distribute(cards: Iterable[Card], axis: Axis) -> Places:
    """The positions of cards with the same room between each two neighbours; the first and the last one stay."""
    if axis is Axis.ACROSS:
        ordered = sorted(cards, key=lambda card: (card.left + card.right, card.id))
        room = ordered[-1].right - ordered[0].left - sum(card.width for card in ordered)
    else:
        ordered = sorted(cards, key=lambda card: (card.top + card.bottom, card.id))
        room = ordered[-1].bottom - ordered[0].top - sum(card.height for card in ordered)
    gap = room / max(1, len(ordered) - 1)
    at = ordered[0].left if axis is Axis.ACROSS else ordered[0].top
    found = []
    for card in ordered:
        found.append(card.at(at, card.top) if axis is Axis.ACROSS else card.at(card.left, at))
        at += gap + (card.width if axis is Axis.ACROSS else card.height)
    return positions(found)


def positions(cards: Iterable[Card]) -> Places:
    """The position of each thing by its id."""
    return {card.id: card.position for card in cards}


def middle(cards: Mapping[str, Card]) -> tuple[float, float]:
    """The middle of the rectangle around all cards."""
    left, right = min(card.left for card in cards.values()), max(card.right for card in cards.values())
    top, bottom = min(card.top for card in cards.values()), max(card.bottom for card in cards.values())
    return (left + right) / 2, (top + bottom) / 2
