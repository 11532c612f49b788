"""The failures that simulated runs of the current plan are to try, and what became of the VMs by them.

They belong to the plan: they are saved with the project, and what is done to them can be undone.
"""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from vmplanner.domain import plan_edits
from vmplanner.domain.edits import count
from vmplanner.domain.failures import Failure
from vmplanner.domain.project import Project
from vmplanner.domain.results import Outcome, Run
from vmplanner.planning.what_if import failures_of, lost_machines, told
from vmplanner.ui.document import Document


class WhatIf(QObject):
    """`changed()` when other failures are to be tried, or their words may have changed."""

    changed = Signal()

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._document = document
        document.changed.connect(self.changed)
        document.replaced.connect(self.changed)

    @property
    def failures(self) -> tuple[Failure, ...]:
        """In the order of their times."""
        return failures_of(self._document.project, self._document.project.plan)

    def add(self, failure: Failure) -> None:
        self._keep((*self.failures, failure), f"Try that {self._told(failure)}")

    def remove(self, failure: Failure) -> None:
        left = (each for each in self.failures if each != failure)
        self._keep(left, f"Don't try that {self._told(failure)}")

    def _keep(self, failures: Iterable[Failure], title: str) -> None:
        self._document.push(plan_edits.try_failures(self._document.project, failures, title))

    def _told(self, failure: Failure) -> str:
        return told(self._document.project, self._document.project.plan, failure)


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
