"""What the application has to say: an error that the user can mend, or a bug with a report to copy."""

import platform
import sys
import traceback
from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path

import PySide6
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from vmplanner import __version__
from vmplanner.domain.edits import count
from vmplanner.ui.icons import icon
from vmplanner.ui.names import breakable
from vmplanner.ui.theme import look

_MOST_NAMES = 6


def tell_error(parent: QWidget, title: str, sentence: str) -> QMessageBox:
    """Show a sentence; the window stays usable behind it."""
    box = _box(parent, "fa6s.triangle-exclamation", look.theme.warn, title, sentence, window_title=title)
    box.setStandardButtons(QMessageBox.StandardButton.Ok)
    return _shown(box)


def tell(parent: QWidget, title: str, sentence: str) -> QMessageBox:
    """Show a sentence that is no trouble."""
    box = _box(parent, "fa6s.circle-info", look.theme.accent, title, sentence, window_title=title)
    box.setStandardButtons(QMessageBox.StandardButton.Ok)
    return _shown(box)


def tell_not_saved(parent: QWidget, sentence: str, save_elsewhere: Callable[[], object]) -> QMessageBox:
    """Say why the project could not be saved, with a way out: a button for saving it in another place."""
    title = "The project could not be saved"
    box = _box(parent, "fa6s.triangle-exclamation", look.theme.warn, title, sentence, window_title=title)
    box.setStandardButtons(QMessageBox.StandardButton.Ok)
    elsewhere = box.addButton("Save elsewhere...", QMessageBox.ButtonRole.ActionRole)
    elsewhere.clicked.connect(lambda: QTimer.singleShot(0, parent, save_elsewhere))
    return _shown(box)


def tell_bug(parent: QWidget | None, bug: BaseException) -> QMessageBox:
    """Own up to a bug: what happened, and a report that can be copied."""
    report = bug_report(bug)
    title, advice = "Something went wrong inside vmplanner.", "Your project is still open: save it now."
    box = _box(
        parent,
        "fa6s.bug",
        look.theme.bad,
        title,
        f"{advice} The report helps to mend the fault.",
        window_title="A fault in vmplanner",
    )
    box.setStandardButtons(QMessageBox.StandardButton.Close)
    box.setDetailedText(report)
    copy = box.addButton("Copy the report", QMessageBox.ButtonRole.ActionRole)
    copy.clicked.disconnect()
    copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(report))
    return _shown(box)


def may_replace(parent: QWidget, path: Path) -> bool:
    """Ask whether the file at `path`, if there is one, may be written over."""
    if not path.exists():
        return True
    return _is_agreed(parent, "Replace the file?", f"{path.name} is there already. Replace it?", "")


def may_write_over(parent: QWidget, path: Path) -> bool:
    """Ask whether to save over what somebody else has written to the project's file since it was opened."""
    question = f"{path.name} has changed on disk since you opened it. Save over it?"
    more = "What was written there meanwhile, such as a run from the command line, would be lost. Save as keeps both."
    return _is_agreed(parent, "The file has changed", question, more)


def may_read_anew(parent: QWidget, path: Path, *, is_unsaved: bool) -> bool:
    """Ask whether to read the project's file again, which somebody else has written to."""
    question = f"{path.name} has changed on disk. Read it again?"
    more = "What you have not saved can then be found under File > Recover unsaved work." if is_unsaved else ""
    return _is_agreed(parent, "The file has changed", question, more)


class InUse(Enum):
    """What to do with a file that another has open."""

    READ_ONLY = "Open read-only"
    TAKE_OVER = "Take it over"
    LEAVE = "Cancel"


def ask_about_use(parent: QWidget, name: str, owner: str) -> InUse:
    """Ask what to do with the file `name`, which is open elsewhere: `owner` says with whom, where and since when."""
    more = (
        f"Opened by {owner}.\n\nRead-only, you can look at it and save it under another name. "
        "If you take it over, whoever has it open will be told, and can only save elsewhere."
    )
    box = _question(parent, "The file is open elsewhere", f"{name} is open elsewhere.", more)
    roles = QMessageBox.ButtonRole
    read_only = box.addButton(InUse.READ_ONLY.value, roles.AcceptRole)
    take_over = box.addButton(InUse.TAKE_OVER.value, roles.DestructiveRole)
    box.setDefaultButton(read_only)
    box.setEscapeButton(box.addButton(QMessageBox.StandardButton.Cancel))
    box.exec()
    if box.clickedButton() is take_over:
        return InUse.TAKE_OVER
    return InUse.READ_ONLY if box.clickedButton() is read_only else InUse.LEAVE


def may_remove_group(parent: QWidget, name: str, uses: list[str]) -> bool:
    """Ask whether a group that is referred to, as `uses` says in sentences, may be removed."""
    told = "\n".join(f"{use}." for use in uses)
    return _is_agreed(parent, "The group is used", f"Remove {name}? It is used:", told)


