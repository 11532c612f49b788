"""What the table of planned moves shows of each."""

from collections.abc import Callable

from attrs import frozen

from vmplanner.domain.plans import Migration
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES, format_duration
from vmplanner.domain.results import MigrationResult, Outcome, Run
from vmplanner.ui.tables.rows import Column


@frozen
class Move:
    """A planned move, with the names of what it is about and its predicted result."""

    number: int
    migration: Migration
    vm: str
    memory_bytes: int
    source: str
    target: str
    forecast: MigrationResult | None

    @property
    def start_s(self) -> float:
        """When it is predicted to start, or not before when it may."""
        return round(self.forecast.started_s, 3) if self.forecast else self.migration.earliest_start_s


def moves_of(project: Project, forecast: Run | None) -> list[Move]:
    """The moves of the current plan, in their order."""
    results = {result.migration_id: result for result in forecast.results} if forecast else {}
    sources = project.sources_of(project.plan)
    return [
        Move(
            number,
            migration,
            project.machines[migration.vm_id].name,
            project.machines[migration.vm_id].memory_bytes,
            project.hosts[sources[migration.id]].name,
            project.hosts[migration.target_id].name,
            results.get(migration.id),
        )
        for number, migration in enumerate(project.plan.migrations, 1)
    ]


def _predicted(read: str) -> Callable[[Move], str]:
    def text(move: Move) -> str:
        if move.forecast is None:
            return "-"
        if move.forecast.outcome is not Outcome.COMPLETED and read != "started_s":
            return "never" if move.forecast.outcome is Outcome.NOT_CONVERGED else "-"
        return format_duration(getattr(move.forecast, read))

    return text


_started = _predicted("started_s")


def _start(move: Move) -> str:
    """A pinned move starts 'at 20 s', another one is predicted to."""
    if not move.migration.is_pinned:
        return _started(move)
    return f"at {_time(move.migration.earliest_start_s) if move.forecast is None else _started(move)}"


def _time(seconds: float) -> str:
    return format_duration(seconds) if seconds else "0 s"


def _start_tip(move: Move) -> str:
    migration = move.migration
    if not migration.earliest_start_s and not migration.is_pinned:
        return "As soon as the limits allow"
    when = f"not before {_time(migration.earliest_start_s)}"
    return f"Pinned: {when}, whatever is scheduled anew" if migration.is_pinned else f"Scheduled: {when}"


def _warning(move: Move) -> str:
    return "bad" if move.forecast and move.forecast.outcome is not Outcome.COMPLETED else "text"


def _reason(move: Move) -> str:
    return move.forecast.reason if move.forecast else ""


COLUMNS = (
    Column("#", lambda move: str(move.number), 44, right=True, role_of=lambda _move: "muted"),
    Column("VM", lambda move: move.vm),
    Column("Memory", lambda move: BYTES.format(move.memory_bytes), 86, right=True),
    Column("Move", lambda move: f"{move.source}  →  {move.target}"),
    Column("Technique", lambda move: move.migration.technique.value, 116),
    Column(
        "Start",
        _start,
        88,
        right=True,
        role_of=lambda move: "accent" if move.migration.is_pinned else "text",
        tip_of=_start_tip,
        about="When it starts. With 'at' it is pinned: a new schedule keeps it.",
    ),
    Column("Total time", _predicted("total_s"), 100, right=True, role_of=_warning, tip_of=_reason),
    Column("Downtime", _predicted("downtime_s"), 96, right=True, role_of=_warning, tip_of=_reason),
)
# The columns that a narrow table can do without: memory and technique.
SPARED = (2, 4)
