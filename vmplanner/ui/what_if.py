"""The failures that simulated runs are to try, and in words what they are and what became of the VMs by them.

They belong to the window's runs, not to the project: they are not saved and not undone, and another project has none.
"""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from vmplanner.domain.edits import count
from vmplanner.domain.failures import Abort, Failure, HostDown, LinkDown
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import format_duration
from vmplanner.domain.results import Outcome, Run
from vmplanner.planning.what_if import lost_machines
from vmplanner.ui.document import Document


class WhatIf(QObject):
    """`changed()` when other failures are to be tried."""

    changed = Signal()

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._document = document
        self.failures: tuple[Failure, ...] = ()
        document.changed.connect(self._follow)
        document.replaced.connect(lambda: self.try_these(()))

    def try_these(self, failures: Iterable[Failure]) -> None:
        """These and no others, in the order of their times."""
        wanted = tuple(sorted(dict.fromkeys(failures), key=lambda failure: failure.at_s))
        if wanted != self.failures:
            self.failures = wanted
            self.changed.emit()

    def _follow(self) -> None:
        """What is gone from the project can't fail any more. The words may have changed as well."""
        project = self._document.project
        self.failures = tuple(failure for failure in self.failures if _thing(project, failure) is not None)
        self.changed.emit()


def told(project: Project, failure: Failure) -> str:
    """'alpha stops at 30 s'."""
    when = format_duration(failure.at_s) if failure.at_s else "0 s"
    match failure:
        case HostDown():
            return f"{_thing(project, failure)} stops at {when}"
        case LinkDown():
            return f"the link {_thing(project, failure)} goes down at {when}"
        case Abort():
            return f"the move of {_thing(project, failure)} is aborted at {when}"


def fates(project: Project, run: Run, failures: Iterable[Failure]) -> list[str]:
    """What became of each VM by a run of the project's plan: first those that are lost, then those that stayed where
    they were, and how many moved.
    """
    lost = [f"{result.vm}: {result.reason}" for result in run.results if result.outcome is Outcome.LOST]
    on_their_way = {result.vm for result in run.results if result.outcome is Outcome.LOST}
    gone = [name for name in lost_machines(project, project.plan, run, failures) if name not in on_their_way]
    lost += [f"{name}: lost with the host that it ran on" for name in gone]
    ended = {result.vm: result for result in run.results if result.vm not in {*on_their_way, *gone}}
    stayed = [f"{vm}: {result.reason}" for vm, result in ended.items() if result.outcome is not Outcome.COMPLETED]
    moved = len(ended) - len(stayed)
    return [*lost, *stayed, *([f"{count(moved, 'VM')} moved as planned"] if moved else [])]


def link_name(project: Project, link_id: str) -> str:
    """'alpha - core'."""
    link = project.links[link_id]
    return " - ".join(node.name for end in (link.end_a_id, link.end_b_id) if (node := project.node(end)) is not None)


def _thing(project: Project, failure: Failure) -> str | None:
    """The name of what fails, None when there is no such thing."""
    match failure:
        case HostDown():
            return project.hosts[failure.host_id].name if failure.host_id in project.hosts else None
        case LinkDown():
            return link_name(project, failure.link_id) if failure.link_id in project.links else None
        case Abort():
            moves = (m for m in project.plan.migrations if m.id == failure.migration_id)
            return next((project.machines[migration.vm_id].name for migration in moves), None)
