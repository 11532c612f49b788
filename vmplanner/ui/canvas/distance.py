"""What can be told apart from which distance: details go in this order as the drawing gets smaller.

From `ALL_TEXT_FROM` on everything has its text. Below it the names of VMs are gone, and cards have only their own.
Below `NEAR_FROM` cards and links are no items of their own any more: one layer draws all of them, VMs as blocks of
colour. Then the names of hosts go, and last the single VMs: a host is its memory, filled with the colours of its data.
The names of places stay as long as they fit their boxes.
"""

from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem

ALL_TEXT_FROM = 0.5
NEAR_FROM = 0.28
NAMES_FROM = 0.2
CHIPS_FROM = 0.17


def zoom_of(painter: QPainter) -> float:
    """How many pixels a scene unit takes on the screen."""
    return QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform())
