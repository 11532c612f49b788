"""The data of each chart as a tidy table: a column for each variable, its unit in its name, a row for each observation.

Times are in seconds and sizes in bytes. Names are as they are: what writes a file makes them harmless.
"""

from collections.abc import Iterator

from attrs import asdict, fields

from vmplanner.analysis import time_stacks
from vmplanner.analysis.link_loads import link_loads
from vmplanner.analysis.stack_view import Measure
from vmplanner.analysis.validate import Case
from vmplanner.domain.link_names import link_names
from vmplanner.domain.results import MigrationResult, Run
from vmplanner.interchange.table_files import Cell, Table
from vmplanner.ui.charts.captions import in_legend
from vmplanner.ui.charts.host_uses import fullest_s, host_uses
from vmplanner.ui.charts.wall_clock import wall_clock_of
from vmplanner.ui.exports.subject import Subject, predictions

_UNITS = {Measure.SECONDS: "s", Measure.BYTES: "bytes", Measure.SHARE: "share", Measure.DOWNTIME: "down_s"}
_MIGRATION = (
    "run",
    "migration",
    "vm",
    "source",
    "target",
    "technique",
    "outcome",
    "reason",
    "start_s",
    "end_s",
    "total_s",
    "downtime_s",
    "lost_work_s",
    "sent_bytes",
    "rounds",
)


def segments(subject: Subject) -> Table:
    """Every segment of every migration."""
    rows = [tuple(asdict(row).values()) for run in subject.runs for row in time_stacks.rows(run)]
    return Table("time stacks", tuple(each.name for each in fields(time_stacks.Row)), rows)


def stacks(subject: Subject) -> Table:
    """The stacks as they are shown: a row for each, and a column for each of its parts."""
    view = subject.view
    shown = time_stacks.time_stacks(subject.runs, view, subject.comparisons, subject.profiles)
    unit = _UNITS[view.measure]
    columns = ("run", view.group.value, f"total_{unit}", *(f"{in_legend(one)}_{unit}" for one in shown.series))
    rows: list[tuple[Cell, ...]] = []
    for stack, parts in zip(shown.stacks, shown.values().tolist(), strict=True):
        total = sum(parts) if view.measure is Measure.SHARE else stack.total(view.measure)
        rows.append((stack.run, stack.label, total, *parts))
    return Table("time stacks", columns, rows)


def migrations(subject: Subject) -> Table:
    """A row for each migration, with the time of day where the plan says when it starts."""
    clock = wall_clock_of(subject.project, subject.plan)
    rows: list[tuple[Cell, ...]] = []
    for run in subject.runs:
        for result in run.results:
            told = (clock.at(result.started_s).isoformat(),) if clock else ()
            rows.append((*_migration(run, result), *told))
    return Table("timeline", (*_MIGRATION, *(("starts_at",) if clock else ())), rows)


def _migration(run: Run, result: MigrationResult) -> tuple[Cell, ...]:
    return (
        run.name,
        result.migration_id,
        result.vm,
        result.source,
        result.target,
        result.technique.value,
        result.outcome.value,
        result.reason,
        result.started_s,
        result.started_s + result.total_s,
        result.total_s,
        result.downtime_s,
        result.lost_work_s,
        result.transferred_bytes,
        result.rounds,
    )


def links(subject: Subject) -> Table:
    """What each migration sent over each link, a row for each stretch of time at one rate."""
    rows: list[tuple[Cell, ...]] = []
    for run in subject.runs:
        for load in link_loads(subject.project, run.results):
            for flow in load.flows:
                for begin_s, end_s, rate in zip(flow.at_s, flow.at_s[1:], flow.rates(flow.at_s), strict=False):
                    sent = (float(begin_s), float(end_s), float(rate), load.capacity_bytes_per_s)
                    rows.append((run.name, load.name, flow.migration_id, flow.vm, *sent))
    columns = ("run", "link", "migration", "vm", "start_s", "end_s", "bytes_per_s", "capacity_bytes_per_s")
    return Table("link load", columns, rows)


def hosts(subject: Subject) -> Table:
    """Each host before the plan, when hosts are fullest, and after it."""
    project, plan, run = subject.project, subject.plan, subject.run
    moment_s = fullest_s(project, plan, run)
    rows: list[tuple[Cell, ...]] = []
    for use in host_uses(project, plan, run, moment_s):
        rows += [
            (use.name, "before", 0.0, use.before_bytes, 0, use.memory_bytes),
            (use.name, "fullest", moment_s, use.now_bytes, use.held_bytes, use.memory_bytes),
            (use.name, "after", run.makespan_s, use.after_bytes, 0, use.memory_bytes),
        ]
    return Table("hosts", ("host", "moment", "at_s", "used_bytes", "held_bytes", "memory_bytes"), rows)


def accuracy(_subject: Subject) -> Table:
    """Each measured run that comes with the program, and what was predicted of it."""
    columns = ("run", "group", "can_judge", "figure", "measured", "predicted")
    return Table("accuracy", columns, [row for case in predictions().cases for row in _case(case)])


def _case(case: Case) -> Iterator[tuple[Cell, ...]]:
    for figure in ("total_s", "downtime_s", "transferred_bytes", "converged"):
        measured, predicted = getattr(case.run, figure), getattr(case.prediction, figure, None)
        yield case.run.name, case.run.group, case.is_good, figure, _number(measured), _number(predicted)


def _number(value: float | bool | None) -> float | None:
    """One type for the whole column; 1 and 0 for yes and no."""
    return None if value is None else float(value)


def drawing(subject: Subject) -> Table:
    """A row for each thing that is drawn. Links have two ends, VMs a host, all others a place."""
    project = subject.project
    rows: list[tuple[Cell, ...]] = []
    for host in project.hosts.values():
        rows.append(("host", host.name, host.memory_bytes, None, None, None, host.position.x, host.position.y))
    for switch in project.switches.values():
        rows.append(("switch", switch.name, None, None, None, None, switch.position.x, switch.position.y))
    for storage in project.storages.values():
        place = storage.position
        rows.append(("storage", storage.name, storage.capacity_bytes, None, None, None, place.x, place.y))
    for machine in project.machines.values():
        on = project.hosts[machine.host_id].name
        rows.append(("VM", machine.name, machine.memory_bytes, on, None, None, None, None))
    names = link_names(project)
    for link in project.links.values():
        ends = [node.name for end in (link.end_a_id, link.end_b_id) if (node := project.node(end)) is not None]
        rows.append(("link", names[link.id], None, *ends, link.bandwidth_bytes_per_s, None, None))
    columns = ("kind", "name", "size_bytes", "end_a", "end_b", "bandwidth_bytes_per_s", "x_px", "y_px")
    return Table("topology", columns, rows)
