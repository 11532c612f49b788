"""A plan as a shell script of virsh and xl commands, to be read and mended by an administrator before it is used.

Nothing runs unless it is asked for by a word that nobody types by chance. Names are data: what is not plainly the name
of a host or a domain becomes a comment. What a tool can't do is a comment too, and never left out in silence.

Options are those of virsh(1) of libvirt 10 (docs/manpages/virsh.rst) and of xl(1) of Xen 4.17 (docs/man/xl.1.pod.in),
both seen. virsh counts bandwidth in MiB/s and takes no less than 1.
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen

from vmplanner.domain.edits import count
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Compression, Migration, Options, Plan, Technique
from vmplanner.domain.platform import Platform
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import MIB, format_duration
from vmplanner.domain.results import MigrationResult, Run
from vmplanner.domain.topology import Host, PolicyName

RUN_WORD = "--i-have-read-this"

_TOOLS = {Platform.LIBVIRT: "virsh", Platform.XL: "xl"}
_USUAL_TOOLS = {PolicyName.QEMU: "virsh", PolicyName.XEN_4: "xl", PolicyName.XEN_3: "xl"}
# As a DNS name or an address: nothing that ssh or a shell could take for an option or a command.
_HOST_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SAVE_FOLDER = "/var/lib/xen/save"
_FUNCTIONS = {
    "virsh": """\
answers_by_virsh() { virsh --connect="qemu+ssh://$1/system" uri >/dev/null; }
runs_by_virsh() {
    vm=$1; shift
    for host; do
        if virsh --connect="qemu+ssh://$host/system" list --name | grep -Fqx -e "$vm"; then return 0; fi
    done
    return 1
}""",
    # ssh hands its words to a shell once more, so that the name of the VM comes quoted twice.
    "xl": """\
