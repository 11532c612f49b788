"""What the figures of a report rest on: how predictions were tested, what is assumed, and the machines themselves."""

import re
from collections.abc import Iterator, Mapping, Sequence

from vmplanner.analysis.accuracy_report import percent
from vmplanner.analysis.measured_runs import group_title
from vmplanner.analysis.validate import Summary, Validation
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES
from vmplanner.interchange.report import Figure, Listing, Part
from vmplanner.simulation.policy_values import policy_of, values_of

_MOST_NAMES = 6
_FIRST_WORD = re.compile("measured|published|derived|estimate|guess|assumed")


def names_of(names: Sequence[str]) -> str:
    """The first of some names, and how many there are more."""
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def trust(project: Project, validation: Validation, figures: Mapping[str, Figure]) -> Iterator[Part]:
    """How far the predictions were off in tests against real migrations."""
    yield (
        "The simulation was held against real migrations of small Linux guests between two QEMUs, each predicted from "
        "what was known before it began. The table has half of the runs below the median, and nine in ten below p90. "
        "Your hosts are faster and your guests larger: measure a few of your own moves before you rely on a time."
    )
    names = {project_host.policy.label for project_host in project.hosts.values() if project_host.policy != "qemu"}
    if names:
        yield f"No such measurements were made of {' and '.join(sorted(names))}."
    rows = [_accuracy_row(group_title(name), summary) for name, summary in validation.groups.items()]
    rows.append(_accuracy_row("all", validation.overall))
    headings = ("Runs with", "Runs", "Time: median", "p90", "Bytes: median", "p90", "Standstill: median")
    yield Listing(headings, rows, numbers=6)
    if "accuracy" in figures:
        yield figures["accuracy"]


def _accuracy_row(name: str, summary: Summary) -> tuple[str, ...]:
    down = summary.downtime_median_error_ms
    return (
        name,
        str(summary.n),
        percent(summary.total_time_median_error),
        percent(summary.total_time_p90_error),
        percent(summary.transferred_median_error),
        percent(summary.transferred_p90_error),
        "-" if down is None else f"{down:.0f} ms",
    )


def assumed(project: Project, plan: Plan, moving: Sequence[VirtualMachine]) -> Iterator[Part]:
    """What is taken for granted: of the network, of the machines that move and of the hypervisors."""
    yield (
        "Links carry what the drawing says, and nothing else uses them but the share that it gives to other traffic.",
        "The machines go on writing as fast as their profiles say, for as long as the plan runs.",
        "Disks that are a host's own are copied whole before the memory, over the same links; what the machines write "
        "to them meanwhile is not counted, and disks that both hosts reach are not copied.",
    )
    profiles: dict[tuple[str, str], list[str]] = {}
    for machine in moving:
        profiles.setdefault((machine.profile.name, known_by(machine)), []).append(machine.name)
    rows = [(name, known, names_of(vms)) for (name, known), vms in sorted(profiles.items())]
    if rows:
        yield "What is known of the data in the machines that move:"
        yield Listing(("Profile", "Known by", "Machines"), rows)
    hosts = {project.hosts[host_id].policy: host_id for host_id in project.sources_of(plan).values()}
    guesses = [
        (policy.label, value.about.label, value.shown(value.default), value.source.partition(": ")[2] or value.source)
        for policy, host_id in hosts.items()
        for value in values_of(policy_of(project.hosts[host_id]))
        if value.is_assumed
    ]
    if guesses:
        yield "Values of the hypervisors that nobody has published, and that are therefore assumed:"
        yield Listing(("Hypervisor", "Value", "Taken as", "Because"), guesses)


def known_by(machine: VirtualMachine) -> str:
    """How the figures of a machine's data are known, in the words of their sources: 'measured', 'estimate', ..."""
    found = {_FIRST_WORD.search(piece.source) for piece in machine.profile.pieces}
    words = {match.group() if match else "not told" for match in found} or {"not told"}
    return "measured" if words == {"measured"} else ", ".join(sorted(words - {"measured"}))


def machines(project: Project) -> Listing:
    """All virtual machines of the project."""
    rows = []
    for machine in sorted(project.machines.values(), key=lambda machine: machine.name):
        used = sum(piece.size_bytes for piece in machine.profile.pieces if not piece.is_bad)
        host = project.hosts[machine.host_id].name
        sizes = (BYTES.format(machine.memory_bytes), BYTES.format(used) if used else "-")
        rows.append((machine.name, host, machine.profile.name, str(machine.vcpus), *sizes))
    return Listing(("VM", "Host", "Profile", "vCPUs", "Memory", "In use"), rows, numbers=3)
