"""The mark of widgets that have little width: the style sheet draws what has it closer together."""

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget


def mark_narrow(widget: QWidget, is_narrow: bool) -> None:
    """Set or take away the property `narrow`, and dress the widget and what is in it anew where that is news."""
    if bool(widget.property("narrow")) == is_narrow:
        return
    widget.setProperty("narrow", is_narrow)
    for each in (widget, *widget.findChildren(QWidget)):
        each.style().unpolish(each)
        each.style().polish(each)
        QApplication.sendEvent(each, QEvent(QEvent.Type.StyleChange))  # what it knows of sizes is out of date
