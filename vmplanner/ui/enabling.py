"""Buttons that switch themselves off must not hand the keyboard to the button beside them."""

from PySide6.QtWidgets import QWidget


def set_enabled(button: QWidget, is_enabled: bool, *, refuge: QWidget) -> None:
    """Enable or disable a button. Where it loses the keyboard by that, `refuge` gets it, not the next button."""
    # Asked of the window: a button in a window behind others has no focus, but would get it back.
    if not is_enabled and button.window().focusWidget() is button:
        refuge.setFocus()
    button.setEnabled(is_enabled)
