"""Cards put together into blocks, and blocks into larger ones, none of which overlap. Knows nothing of Qt."""

from collections.abc import Callable, Iterable, Sequence
from math import ceil, sqrt

from attrs import frozen

from vmplanner.ui.canvas.alignment import Card

GAP = 48.0


@frozen
class Block:
    """Cards with fixed places to each other in a rectangle of `width` x `height`, whose corner is at (0, 0)."""

    cards: tuple[Card, ...]
    width: float
    height: float

    def at(self, left: float, top: float) -> tuple[Card, ...]:
        """Its cards when its corner is elsewhere."""
        return tuple(card.at(card.left + left, card.top + top) for card in self.cards)

    def padded(self, around: float, above: float) -> "Block":
        """With so much room around it, and `above` over it."""
        return Block(self.at(around, above), self.width + 2 * around, self.height + above + around)


EMPTY = Block((), 0.0, 0.0)


def single(card: Card) -> Block:
    return Block((card.at(0, 0),), card.width, card.height)


def row(blocks: Iterable[Block], *, centred: bool = True) -> Block:
    """Blocks beside each other: with their middles at one height, or else their upper edges."""
    blocks = [block for block in blocks if block.cards]
    height = max((block.height for block in blocks), default=0.0)
    return _joined(blocks, lambda block: block.width, lambda at, b: (at, (height - b.height) / 2 if centred else 0.0))


def column(blocks: Iterable[Block]) -> Block:
    """Blocks below each other, with their middles on one line."""
    blocks = [block for block in blocks if block.cards]
    width = max((block.width for block in blocks), default=0.0)
    return _joined(blocks, lambda block: block.height, lambda at, block: ((width - block.width) / 2, at))


def grid(blocks: Sequence[Block], shape: float) -> Block:
    """Blocks in rows, in their order, so that all together are about `shape` times as wide as high."""
    blocks = [block for block in blocks if block.cards]
    if not blocks:
        return EMPTY
    area = sum((block.width + GAP) * (block.height + GAP) for block in blocks)
    widest = max(block.width for block in blocks)
    columns = max(1, min(len(blocks), round(sqrt(area * shape) / (widest + GAP))))
    # Rows of equal length look better than a last one that is almost empty.
    columns = ceil(len(blocks) / ceil(len(blocks) / columns))
    return column(row(blocks[i : i + columns], centred=False) for i in range(0, len(blocks), columns))


def _joined(
    blocks: Sequence[Block], length: Callable[[Block], float], corner: Callable[[float, Block], tuple[float, float]]
) -> Block:
    at = 0.0
    cards: list[Card] = []
    right = bottom = 0.0
    for block in blocks:
        left, top = corner(at, block)
        cards += block.at(left, top)
        right, bottom = max(right, left + block.width), max(bottom, top + block.height)
        at += length(block) + GAP
    return Block(tuple(cards), right, bottom)
