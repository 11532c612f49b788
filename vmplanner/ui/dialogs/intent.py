"""Plan for me: a person says what they want of some hosts, looks at the moves that would do it, and takes them."""

import threading
from collections.abc import Callable
from enum import StrEnum
from functools import partial

from attrs import evolve, frozen
from PySide6.QtWidgets import QDialog, QLabel, QStackedWidget, QVBoxLayout, QWidget

from vmplanner.domain.edits import count
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.planning.exclusions import propose_without_excluded
from vmplanner.planning.improvement import improved
from vmplanner.planning.intents import Balance, Consolidate, Drain, Evacuate, Intent, Roll, Spread
from vmplanner.planning.placement.improve import Better, Improver
from vmplanner.planning.proposal import Proposal
from vmplanner.ui.background import Background
from vmplanner.ui.dialogs.evenness import told_evenness
from vmplanner.ui.dialogs.first_size import open_with_size
from vmplanner.ui.dialogs.intent_choices import IntentChoices, Wish
from vmplanner.ui.dialogs.proposal_view import ProposalView
from vmplanner.ui.dialogs.search import Search

_IMPROVE_S = 600.0


class Kind(StrEnum):
    """What can be asked for."""

    EVACUATE = "Evacuate hosts"
    DRAIN = "Evacuate a rack or site"
    ROLL = "Roll through hosts"
    BALANCE = "Balance"
    CONSOLIDATE = "Consolidate"
    SPREAD = "Spread after a failure"

    @property
    def explanation(self) -> str:
        return {
            Kind.EVACUATE: "Empty the hosts: their VMs go wherever rules and room allow.",
            Kind.DRAIN: "Empty all hosts of a rack or a site, to wherever links lead.",
            Kind.ROLL: "Go through the hosts one by one: empty it, leave it empty for a while, bring its VMs back.",
            Kind.BALANCE: "Even out how full the hosts' memory is, with as few and cheap moves as can be.",
            Kind.CONSOLIDATE: "Empty as many hosts as can be, so that they can be powered off.",
            Kind.SPREAD: "These hosts have failed: even out the others, without what is lost.",
        }[self]

    @property
    def question(self) -> str:
        """What is to be chosen in the list; "" where there is nothing to choose."""
        return {
            Kind.EVACUATE: "Hosts to empty",
            Kind.DRAIN: "Racks and sites to empty",
            Kind.ROLL: "Hosts to go through",
            Kind.SPREAD: "Hosts that have failed",
        }.get(self, "")


def intent_of(kind: Kind, wish: Wish) -> Intent:
    """Raises PlannerError when nothing is chosen where something must be."""
    match kind:
        case Kind.EVACUATE:
            return Evacuate(wish.ids, wish.bring_back)
        case Kind.DRAIN:
            return Drain(wish.ids[0]) if len(wish.ids) == 1 else Evacuate(wish.ids)
        case Kind.ROLL:
            return Roll(wish.ids, wish.maintain_s)
        case Kind.BALANCE:
            return Balance()
        case Kind.CONSOLIDATE:
            return Consolidate()
        case Kind.SPREAD:
            return Spread(wish.ids)


@frozen
class _Question:
    """All that a proposal depends on."""

    project: Project
    kind: Kind
    wish: Wish

    def answer(self, given_up: threading.Event, improver: Improver | None = None) -> Proposal | PlannerError:
        """Raises nothing: what there is to say against it is the answer."""
        try:
            return propose_without_excluded(
                self.project,
                intent_of(self.kind, self.wish),
                window_s=self.wish.window_s,
                max_downtime_s=self.wish.max_downtime_s,
                rule=self.wish.rule,
                improve=improver,
                stop=given_up,
            )
        except PlannerError as refusal:
            return refusal


