"""What a person can do to windows and to the start of the plan.

Functions from a project to the Change that does it, as in edits.py.
"""

from datetime import datetime

from attrs import evolve

from vmplanner.domain import checks
from vmplanner.domain.edits import unique_name
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.quantities import format_duration
from vmplanner.domain.windows import Window, WindowKind, shown_time

_FIRST_LENGTH_S = 4 * 3600.0


def add_window(project: Project, starts_at: datetime) -> Change:
    """A maintenance window of four hours, once and for everything, with the next free name."""
    name = unique_name("window-1", (window.name for window in project.windows.values()))
    window = Window(project.new_id("window"), name, WindowKind.MAINTENANCE, starts_at, _FIRST_LENGTH_S)
    return Change(f"Add {name}", (Edit(None, window),))


def change_window(project: Project, after: Window, what: str) -> Change:
    """Another value for the window that has its id. Raises InvalidValue when another window has its name."""
    before = project.windows[after.id]
    if any(other.name == after.name and other.id != after.id for other in project.windows.values()):
        raise InvalidValue(checks.describe(after), "name", f"must be another one: there is a '{after.name}' already")
    return Change(f"Change {what} of {before.name}", () if after == before else (Edit(before, after),))


def start_plan(project: Project, starts_at: datetime | None) -> Change:
    """Say when a run of the current plan begins (None: it is not said)."""
    plan = project.plan
    after = evolve(plan, starts_at=starts_at)
    told = f"Start {plan.name} at {shown_time(starts_at)}" if starts_at else f"Take the start of {plan.name} away"
    return Change(told, () if after == plan else (Edit(project.plans.get(plan.id), after),))


def limit_plan(project: Project, window_s: float | None) -> Change:
    """Say within how many seconds the current plan is to be done (None: it is not said). Raises InvalidValue."""
    plan = project.plan
    after = evolve(plan, window_s=window_s)
    told = f"Do {plan.name} within {format_duration(window_s)}" if window_s else f"Take the limit of {plan.name} away"
    return Change(told, () if after == plan else (Edit(project.plans.get(plan.id), after),))