answers_by_xl() { ssh -- "root@$1" xl info >/dev/null </dev/null; }
runs_by_xl() {
    vm=$1; shift
    for host; do
        if ssh -- "root@$host" "xl domid -- $vm" >/dev/null 2>&1 </dev/null; then return 0; fi
    done
    return 1
}""",
}


@frozen
class _Move:
    """A migration with what it is between, and what is predicted of it. When it has been done its VM is on one of the
    hosts named `later`.
    """

    migration: Migration
    machine: VirtualMachine
    source: Host
    target: Host
    result: MigrationResult | None
    later: tuple[str, ...]


def plan_as_script(project: Project, plan: Plan, forecast: Run | None) -> str:
    """The script: POSIX shell, the moves in the order in which `forecast` starts them. Moves that are not in it, being
    blocked, are comments.
    """
    sources = project.sources_of(plan)
    results = {result.migration_id: result for result in forecast.results} if forecast else {}
    moves = [
        _Move(
            migration,
            project.machines[migration.vm_id],
            project.hosts[sources[migration.id]],
            project.hosts[migration.target_id],
            results.get(migration.id),
            _later(project, plan, migration),
        )
        for migration in plan.migrations
        if sources[migration.id] != migration.target_id
    ]
    last = max((result.started_s for result in results.values()), default=0.0)
    moves.sort(key=lambda move: move.result.started_s if move.result else last + 1)
    lines = [*_head(project, plan, moves, forecast), *_checks(moves)]
    for number, move in enumerate(moves, start=1):
        lines += ["", *_comments(f"{number} of {len(moves)}", move), *_commands(move)]
    return "\n".join([*lines, ""])


def _later(project: Project, plan: Plan, migration: Migration) -> tuple[str, ...]:
    """The names of the hosts that the VM comes to by this move and those after it, without the one that it leaves."""
    moves = plan.migrations[plan.migrations.index(migration) :]
    source_id = project.sources_of(plan)[migration.id]
    ids = dict.fromkeys(move.target_id for move in moves if move.vm_id == migration.vm_id)
    return tuple(project.hosts[host_id].name for host_id in ids if host_id != source_id)


def _head(project: Project, plan: Plan, moves: list[_Move], forecast: Run | None) -> Iterator[str]:
    yield "#!/bin/sh"
    yield _comment(f"The plan '{plan.name}' of the project '{project.name}', written by vmplanner to be read first.")
    yield "#"
    yield "# The commands run one after the other. They stop at the first that fails."
    if forecast is not None:
        together = (
            f"The plan lets {count(plan.max_concurrent, 'move')} run at once, {plan.max_concurrent_per_host} per "
            f"host, and is predicted to take {format_duration(forecast.makespan_s)}. One after the other, as here, it "
            "takes another time: each move has the links to itself, and none runs beside another."
        )
        yield _comment(together)
    if plan.starts_at is not None:
        yield _comment(f"The plan starts at {plan.starts_at.isoformat()}; planned starts count from there.")
    yield "# The planned starts below are those of the plan. Here each move starts when the one before it has ended."
    yield "# After a failure the script can be run again: VMs that have arrived are left where they are."
    if any(_tool(move.source) == "virsh" for move in moves):
        yield "# virsh defines each VM at its target (--persistent) and no longer at its source (--undefinesource):"
        yield "# nobody can then start it on both. Without these it would be gone from the target once it is shut down."
    yield "# virsh reaches hosts as qemu+ssh://HOST/system, xl over ssh as root: mend names that your hosts don't have."
    yield "set -eu"
    yield ""
    yield f'if [ "${{1:-}}" != {RUN_WORD} ]; then'
    sentence = f"This would move {count(len(moves), 'VM')}. Read it; to run it, say: sh $0 {RUN_WORD}"
    yield f'    echo "{sentence}" >&2'
    yield "    exit 64"
    yield "fi"


def _comment(text: str) -> str:
    """One line, whatever the names in it hold."""
    return "# " + "".join(character if character.isprintable() else "?" for character in text)


def _comments(number: str, move: _Move) -> Iterator[str]:
    yield _comment(f"{number}: {move.machine.name}, {move.source.name} -> {move.target.name}, by {_technique(move)}")
    if move.result is None:
        yield "# It has no forecast: the pre-flight of the plan says what stands in its way."
        return
    result = move.result
    yield _comment(
        f"Planned start: {format_duration(result.started_s) if result.started_s else 'at once'}. Predicted in the plan:"
        f" takes {format_duration(result.total_s)}, the guest stands still for {format_duration(result.downtime_s)}"
        f"{'' if result.converged else f'; {result.ending}: {result.reason}'}"
    )


def _technique(move: _Move) -> str:
    return move.migration.technique.value


def _commands(move: _Move) -> Iterator[str]:
    """The command of a move with remarks on what it leaves out, or why there is none."""
    tool = _tool(move.source)
    refusal = _refusal(move, tool)
    if refusal:
        yield _comment(f"No command: {refusal}")
        return
    lines = list(_virsh(move) if tool == "virsh" else _xl(move))
    yield from (line for line in lines if line.startswith("#"))
    name = shlex.quote(move.machine.name)
    yield f"if {_runs_on(move, move.later)}; then"
    yield f"    printf '%s has moved already.\\n' {name}"
    yield "else"
    yield from (f"    {line}" for line in "\n".join(lines).splitlines() if not line.startswith("#"))
    yield "fi"


def _runs_on(move: _Move, hosts: Iterable[str]) -> str:
    """Asks whether its VM runs on one of these hosts."""
    tool, name = _tool(move.source), shlex.quote(move.machine.name)
    return f"runs_by_{tool} {shlex.quote(name) if tool == 'xl' else name} {' '.join(hosts)}"


def _tool(host: Host) -> str | None:
    """What moves the VMs of a host."""
    platform = host.facts.platform
    return _TOOLS.get(platform) if platform is not None else _USUAL_TOOLS.get(host.policy)


def _checks(moves: list[_Move]) -> Iterator[str]:
    """Functions in shell, and what must be so before anything moves: hosts answer, and VMs run where they should."""
    found = [(move, tool) for move in moves if (tool := _tool(move.source)) and not _refusal(move, tool)]
    tools = dict.fromkeys(tool for _, tool in found)
    if not tools:
        return
    yield ""
    yield "# runs_by_TOOL VM HOST...: whether it runs on one of these hosts."
    for tool in tools:
        yield from _FUNCTIONS[tool].splitlines()
    yield "missing() {"
    yield "    printf '%s runs on none of its hosts: look for it before you go on.\\n' \"$1\" >&2"
    yield "    exit 69"
    yield "}"
    yield ""
    yield "# Before anything moves: every host answers, and every VM runs on its source or has moved already."
    hosts = dict.fromkeys((tool, host.name) for move, tool in found for host in (move.source, move.target))
    for tool, host in hosts:
        yield f"answers_by_{tool} {host}"
    where: dict[str, list[_Move]] = {}
    for move, _ in found:
        where.setdefault(move.machine.id, []).append(move)
    for each in where.values():
        first, name = each[0], shlex.quote(each[0].machine.name)
        hosts_of_it = dict.fromkeys((first.source.name, *(move.target.name for move in each)))
        yield f"{_runs_on(first, hosts_of_it)} || missing {name}"


def _refusal(move: _Move, tool: str | None) -> str:
    """Why there is no command; '' where there is one."""
    if tool is None:
        platform = move.source.facts.platform
        return f"{platform.label if platform else move.source.policy.label} is moved by its own tools."
    for host in (move.source, move.target):
        if not _HOST_NAME.fullmatch(host.name):
            return f"'{host.name}' is not the name of a host on a network."
    name = move.machine.name
    if not name.isprintable() or name.startswith("-"):
        return "the VM's name is not one that a command should have."
    if re.fullmatch(r"\s*\+?[0-9]+", name):
        return f"{tool} would take '{name}' for the number of a domain."
    if move.result is None:
        return "the move is blocked."
    technique = move.migration.technique
    if technique is Technique.CHECKPOINT:
        return f"{tool} has no checkpoint + good memory; choose another technique, or move it by vmplanner."
    if tool == "xl" and technique in (Technique.POST_COPY, Technique.HYBRID):
        return f"xl has no {technique.value}; choose pre-copy."
    if tool == "xl" and _own_disks(move):
        return f"xl copies no disks, and these are on {move.source.name} itself: {', '.join(_own_disks(move))}."
    return ""


def _own_disks(move: _Move) -> list[str]:
    """The names of the disks that the source has to itself."""
    return [disk.name for disk in move.machine.needs.disks if disk.storage_id is None]


# virsh


def _virsh(move: _Move) -> Iterator[str]:
    migration, options = move.migration, move.migration.options
    words = ["virsh", f"--connect=qemu+ssh://{move.source.name}/system", "migrate", "--verbose"]
    words += ["--persistent", "--undefinesource", "--abort-on-error"]
    words += [] if migration.technique is Technique.STOP_AND_COPY else ["--live"]
    words += _virsh_technique(migration)
    words += _virsh_helpers(options, migration.technique)
    words += ["--copy-storage-all"] if _own_disks(move) else []
    if migration.max_bandwidth_bytes_per_s is not None:
        words.append(f"--bandwidth={_mib_per_s(migration.max_bandwidth_bytes_per_s)}")
    words += [f"--domain={move.machine.name}", f"--desturi=qemu+ssh://{move.target.name}/system"]
    for remark in _virsh_remarks(move):
        yield _comment(remark)
    if migration.time_limit_s is not None:
        # What Ctrl+C does: virsh cancels the migration.
        words = ["timeout", "--signal=INT", f"{max(1, round(migration.time_limit_s))}", *words]
    yield _wrapped(words)


def _virsh_technique(migration: Migration) -> list[str]:
    options = migration.options
    if migration.technique is Technique.POST_COPY:
        words = ["--postcopy", "--timeout=1", "--timeout-postcopy"]
    elif migration.technique is not Technique.HYBRID:
        return []
    elif options.switch_after_s is not None:
        words = ["--postcopy", f"--timeout={max(1, round(options.switch_after_s))}", "--timeout-postcopy"]
    else:
        words = ["--postcopy", "--postcopy-after-precopy"]
    if options.postcopy_bytes_per_s is not None:
        words.append(f"--postcopy-bandwidth={_mib_per_s(options.postcopy_bytes_per_s)}")
    return words


def _virsh_helpers(options: Options, technique: Technique) -> list[str]:
    """What helps a copy along. A guest that is stopped needs no slowing down."""
    words = []
    if options.auto_converge and technique is not Technique.STOP_AND_COPY:
        words += ["--auto-converge", f"--auto-converge-initial={_percent(options.throttle_initial)}"]
        words += [f"--auto-converge-increment={_percent(options.throttle_increment)}"]
    methods = []
    if options.channels:
        words += ["--parallel", f"--parallel-connections={options.channels}"]
        methods += [] if options.compression is Compression.NONE else [options.compression.value]
    if options.xbzrle_cache_bytes:
        methods.append("xbzrle")
    if options.compress_threads:
        methods.append("mt")
    if methods:
        words += ["--compressed", f"--comp-methods={','.join(methods)}"]
    if options.xbzrle_cache_bytes:
        words.append(f"--comp-xbzrle-cache={options.xbzrle_cache_bytes}")
    if options.compress_threads:
        words += [f"--comp-mt-threads={options.compress_threads}", f"--comp-mt-level={options.compress_level}"]
    return words


def _virsh_remarks(move: _Move) -> Iterator[str]:
    migration, options = move.migration, move.migration.options
    if migration.technique is Technique.POST_COPY:
        yield "virsh begins every migration by pre-copy; it goes on by post-copy after 1 s at the soonest."
    rounds = options.switch_after_rounds
    if migration.technique is Technique.HYBRID and options.switch_after_s is None and rounds > 1:
        yield f"The plan switches after {rounds} rounds; virsh can only do so after the first round, or after a time."
    if _own_disks(move):
        yield f"On {move.source.name} itself: {', '.join(_own_disks(move))}. At the target such images must exist."
    if migration.downtime_limit_s is not None and migration.technique is not Technique.STOP_AND_COPY:
        words = ["virsh", f"--connect=qemu+ssh://{move.source.name}/system", "migrate-setmaxdowntime"]
        words += [f"--domain={move.machine.name}", f"--downtime={max(1, round(migration.downtime_limit_s * 1000))}"]
        yield f"While it runs, from another shell: {shlex.join(words)}"
    if options.auto_converge and options.throttle_max < 0.99:
        yield f"virsh has no option for the most that the guest is slowed down, {_percent(options.throttle_max)} %."
    if options.free_page_hints:
        yield "virsh has no option for free-page hints."
    if options.preempt:
        yield "virsh has no option for a connection of its own for the pages that the guest waits for."
    if options.prepaging:
        yield "virsh has no option for pre-paging."


def _mib_per_s(bytes_per_s: float) -> int:
    return max(1, round(bytes_per_s / MIB))


def _percent(share: float) -> int:
    return round(100 * share)


# xl


def _xl(move: _Move) -> Iterator[str]:
    """xl moves from the host that it runs on, and has no options for how."""
    name, source, target = move.machine.name, move.source.name, move.target.name
    for remark in _xl_remarks(move.migration):
        yield _comment(remark)
    if move.migration.technique is not Technique.STOP_AND_COPY:
        yield _over_ssh(source, f"xl migrate -- {shlex.quote(name)} {shlex.quote(target)}")
        return
    yield "# xl migrate always copies while the guest runs; saved, carried over and restored it stands still meanwhile."
    state = shlex.quote(f"{_SAVE_FOLDER}/{re.sub(r'[^A-Za-z0-9._-]', '_', name)}.vmplanner")
    yield _over_ssh(source, f"xl save -- {shlex.quote(name)} {state}")
    yield _over_ssh(source, f"scp -- {state} {shlex.quote(f'{target}:{_SAVE_FOLDER}/')}")
    yield _over_ssh(target, f"xl restore -- {state}")
    yield _over_ssh(source, f"rm -- {state}")


def _xl_remarks(migration: Migration) -> Iterator[str]:
    limits: Mapping[str, object] = {
        "a cap of the bandwidth": migration.max_bandwidth_bytes_per_s,
        "a downtime limit": migration.downtime_limit_s,
        "a time limit": migration.time_limit_s,
    }
    for what, limit in limits.items():
        if limit is not None:
            yield f"The plan has {what}, for which xl has no option."


def _over_ssh(host: str, command: str) -> str:
    return shlex.join(["ssh", "--", f"root@{host}", command])


def _wrapped(words: list[str]) -> str:
    """A command on as many lines as its options need."""
    lines, line = [], ""
    for word in map(shlex.quote, words):
        if line and len(line) + len(word) > 110:
            lines.append(line)
            line = "   "
        line = f"{line} {word}" if line else word
    return " \\\n".join([*lines, line])
