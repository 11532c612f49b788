"""The words around the bars of time stacks, with the room that they need."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from attrs import field, frozen
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from vmplanner.analysis.time_stacks import TimeStacks
from vmplanner.domain.results import ReferenceFigure
from vmplanner.ui.charts import captions
from vmplanner.ui.charts.captions import Words
from vmplanner.ui.charts.scales import Values
from vmplanner.ui.theme import Theme, base_font

WORD_GAP_PX = 4


@frozen
class Fonts:
    """The fonts of a picture of stacks."""

    name: QFont = field(factory=base_font)
    small: QFont = field(factory=lambda: base_font(11))
    detail: QFont = field(factory=lambda: base_font(12))
    total: QFont = field(factory=lambda: base_font(12, bold=True))
    title: QFont = field(factory=lambda: base_font(16, bold=True))


class Labels:
    """What is written beside each stack: its name and detail before it, its ending after it."""

    def __init__(
        self,
        stacks: TimeStacks,
        fonts: Fonts,
        marked: Mapping[int, Sequence[ReferenceFigure]],
        *,
        is_short: bool,
    ) -> None:
        self.fonts = fonts
        self._metrics = {id(font): QFontMetricsF(font) for font in (fonts.name, fonts.small, fonts.detail, fonts.total)}
        self._width = lru_cache(maxsize=1 << 16)(self._measured)
        self.endings: list[tuple[Words, ...]] = []
        for index, stack in enumerate(stacks.stacks):
            base = stacks.stacks[stack.base] if stack.base is not None else None
            figures = marked.get(index, ())
            self.endings.append(captions.ending(stack, stacks.view.measure, base, figures, is_short=is_short))
        self.endings_px: Values = np.array([self._ending_px(words) for words in self.endings])
        self.names_px = max([self.width(stack.label, fonts.name) for stack in stacks.stacks], default=0.0)
        details_px = max([self.width(stack.detail, fonts.small) for stack in stacks.stacks], default=0.0)
        self.names_px = max(self.names_px, details_px)

    def width(self, text: str, font: QFont) -> float:
        return self._width(text, id(font))

    def _measured(self, text: str, font: int) -> float:
        return self._metrics[font].horizontalAdvance(text)

    def _ending_px(self, words: tuple[Words, ...]) -> float:
        return sum(self.width(word.text, self.font_of(index)) + WORD_GAP_PX for index, word in enumerate(words))

    def font_of(self, index: int) -> QFont:
        """The font of a word of an ending: the total is bold."""
        return self.fonts.detail if index else self.fonts.total

    def draw_ending(
        self, painter: QPainter, index: int, x: float, baseline: float, theme: Theme, most_x: float
    ) -> None:
        """The words of the ending of a stack in a line, but those that would go beyond `most_x`."""
        for place, word in enumerate(self.endings[index]):
            font = self.font_of(place)
            if place and x + self.width(word.text, font) > most_x:
                return
            draw(painter, x, baseline, word.text, font, role(theme, word))
            x += self.width(word.text, font) + WORD_GAP_PX


def role(theme: Theme, words: Words) -> QColor:
    """The colour of some words."""
    colour: QColor = getattr(theme, words.role)
    return colour


def elided(text: str, font: QFont, width: float) -> str:
    return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, width)


def draw(painter: QPainter, x: float, baseline: float, text: str, font: QFont, colour: QColor) -> None:
    painter.setFont(font)
    painter.setPen(QPen(colour))
    painter.drawText(QPointF(x, baseline), text)


def draw_centred(
    painter: QPainter, x: float, baseline: float, text: str, font: QFont, colour: QColor, width: float
) -> None:
    """Text around `x`, shortened to `width`."""
    text = elided(text, font, width)
    draw(painter, x - QFontMetricsF(font).horizontalAdvance(text) / 2, baseline, text, font, colour)