class IntentDialog(QDialog):
    """Asks for the choices, works them out in `background`, shows the proposal; `take(Plan, title, as a copy)` is
    called when the person uses it.
    """

    def __init__(
        self,
        parent: QWidget,
        kind: Kind,
        project: Project,
        selected: frozenset[str],
        background: Background,
        take: Callable[[Plan, str, bool], None],
    ) -> None:
        super().__init__(parent)
        self._kind = kind
        self._project = project
        self._take = take
        self._question: _Question | None = None
        self.proposal: Proposal | None = None
        self._is_improving = False
        self.setWindowTitle(kind.value)
        title, explanation = QLabel(kind.value), QLabel(kind.explanation)
        title.setProperty("role", "title")
        explanation.setProperty("role", "muted")
        explanation.setWordWrap(True)
        self._stack = QStackedWidget()
        self._choices = IntentChoices(
            project,
            selected,
            question=kind.question,
            groups_only=kind is Kind.DRAIN,
            brings_back=kind is Kind.EVACUATE,
            maintains=kind is Kind.ROLL,
        )
        self._choices.asked.connect(self._find)
        self._choices.given_up.connect(self.reject)
        self._search = Search(background, self._show)
        self._search.cancelled.connect(lambda: self._stack.setCurrentWidget(self._choices))
        self._view = ProposalView()
        self._view.back_asked.connect(lambda: self._stack.setCurrentWidget(self._choices))
        self._view.improve_asked.connect(self._improve)
        self._view.use_asked.connect(lambda: self._use(as_copy=False))
        self._view.copy_asked.connect(lambda: self._use(as_copy=True))
        self._view.given_up.connect(self.reject)
        for page in (self._choices, self._search, self._view):
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(title)
        layout.addWidget(explanation)
        layout.addWidget(self._stack, 1)
        open_with_size(self, 820, 540)
        self.finished.connect(self._leave)

    def _find(self) -> None:
        """Work out the proposal."""
        wish = self._choices.wish()
        self._question = _Question(self._project, self._kind, wish)
        self._is_improving = False
        self._stack.setCurrentWidget(self._search)
        self._search.begin("Looking for the moves", self._question.answer)

    def _improve(self) -> None:
        """Go on searching from the proposal that is shown; what was best so far is taken when it is stopped."""
        assert self._question is not None
        improver = Improver(_IMPROVE_S, self._search.tell, self._search.stop_event())
        self._stack.setCurrentWidget(self._search)
        self._search.begin(
            "Looking for cheaper moves",
            partial(self._question.answer, improver=improver),
            as_text=_better,
            may_stop=True,
        )
        self._is_improving = True

    def _show(self, answer: Proposal | PlannerError) -> None:
        if isinstance(answer, PlannerError):
            if self.proposal is None:
                self._choices.refuse(str(answer))
                self._stack.setCurrentWidget(self._choices)
            else:
                self._view.tell(f"{str(answer)[:1].upper()}{str(answer)[1:]}.")
                self._stack.setCurrentWidget(self._view)
            return
        news = ""
        if self._is_improving and self.proposal is not None:
            found = improved(self.proposal, answer)
            answer, news = found.proposal, found.gained
        self.proposal = answer
        if self._kind is Kind.BALANCE:
            news = f"{told_evenness(self._project, answer.plan)} {news}".strip()
        self._view.show_proposal(self._project, answer, news)
        self._stack.setCurrentWidget(self._view)

    def _use(self, *, as_copy: bool) -> None:
        assert self.proposal is not None
        plan = evolve(self.proposal.plan, name=self._project.plan.name)
        names = self._choices.names()
        title = f"{self._kind.value.split()[0]} {names}" if names else self._kind.value
        self._take(plan, f"Plan: {title[:1].lower()}{title[1:]}", as_copy)
        self.accept()

    def _leave(self) -> None:
        self._search.leave()
        self.deleteLater()


def _better(found: Better) -> str:
    return (
        f"{count(found.moves, 'move')} at a cost of {found.cost_s:.1f} s of migration and downtime; "
        f"none cost less than {found.bound_s:.1f} s"
    )
