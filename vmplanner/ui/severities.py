"""How findings look, wherever they are shown: a symbol and a colour for each severity."""

from PySide6.QtGui import QColor, QIcon

from vmplanner.planning.preflight import Severity
from vmplanner.ui.icons import icon
from vmplanner.ui.theme import look

_SYMBOLS = {
    Severity.BLOCKS: "fa6s.circle-xmark",
    Severity.WARNS: "fa6s.triangle-exclamation",
    Severity.INFORMS: "fa6s.circle-info",
}
MEANINGS = {
    Severity.BLOCKS: "Blocks the plan.",
    Severity.WARNS: "A warning: the plan can be carried out, but probably not as wished.",
    Severity.INFORMS: "Good to know.",
}


def colour(severity: Severity) -> QColor:
    """In the present theme."""
    theme = look.theme
    return {Severity.BLOCKS: theme.bad, Severity.WARNS: theme.warn, Severity.INFORMS: theme.muted}[severity]


def symbol(severity: Severity) -> QIcon:
    """In the present theme's colour."""
    return icon(_SYMBOLS[severity], colour(severity))
