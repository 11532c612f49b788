"""Looks: one table of colours (resources/themes/colours.toml), light and dark, turned into Qt palettes and a style
sheet.
"""

import tomllib
from functools import cache
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QFontDatabase, QGuiApplication, QPalette

from vmplanner.domain.machines import PieceKind
from vmplanner.domain.results import Phase
from vmplanner.shipped import RESOURCES

GRID = 8
RADIUS = 6
FONT_PX = 13
_PATTERNS = {
    "solid": Qt.BrushStyle.SolidPattern,
    "rising": Qt.BrushStyle.BDiagPattern,
    "falling": Qt.BrushStyle.FDiagPattern,
    "crossed": Qt.BrushStyle.DiagCrossPattern,
    "grid": Qt.BrushStyle.CrossPattern,
    "level": Qt.BrushStyle.HorPattern,
    "upright": Qt.BrushStyle.VerPattern,
}
_FAMILIES = ("Inter", "Segoe UI", "SF Pro Text", "Cantarell", "Noto Sans", "Ubuntu", "DejaVu Sans")


@cache
def _table() -> dict[str, dict[str, str]]:
    return tomllib.loads((RESOURCES / "themes" / "colours.toml").read_text(encoding="utf-8"))


class Theme:
    """The colours of one look. `theme.accent` and so on are QColors; `name` is 'light' or 'dark'."""

    window: QColor
    surface: QColor
    raised: QColor
    border: QColor
    text: QColor
    muted: QColor
    accent: QColor
    accent_soft: QColor
    on_accent: QColor
    good: QColor
    warn: QColor
    bad: QColor
    grid: QColor

    def __init__(self, name: str) -> None:
        self.name = name
        for role, value in _table()[name].items():
            setattr(self, role, QColor(value))

    @property
    def is_dark(self) -> bool:
        return self.name == "dark"

    def piece(self, kind: PieceKind) -> QColor:
        return QColor(_table()["pieces"][kind.value])

    def piece_brush(self, kind: PieceKind) -> QBrush:
        """The fill of a kind of data: solid, or hatched for bad memory."""
        return QBrush(
            self.piece(kind), Qt.BrushStyle.BDiagPattern if kind is PieceKind.FREE else Qt.BrushStyle.SolidPattern
        )

    def pattern(self, name: str) -> Qt.BrushStyle:
        """By what a piece, a phase or 'round 0' (to 3) is told apart in print."""
        return _PATTERNS[_table()["patterns"].get(name, "rising")]

    def series(self, index: int) -> QColor:
        """The colour of the series `index` of a chart; they begin again after the last."""
        colours = _table()["series"]
        return QColor(colours[str(index % len(colours))])

    def phase(self, phase: Phase, round_number: int = 1, rounds: int = 1) -> QColor:
        """The colour of a phase; pre-copy goes from dark (round 1) to light (round `rounds`)."""
        if phase is not Phase.PRE_COPY:
            return QColor(_table()["phases"][phase.value])
        first, last = QColor(_table()["rounds"]["first"]), QColor(_table()["rounds"]["last"])
        return mixed(first, last, (round_number - 1) / max(1, rounds - 1))

    def phase_brush(self, phase: Phase, round_number: int = 1, rounds: int = 1) -> QBrush:
        """The fill of a phase: solid, or hatched where nothing but time passes."""
        style = Qt.BrushStyle.BDiagPattern if phase is Phase.WAITING else Qt.BrushStyle.SolidPattern
        return QBrush(self.phase(phase, round_number, rounds), style)


def mixed(a: QColor, b: QColor, share: float) -> QColor:
    """The colour `share` of the way from `a` to `b`."""
    share = min(1.0, max(0.0, share))
    return QColor.fromRgbF(
        a.redF() + (b.redF() - a.redF()) * share,
        a.greenF() + (b.greenF() - a.greenF()) * share,
        a.blueF() + (b.blueF() - a.blueF()) * share,
    )


LIGHT = Theme("light")
DARK = Theme("dark")


class Look(QObject):
    """Which theme is on. Views draw with `look.theme` and listen to `changed`."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.theme = LIGHT
        # In files: glyphs for figures of one width, or for a place between others, are no text to readers of PDF.
        self.is_on_paper = False

    def use(self, application: QGuiApplication, name: str) -> None:
        """Switch to 'light', 'dark' or 'system' (the desktop's own choice)."""
        if name == "system":
            name = "dark" if application.styleHints().colorScheme() == Qt.ColorScheme.Dark else "light"
        self.theme = DARK if name == "dark" else LIGHT
        application.setPalette(_palette(self.theme))
        application.setFont(base_font())
        if hasattr(application, "setStyleSheet"):
            application.setStyleSheet(_style_sheet(self.theme))
        self.changed.emit()


look = Look()


def base_font(pixels: int = FONT_PX, *, bold: bool = False) -> QFont:
    """The application's font, on screens with figures of one width."""
    installed = set(QFontDatabase.families())
    family = next(
        (name for name in _FAMILIES if name in installed),
        QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family(),
    )
    font = QFont(family)
    font.setPixelSize(pixels)
    if look.is_on_paper:
        font.setFeature(QFont.Tag("calt"), 0)
    else:
        font.setFeature(QFont.Tag("tnum"), 1)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return font


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for target, colour in (
        (role.Window, theme.window),
        (role.Base, theme.surface),
        (role.AlternateBase, theme.window),
        (role.Button, theme.surface),
        (role.ToolTipBase, theme.raised),
        (role.WindowText, theme.text),
        (role.Text, theme.text),
        (role.ButtonText, theme.text),
        (role.ToolTipText, theme.text),
        (role.PlaceholderText, theme.muted),
        (role.Highlight, theme.accent),
        (role.HighlightedText, theme.on_accent),
        (role.Link, theme.accent),
        (role.Accent, theme.accent),
        (role.Mid, theme.border),
        (role.Light, theme.raised),
        (role.Dark, theme.border),
        (role.Shadow, theme.border),
    ):
        palette.setColor(target, colour)
    for target in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, target, mixed(theme.muted, theme.window, 0.45))
    return palette


def _style_sheet(theme: Theme) -> str:
    template = Template((RESOURCES / "themes" / "application.qss").read_text(encoding="utf-8"))
    colours = {role: QColor(getattr(theme, role)).name() for role in _table()[theme.name]}
    colours["hover"] = mixed(theme.surface, theme.text, 0.06).name()
    colours["pressed"] = mixed(theme.surface, theme.text, 0.12).name()
    colours["disabled"] = mixed(theme.muted, theme.window, 0.45).name()
    colours["accent_hover"] = mixed(theme.accent, theme.text, 0.12).name()
    colours["icons"] = (RESOURCES / "icons").as_posix()
    return template.substitute(colours, radius=f"{RADIUS}px", theme=theme.name)
