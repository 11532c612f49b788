"""What a report on a plan says: first what a manager has to know, then what an administrator has to check.

Knows nothing of Qt. Every sentence has its numbers from the plan, its forecast, its runs or the measured accuracy.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from attrs import frozen

from vmplanner.analysis.accuracy_report import percent
from vmplanner.analysis.sentences import sentences
from vmplanner.analysis.validate import Validation
from vmplanner.domain.edits import count
from vmplanner.domain.link_names import link_names
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES, format_duration
from vmplanner.domain.results import MigrationResult, Phase, Run
from vmplanner.domain.windows import shown_time
from vmplanner.interchange.report import Figure, KeyFigure, Listing, Part, Report, Section
from vmplanner.planning.forecast import Checked, checked
from vmplanner.planning.preflight import Finding, Severity
from vmplanner.ui.charts.host_uses import host_uses, most_used
from vmplanner.ui.charts.wall_clock import WallClock, wall_clock_of
from vmplanner.ui.exports.report_basis import assumed, known_by, machines, names_of, trust
from vmplanner.ui.exports.subject import predictions, simulation

MOST_ROWS = 40
"""So many migrations a chart of a report shows: the longest."""

_SEVERITIES = {Severity.BLOCKS: "blocks", Severity.WARNS: "warning"}
# Less work than this, lost while a guest runs, is not worth a word to a manager.
_LOST_WORK_S = 1.0


@frozen
class Case:
    """What a report is about: a plan with what is known of it. `last` is the newest run of it, if there is one."""

    project: Project
    plan: Plan
    checked: Checked
    last: Run | None
    clock: WallClock | None

    @property
    def forecast(self) -> Run | None:
        return self.checked.forecast.run if self.checked.forecast else None

    @property
    def moving(self) -> list[VirtualMachine]:
        ids = dict.fromkeys(migration.vm_id for migration in self.plan.migrations)
        return [self.project.machines[vm_id] for vm_id in ids]


def case_of(project: Project, plan: Plan) -> Case:
    """Checks a plan and simulates what can be carried out of it."""
    runs = [run for run in project.runs if run.plan_name == plan.name]
    found = checked(project, plan, simulation(project))
    return Case(project, plan, found, runs[-1] if runs else None, wall_clock_of(project, plan))


def report_of(case: Case, figures: Mapping[str, Figure], now: datetime) -> Report:
    """The report. `figures` are its pictures by name: 'topology', 'time-stacks', 'timeline', 'hosts' and 'accuracy', as
    far as there is something to draw.
    """
    validation = predictions()
    sections = [
        Section("When each machine moves", _pictured(case, figures, "timeline")),
        Section("The plan", _moves(case)),
        Section("What stands in the way", _findings(case)),
        Section("To know", _notes(case)),
        Section("Where it happens", _place(case, figures)),
        Section("Where the time goes", _where_time_goes(case, figures)),
        Section("Whether the hosts have room", _hosts(case, figures)),
        *_results(case),
        Section("How far the figures can be trusted", trust(case.project, validation, figures)),
        Section("What is assumed", assumed(case.project, case.plan, case.moving)),
        Section("All virtual machines", (machines(case.project),)),
    ]
    return Report(
        title=case.plan.name,
        lines=tuple(_lines(case, now)),
        key_figures=tuple(_key_figures(case)),
        summary=tuple(_summary(case, validation)),
        sections=tuple(section for section in sections if section.parts),
        written_at=now,
    )


# The first page


def _lines(case: Case, now: datetime) -> Iterator[str]:
    yield f"Migration plan of the project “{case.project.name}”, as of {now:%d %B %Y}"
    if case.plan.starts_at is not None:
        yield f"Planned start: {shown_time(case.plan.starts_at)}"


def _key_figures(case: Case) -> Iterator[KeyFigure]:
    yield KeyFigure(str(len(case.moving)), "VMs move" if len(case.moving) != 1 else "VM moves")
    if case.forecast is not None:
        results = case.forecast.results
        yield KeyFigure(format_duration(case.forecast.makespan_s), "from the first start to the last end")
        yield KeyFigure(_still(max(result.downtime_s for result in results)), "longest standstill of a VM")
        sent = sum(result.transferred_bytes for result in results)
        yield KeyFigure(BYTES.format(sent), "to be sent over the network")
    yield _worst(Counter(finding.severity for finding in case.checked.findings))


def _worst(counts: Mapping[Severity, int]) -> KeyFigure:
    """How many findings there are of the worst kind."""
    for severity, one, many in (
        (Severity.BLOCKS, "finding stands in the way", "findings stand in the way"),
        (Severity.WARNS, "warning to read", "warnings to read"),
        (Severity.INFORMS, "note to read", "notes to read"),
    ):
        if number := counts.get(severity, 0):
            return KeyFigure(str(number), one if number == 1 else many)
    return KeyFigure("nothing", "stands in the way")


def _still(seconds: float) -> str:
    return format_duration(seconds) if seconds else "0 s"


def _summary(case: Case, validation: Validation) -> Iterator[str]:
    machines, plan = case.moving, case.plan
    if not machines:
        yield "The plan has no moves yet."
        return
    sources = dict.fromkeys(case.project.sources_of(plan).values())
    targets = dict.fromkeys(migration.target_id for migration in plan.migrations)
    memory = BYTES.format(sum(machine.memory_bytes for machine in machines))
    disks = _disk_bytes(case)
    on_disks = f" and {BYTES.format(disks)} on disks" if disks else ""
    yield (
        f"{count(len(machines), 'virtual machine')} with {memory} of memory{on_disks} "
        f"move{'s' if len(machines) == 1 else ''} from {_hosts_named(case.project, sources)} "
        f"to {_hosts_named(case.project, targets)}."
    )
    if case.forecast is not None:
        yield _how_long(case, case.forecast.results)
        yield from _not_done(case.forecast.results)
        yield from _post_copy(case.forecast.results)
    yield _against(case)
    yield (
        f"These figures are predictions. In a test against {validation.overall.n} real migrations, half of the "
        f"predicted times were {percent(validation.overall.total_time_median_error)} off at the most, and nine in ten "
        f"{percent(validation.overall.total_time_p90_error)}; those were small guests on QEMU. {_rests_on(machines)}"
    )


def _disk_bytes(case: Case) -> int:
    """What is copied of disks, by the forecast."""
    results = case.forecast.results if case.forecast is not None else ()
    return sum(each.bytes for result in results for each in result.segments if each.phase is Phase.STORAGE_COPY)


def _how_long(case: Case, results: Sequence[MigrationResult]) -> str:
    longest = max(results, key=lambda result: result.downtime_s)
    end_s = max(result.started_s + result.total_s for result in results)
    until = f", until {case.clock.told(end_s, to_the_minute=True)}" if case.clock else ""
    return (
        f"The plan is predicted to take {format_duration(end_s)}{until}. The virtual machines go on running meanwhile; "
        f"each stands still once, for {_still(longest.downtime_s)} at the most ({longest.vm})."
    )


def _not_done(results: Sequence[MigrationResult]) -> Iterator[str]:
    left = [result for result in results if not result.converged]
    if left:
        names = names_of([result.vm for result in left])
        yield f"{count(len(left), 'move')} would not complete: {names}. Such a machine goes on running where it is."


def _post_copy(results: Sequence[MigrationResult]) -> Iterator[str]:
    """What moves by post-copy risk, and what waiting for pages costs them."""
    moves = [result for result in results if any(each.phase is Phase.POST_COPY for each in result.segments)]
    if not moves:
        return
    yield (
        f"{count(len(moves), 'move')} would go by post-copy: {names_of([result.vm for result in moves])}. Such a "
        "machine is lost if a host of its move, or the network between them, fails before all its memory has arrived."
    )
    waits_s = {result.vm: result.lost_work_s - result.downtime_s for result in moves}
    worst = max(waits_s, key=waits_s.__getitem__)
    if waits_s[worst] >= _LOST_WORK_S:
        yield (
            f"Slowed down or waiting for memory, these machines lose {format_duration(sum(waits_s.values()))} of their "
            f"work besides; {worst} loses the most, {format_duration(waits_s[worst])}."
        )


def _against(case: Case) -> str:
    counts = Counter(finding.severity for finding in case.checked.findings)
    if counts[Severity.BLOCKS]:
        left_out = f" {count(len(case.checked.blocked), 'move')} can't be carried out as planned."
        return f"{count(counts[Severity.BLOCKS], 'finding')} must be mended before all of it can be done.{left_out}"
    kinds = ((Severity.WARNS, "warning"), (Severity.INFORMS, "note"))
    told = [count(counts[severity], what) for severity, what in kinds if counts[severity]]
    is_one = sum(counts.values()) == 1
    to_read = f", but there {'is' if is_one else 'are'} {' and '.join(told)} to read" if told else ""
    return f"Nothing was found that stands in the way of the plan{to_read}."


def _rests_on(machines: Sequence[VirtualMachine]) -> str:
    guessed = [machine for machine in machines if known_by(machine) != "measured"]
    if not guessed:
        return "They rest on measurements of every machine."
    which = f"{len(guessed)} of the {len(machines)} machines" if len(guessed) < len(machines) else "every machine"
    return (
        f"What data there is, and how fast it is written, was not measured in {which}; measured figures in its place "
        "make the predictions better."
    )


def _hosts_named(project: Project, host_ids: Sequence[str] | Mapping[str, None]) -> str:
    names = [project.hosts[host_id].name for host_id in host_ids]
    return f"{count(len(names), 'host')} ({names_of(names)})"


# The sections


def _place(case: Case, figures: Mapping[str, Figure]) -> Iterator[Part]:
    project = case.project
    things = (
        (len(project.hosts), "host", "hosts"),
        (len(project.machines), "virtual machine", "virtual machines"),
        (len(project.switches), "switch", "switches"),
        (len(project.storages), "storage", "storages"),
        (len(project.links), "link", "links"),
    )
    there = [f"{number} {what if number == 1 else several}" for number, what, several in things if number]
    if there:
        yield f"The project has {', '.join(there)}."
    if "topology" in figures:
        yield figures["topology"]


def _pictured(case: Case, figures: Mapping[str, Figure], name: str) -> Iterator[Part]:
    if name not in figures or case.forecast is None:
        return
    if len(case.forecast.results) > MOST_ROWS:
        yield f"Shown are the {MOST_ROWS} longest of {len(case.forecast.results)} moves; the table of the plan has all."
    yield figures[name]


def _where_time_goes(case: Case, figures: Mapping[str, Figure]) -> Iterator[Part]:
    if case.forecast is not None and (told := sentences(case.forecast, case.project)):
        yield tuple(sentence.text for sentence in told)
    yield from _pictured(case, figures, "time-stacks")


def _moves(case: Case) -> Iterator[Part]:
    plan, project = case.plan, case.project
    at_once = f"At most {count(plan.max_concurrent, 'move')} at the same time, {plan.max_concurrent_per_host} per host."
    yield at_once if plan.migrations else "The plan has no moves yet."
    for window in project.windows.values():
        for_whom = names_of([_name(project, thing_id) for thing_id in window.applies_to]) or "everything"
        again = f", {window.recurrence}" if window.recurrence else ""
        length = format_duration(window.duration_s)
        yield (
            f"{window.kind.value.capitalize()} window “{window.name}”, for {for_whom}: from "
            f"{shown_time(window.starts_at)} for {length}{again}."
        )
    results = {result.migration_id: result for result in case.forecast.results} if case.forecast else {}
    sources = project.sources_of(plan)
    rows = []
    starts = {migration_id: result.started_s for migration_id, result in results.items()}
    for migration in sorted(plan.migrations, key=lambda migration: starts.get(migration.id, float("inf"))):
        result = results.get(migration.id)
        told = ("-",) * 4 if result is None else _figures_of(case, result)
        name, source = project.machines[migration.vm_id].name, project.hosts[sources[migration.id]].name
        rows.append((name, source, project.hosts[migration.target_id].name, migration.technique.value, *told))
    if rows:
        yield Listing(("VM", "From", "To", "Technique", "Starts", "Takes", "Stands still", "Sent"), rows, numbers=4)


def _figures_of(case: Case, result: MigrationResult) -> tuple[str, ...]:
    starts = case.clock.told(result.started_s) if case.clock else _still(result.started_s)
    ends = format_duration(result.total_s) if result.converged else f"{result.ending} after {_still(result.total_s)}"
    return starts, ends, _still(result.downtime_s), BYTES.format(result.transferred_bytes)


def _findings(case: Case) -> Iterator[Part]:
    findings = [each for each in case.checked.findings if each.severity is not Severity.INFORMS]
    if not findings:
        yield "The checks before the plan found nothing that stands in its way."
        return
    rows = [(_SEVERITIES[each.severity], *_told(case.project, each)) for each in findings]
    yield Listing(("Severity", "About", "Finding", "To mend it"), rows)


def _notes(case: Case) -> Iterator[Part]:
    """Findings that only inform."""
    notes = [_told(case.project, each) for each in case.checked.findings if each.severity is Severity.INFORMS]
    if notes:
        yield Listing(("About", "Note", "What can be done"), notes)


def _told(project: Project, finding: Finding) -> tuple[str, str, str]:
    return _name(project, finding.thing_id), _sentence(finding.message), _sentence(finding.mend)


def _name(project: Project, thing_id: str) -> str:
    found = project.find_plan(thing_id)
    if found is not None:
        return project.machines[found[1].vm_id].name
    name = getattr(project.thing(thing_id), "name", None)
    return name if name is not None else link_names(project).get(thing_id, "")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _hosts(case: Case, figures: Mapping[str, Figure]) -> Iterator[Part]:
    project, forecast = case.project, case.forecast
    if forecast is None:
        return
    uses = host_uses(project, case.plan, forecast, 0.0)
    most = most_used(project, case.plan, forecast)
    where = Counter(machine.host_id for machine in project.machines.values())
    rows = []
    for use in uses:
        host = project.hosts[use.host_id]
        kind = host.facts.platform.label if host.facts.platform else host.policy.label
        version = f"{kind} {host.facts.hypervisor_version}".rstrip()
        shares = [
            f"{100 * used / use.memory_bytes:.0f} %" for used in (use.before_bytes, most[use.host_id], use.after_bytes)
        ]
        size = BYTES.format(use.memory_bytes)
        rows.append((host.name, version, str(host.cores), str(where[host.id]), size, *shares))
    headings = ("Host", "Hypervisor", "Cores", "VMs", "Memory", "Taken before", "At its fullest", "After")
    yield Listing(headings, rows, numbers=6)
    if "hosts" in figures:
        yield figures["hosts"]


def _results(case: Case) -> Iterator[Section]:
    """The last run of the plan beside its forecast."""
    if case.last is None:
        return
    predicted = {result.migration_id: result for result in case.forecast.results} if case.forecast else {}
    rows = []
    for result in case.last.results:
        before = predicted.get(result.migration_id)
        ahead = ("-", "-") if before is None else (format_duration(before.total_s), _still(before.downtime_s))
        told = (format_duration(result.total_s), _still(result.downtime_s))
        rows.append((result.vm, result.ending, ahead[0], told[0], ahead[1], told[1]))
    when = f"{case.last.started_at:%d %B %Y, %H:%M}"
    kind = "It was a simulation as well." if case.last.backend == "simulation" else f"By {case.last.backend}."
    words = f"“{case.last.name}” of {when} took {format_duration(case.last.makespan_s)}. {kind}"
    if rows and case.last.backend == "simulation" and all(row[2] == row[3] and row[4] == row[5] for row in rows):
        yield Section("What came of the last run", (f"{words} It came to the same as what is predicted here.",))
        return
    headings = ("VM", "Outcome", "Predicted", "Took", "Predicted standstill", "Stood still")
    yield Section("What came of the last run", (words, Listing(headings, rows, numbers=4)))
