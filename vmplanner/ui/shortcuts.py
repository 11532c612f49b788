"""The keys of the actions: those of the table, or what the person has set for them, which is kept in the settings."""

from collections.abc import Mapping

from PySide6.QtCore import QSettings
from PySide6.QtGui import QAction, QKeySequence

from vmplanner.ui.actions import ACTIONS

_FOLDER = "shortcuts"
DEFAULTS = {spec.id: spec.shortcut for spec in ACTIONS}


def own() -> dict[str, str]:
    """What the person has set, by action; "" means no key."""
    settings = QSettings()
    settings.beginGroup(_FOLDER)
    found = {name: str(settings.value(name, "")) for name in settings.childKeys() if name in DEFAULTS}
    settings.endGroup()
    return found


def current() -> dict[str, str]:
    """The key of each action, in the portable form of QKeySequence; "" means none."""
    return DEFAULTS | own()


def keep(keys: Mapping[str, str]) -> None:
    """Remember these keys; those that are as in the table are forgotten."""
    settings = QSettings()
    settings.remove(_FOLDER)
    for name, key in keys.items():
        if key != DEFAULTS[name]:
            settings.setValue(f"{_FOLDER}/{name}", key)


def native(key: str) -> str:
    """A key as this desktop writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def _ways_to_press(key: str) -> list[str]:
    """Where ? is typed with Shift, platforms differ in whether they tell of that."""
    return [key, f"Shift+{key}"] if key == "?" else [key] if key else []


def give(actions: Mapping[str, QAction]) -> None:
    """Give the actions their present keys, and tell them in their tooltips."""
    keys = current()
    for spec in ACTIONS:
        key = keys[spec.id]
        actions[spec.id].setShortcuts([QKeySequence(each) for each in _ways_to_press(key)])
        actions[spec.id].setToolTip(f"{spec.tip}  ({native(key)})" if key else spec.tip)
