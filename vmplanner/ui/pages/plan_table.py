"""What the table of planned moves shows of each."""

from collections.abc import Callable, Mapping

from attrs import frozen

from vmplanner.domain.plans import Migration
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES, format_duration
from vmplanner.domain.results import MigrationResult, Outcome, Run
from vmplanner.domain.windows import shown_time
from vmplanner.ui.charts.wall_clock import WallClock
from vmplanner.ui.tables.rows import Column


@frozen
class Move:
    """A planned move, with the names of what it is about and its predicted result. `clock` tells the time of day where
    the plan says when it starts; `blocked_by` is why the move can't be carried out.
    """

    number: int
    migration: Migration
    vm: str
    memory_bytes: int
    source: str
    target: str
    forecast: MigrationResult | None
    is_excluded: bool = False
    clock: WallClock | None = None
    blocked_by: str = ""

    @property
    def start_s(self) -> float:
        """When it is predicted to start, or not before when it may."""
        return round(self.forecast.started_s, 3) if self.forecast else self.migration.earliest_start_s


def moves_of(project: Project, forecast: Run | None, blocked: Mapping[str, str] | None = None) -> list[Move]:
    """The moves of the current plan, in their order, and below them those that it excludes. `blocked` has the reasons
    of those that can't be carried out, by their ids.
    """
    results = {result.migration_id: result for result in forecast.results} if forecast else {}
    plan, blocked = project.plan, blocked or {}
    clock = WallClock(plan.starts_at) if plan.starts_at is not None else None
    moves = []
    for shown in (plan.migrations, plan.excluded):
        where = {machine.id: machine.host_id for machine in project.machines.values()}
        for number, migration in enumerate(shown, 1):
            machine = project.machines[migration.vm_id]
            source, target = project.hosts[where[machine.id]].name, project.hosts[migration.target_id].name
            where[machine.id] = migration.target_id
            result, is_excluded = results.get(migration.id), shown is plan.excluded
            why = "" if is_excluded else blocked.get(migration.id, "")
            memory = machine.memory_bytes
            moves.append(Move(number, migration, machine.name, memory, source, target, result, is_excluded, clock, why))
    return moves


def _predicted(read: str) -> Callable[[Move], str]:
    def text(move: Move) -> str:
        if move.is_excluded:
            return ""
        if move.forecast is None:
            return "blocked" if move.blocked_by and read == "total_s" else "-"
        if move.forecast.outcome is not Outcome.COMPLETED and read != "started_s":
            return "never" if move.forecast.outcome is Outcome.NOT_CONVERGED else "-"
        return format_duration(getattr(move.forecast, read))

    return text


_started = _predicted("started_s")


def _start(move: Move) -> str:
    """A pinned move starts 'at 20 s', another one is predicted to."""
    if move.is_excluded:
        return "Excluded"
    if not move.migration.is_pinned:
        return _started(move)
    return f"at {_time(move.migration.earliest_start_s) if move.forecast is None else _started(move)}"


def _time(seconds: float) -> str:
    return format_duration(seconds) if seconds else "0 s"


def _start_tip(move: Move) -> str:
    migration = move.migration
    if move.is_excluded:
        return "Left out of the plan: it neither runs nor counts, until you include it again"
    when = f"not before {_time(migration.earliest_start_s)}"
    tip = f"Pinned: {when}, whatever is scheduled anew" if migration.is_pinned else f"Scheduled: {when}"
    if not migration.earliest_start_s and not migration.is_pinned:
        tip = "As soon as the limits allow"
    if move.clock is not None and move.forecast is not None:
        tip += f"\nPredicted for {shown_time(move.clock.at(move.start_s))}"
    return tip


def _clock(move: Move) -> str:
    return "" if move.clock is None or move.forecast is None else move.clock.told(move.start_s)


def _technique(move: Move) -> str:
    """In a word; the tooltip has the whole name."""
    return move.migration.technique.value.partition(" + ")[0]


def _shade(move: Move) -> str:
    return "muted" if move.is_excluded else "text"


def _start_shade(move: Move) -> str:
    return "accent" if move.migration.is_pinned and not move.is_excluded else _shade(move)


def _warning(move: Move) -> str:
    if move.forecast and move.forecast.is_forced:
        return "warn"
    if move.blocked_by:
        return "bad"
    return "bad" if move.forecast and move.forecast.outcome is not Outcome.COMPLETED else "text"


def _reason(move: Move) -> str:
    return move.forecast.reason if move.forecast else move.blocked_by


COLUMNS = (
    Column("#", lambda move: "" if move.is_excluded else str(move.number), 44, right=True, role_of=lambda _: "muted"),
    Column("VM", lambda move: move.vm, role_of=_shade),
    Column("Memory", lambda move: BYTES.format(move.memory_bytes), 86, right=True, role_of=_shade),
    Column("Move", lambda move: f"{move.source}  →  {move.target}", role_of=_shade),
    Column("Technique", _technique, 116, role_of=_shade, tip_of=lambda move: move.migration.technique.value),
    Column(
        "Start",
        _start,
        88,
        right=True,
        role_of=_start_shade,
        tip_of=_start_tip,
        about="When it starts. With 'at' it is pinned: a new schedule keeps it.",
    ),
    Column("At", _clock, 104, right=True, role_of=_shade, tip_of=_start_tip, about="The time of day when it starts"),
    Column("Total time", _predicted("total_s"), 100, right=True, role_of=_warning, tip_of=_reason),
    Column("Downtime", _predicted("downtime_s"), 96, right=True, role_of=_warning, tip_of=_reason),
)
# The columns that a narrow table can do without: memory and technique.
SPARED = (2, 4)
# The column that is there only where the plan says when it starts.
CLOCK = 6
