"""The solver makes placements cheaper and never breaks a rule; without it the user is told what to install."""

import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.planning.placements import broken, costs, fleet, fleets, walked
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.planning.intents import Balance, Evacuate
from vmplanner.planning.placement.costs import Cost
from vmplanner.planning.placement.improve import Better, Improver
from vmplanner.planning.placement.place import Placement, place


def cost(project: Project, placement: Placement) -> float:
    return sum(costs(project)[move.vm_id].weight for move in placement.moves)


@settings(max_examples=30, deadline=None)
@given(fleets(), st.booleans())
def test_an_improved_placement_keeps_the_rules_and_costs_no_more(project: Project, is_balance: bool) -> None:
    host = next(iter(project.hosts))
    intent = Balance() if is_balance else Evacuate((host,))
    at_once = place(project, intent, costs(project))
    improved = place(project, intent, costs(project), Improver(time_limit_s=5))
    assert improved.is_possible == at_once.is_possible
    if improved.is_possible:
        assert broken(project, walked(project, improved), set() if is_balance else {host}) == []
        assert cost(project, improved) <= cost(project, at_once) + 0.01


def test_a_cheaper_way_is_found_and_told_while_it_is_looked_for() -> None:
    """To even these out the heuristic goes for the most gain by cost; one large, cheap VM is all that has to go."""
    vms = {"big": ("a", 4), "s1": ("a", 2), "s2": ("a", 2), "s3": ("a", 1)}
    project = fleet({"a": 10, "b": 10}, vms)
    prices = {"big": Cost(1, 0), "s1": Cost(100, 0), "s2": Cost(100, 0), "s3": Cost(100, 0)}
    told: list[Better] = []
    placement = place(project, Balance(), prices, Improver(5, told.append))
    assert [move.vm_id for move in placement.moves] == ["big"]
    assert told[-1].moves == 1
    assert told[-1].cost_s == pytest.approx(11)


def test_one_that_was_stopped_changes_nothing() -> None:
    project = fleet({"a": 10, "b": 10}, {"v1": ("a", 2)})
    stop = threading.Event()
    stop.set()
    improved = place(project, Evacuate(("a",)), costs(project), Improver(stop=stop))
    assert improved == place(project, Evacuate(("a",)), costs(project))


def test_without_the_solver_the_user_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ortools.sat.python", None)
    with pytest.raises(PlannerError, match=r"vmplanner\[optimize\]"):
        place(*_two(), Improver())


def _two() -> tuple[Project, Evacuate, dict[str, Cost]]:
    project = fleet({"a": 10, "b": 10}, {"v1": ("a", 2)})
    return project, Evacuate(("a",)), costs(project)