def may_replace_profile(parent: QWidget, name: str) -> bool:
    """Ask whether a person's own profile may be written over."""
    more = "VMs that have its data keep them as they are."
    return _is_agreed(parent, "Replace the profile?", f"You have a profile '{name}' already. Replace it?", more)


def may_delete_profile(parent: QWidget, name: str) -> bool:
    """Ask whether a person's own profile may be deleted."""
    more = "Its file is removed, which can't be undone. VMs that have its data keep them."
    return _is_agreed(parent, "Delete the profile?", f"Delete the profile '{name}'?", more)


def may_trust_key(parent: QWidget, address: str, fingerprints: Sequence[str]) -> bool:
    """Ask whether the key that a host shows is the right one, and to be trusted from now on."""
    question = f"{address} is not among your known hosts. Is this its key?"
    told = "\n".join(fingerprints)
    more = f"{told}\n\nAsk whoever runs the host. With Yes, it is added to your known hosts and trusted from now on."
    return _is_agreed(parent, "An unknown host", question, more)


def may_leave_real_run(parent: QWidget, then: str, names: Sequence[str], waiting: int) -> bool:
    """Ask whether to `then` ('quit') while VMs (`names`) are moving on real hosts and more are `waiting`."""
    buttons = QMessageBox.StandardButton
    told = ", ".join(names[:_MOST_NAMES]) + (
        f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    )
    question = f"Real hosts are moving {told}." if names else "A run on real hosts is under way."
    rest = f" {count(waiting, 'move')} that wait will not be started." if waiting else ""
    more = "What has begun goes on there without vmplanner, which offers to follow it at the next start."
    box = _question(parent, "A run on real hosts is under way", question, f"{more}{rest}")
    box.setStandardButtons(buttons.Yes | buttons.No)
    box.button(buttons.Yes).setText(f"Leave it and {then}")
    box.button(buttons.No).setText("Stay")
    box.setDefaultButton(buttons.No)
    return box.exec() == buttons.Yes


def _is_agreed(parent: QWidget, title: str, question: str, more: str) -> bool:
    """The answer to a question that is No unless a person says Yes."""
    buttons = QMessageBox.StandardButton
    box = _question(parent, title, question, more)
    box.setStandardButtons(buttons.Yes | buttons.No)
    box.setDefaultButton(buttons.No)
    return box.exec() == buttons.Yes


def ask_about_unsaved(parent: QWidget, title: str) -> int:
    """Ask what to do about unsaved changes to the project `title`; returns Save, Discard or Cancel."""
    buttons = QMessageBox.StandardButton
    question = f"Save the changes to {title}?"
    box = _question(
        parent,
        "Unsaved changes",
        question,
        "What is not saved can be found for 30 days under File > Recover unsaved work.",
    )
    box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
    box.setDefaultButton(buttons.Save)
    return box.exec()


def may_stop_run(parent: QWidget, then: str) -> bool:
    """Ask whether the run under way may be stopped in order to `then` ('quit')."""
    buttons = QMessageBox.StandardButton
    box = _question(
        parent,
        "A run is under way",
        "A run is under way. Stop it?",
        "Migrations that have not completed are cancelled and their VMs stay where they are. "
        "What the run has brought so far is not kept.",
    )
    box.setStandardButtons(buttons.Yes | buttons.No)
    box.button(buttons.Yes).setText(f"Stop it and {then}")
    box.button(buttons.No).setText("Keep running")
    box.setDefaultButton(buttons.No)
    return box.exec() == buttons.Yes


def _question(parent: QWidget, window_title: str, question: str, more: str) -> QMessageBox:
    return _box(parent, "fa6s.circle-question", look.theme.accent, question, more, window_title=window_title)


def _box(
    parent: QWidget | None, symbol: str, colour: QColor, text: str, more: str, *, window_title: str
) -> QMessageBox:
    """A message with an icon of ours in the present theme. Plain text: names may hold anything."""
    box = QMessageBox(parent)
    box.setWindowTitle(window_title)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setIconPixmap(icon(symbol, colour).pixmap(32, 32))
    box.setText(breakable(text))
    box.setInformativeText(breakable(more))
    return box


def _shown(box: QMessageBox) -> QMessageBox:
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
    return box


def bug_report(bug: BaseException) -> str:
    """Versions and the traceback; nothing of the project."""
    versions = (
        f"vmplanner {__version__}, Python {platform.python_version()}, PySide6 {PySide6.__version__}, {sys.platform}"
    )
    return f"{versions}\n\n{''.join(traceback.format_exception(bug))}"


def about(parent: QWidget) -> None:
    """Who we are and what this is."""
    box = _box(
        parent,
        "fa6s.circle-info",
        look.theme.accent,
        f"vmplanner {__version__}",
        "Plans live migrations of virtual machines, simulates them, and shows where the time of each went.\n\n"
        f"Python {platform.python_version()}, Qt {PySide6.__version__}. Free software under the MIT licence.",
        window_title="About vmplanner",
    )
    if not parent.windowIcon().isNull():
        box.setIconPixmap(parent.windowIcon().pixmap(48, 48))
    _shown(box)
