"""The script of a plan has commands that the tools really have, runs nothing unasked, and takes no name for code."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest
from attrs import evolve

from tests.interchange.forecasts import project_of, renamed, run_of
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Compression, Migration, Options, Technique
from vmplanner.domain.platform import Disk, GuestNeeds, HostFacts, Platform
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import MIB
from vmplanner.domain.topology import PolicyName
from vmplanner.interchange.plan_script import RUN_WORD, plan_as_script

QEMU, XEN = PolicyName.QEMU, PolicyName.XEN_4


def script_of(project: Project) -> str:
    return plan_as_script(project, project.plan, run_of(project, *[0.0] * len(project.plan.migrations)))


def script(policy: PolicyName = QEMU, **values: object) -> str:
    return script_of(project_of(Migration("move-1", "web", "host-2", **values), policy=policy))


def command(text: str) -> list[str]:
    """The words of the only command that moves something."""
    [line] = moving(text)
    return shlex.split(line)


def moving(text: str) -> list[str]:
    """The commands that move the last VM."""
    return text.replace("\\\n", " ").split("\nelse\n")[-1].split("\nfi")[0].splitlines()


def test_pre_copy_by_virsh() -> None:
    words = command(script(max_bandwidth_bytes_per_s=100 * MIB))
    assert words[:3] == ["virsh", "--connect=qemu+ssh://a/system", "migrate"]
    assert {"--live", "--persistent", "--undefinesource", "--bandwidth=100"} <= set(words)
    assert words[-2:] == ["--domain=web", "--desturi=qemu+ssh://b/system"]


def test_a_guest_that_is_stopped_first_does_not_move_live() -> None:
    assert "--live" not in command(script(technique=Technique.STOP_AND_COPY))


@pytest.mark.parametrize(
    ("technique", "options", "expected"),
    [
        (Technique.POST_COPY, Options(), {"--postcopy", "--timeout=1", "--timeout-postcopy"}),
        (Technique.HYBRID, Options(), {"--postcopy", "--postcopy-after-precopy"}),
        (Technique.HYBRID, Options(switch_after_s=30), {"--postcopy", "--timeout=30", "--timeout-postcopy"}),
        (
            Technique.PRE_COPY,
            Options(auto_converge=True),
            {"--auto-converge", "--auto-converge-initial=20", "--auto-converge-increment=10"},
        ),
        (
            Technique.PRE_COPY,
            Options(xbzrle_cache_bytes=64 * MIB),
            {"--compressed", "--comp-methods=xbzrle", f"--comp-xbzrle-cache={64 * MIB}"},
        ),
        (
            Technique.PRE_COPY,
            Options(channels=4, compression=Compression.ZSTD),
            {"--parallel", "--parallel-connections=4", "--compressed", "--comp-methods=zstd"},
        ),
        (
            Technique.PRE_COPY,
            Options(compress_threads=8, compress_level=3),
            {"--comp-methods=mt", "--comp-mt-threads=8", "--comp-mt-level=3"},
        ),
    ],
)
def test_techniques_as_virsh_spells_them(technique: Technique, options: Options, expected: set[str]) -> None:
    assert expected <= set(command(script(technique=technique, options=options)))


def test_a_time_limit_ends_the_command_as_a_person_would() -> None:
    assert command(script(time_limit_s=90))[:4] == ["timeout", "--signal=INT", "90", "virsh"]


def test_what_virsh_cannot_do_is_told() -> None:
    text = script(options=Options(free_page_hints=True))
    assert "# virsh has no option for free-page hints." in text
    text = script(technique=Technique.CHECKPOINT)
    assert "# No command: virsh has no checkpoint + good memory" in text


def test_disks_of_the_host_are_copied() -> None:
    project = project_of(Migration("move-1", "web", "host-2"))
    machine = VirtualMachine("web", "web", "host-1", needs=GuestNeeds(disks=[Disk("scratch", 1000)]))
    text = script_of(evolve(project, machines={"web": machine}))
    assert "--copy-storage-all" in command(text)
    assert "# On a itself: scratch." in text


def test_xl_moves_over_ssh() -> None:
    assert command(script(XEN)) == ["ssh", "--", "root@a", "xl migrate -- web b"]


def test_stop_and_copy_by_xl_saves_and_restores() -> None:
    done = [shlex.split(line)[2:] for line in moving(script(XEN, technique=Technique.STOP_AND_COPY))]
    assert [words[0] for words in done] == ["root@a", "root@a", "root@b", "root@a"]
    assert [words[1].split()[0] for words in done] == ["xl", "scp", "xl", "rm"]


def test_xl_has_no_post_copy() -> None:
    assert "# No command: xl has no post-copy; choose pre-copy." in script(XEN, technique=Technique.POST_COPY)


def test_other_platforms_have_their_own_tools() -> None:
    project = project_of(Migration("move-1", "web", "host-2"))
    hosts = {key: evolve(host, facts=HostFacts(Platform.VSPHERE)) for key, host in project.hosts.items()}
    assert "# No command: VMware vSphere is moved by its own tools." in script_of(evolve(project, hosts=hosts))


@pytest.mark.parametrize(
    "name", ["x; touch HARM", "$(touch HARM)", "`touch HARM`", "'; touch HARM; '", '"; touch HARM']
)
@pytest.mark.parametrize("policy", [QEMU, XEN])
def test_a_name_is_no_command(tmp_path: Path, name: str, policy: PolicyName) -> None:
    project = renamed(project_of(Migration("move-1", "web", "host-2"), policy=policy), "web", name)
    path = tmp_path / "plan.sh"
    path.write_text(script_of(project))
    asked = run_with_tools(path, {"a": name})
    assert asked.returncode == 0, asked.stderr
    assert name in asked.stdout
    assert not (tmp_path / "HARM").exists()


def run_with_tools(script: Path, where: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs a script with tools that print what they are asked for. `where` has the VM that runs on each host. ssh hands
    its words to a shell, as it does.
    """
    tools = script.parent / "tools"
    tools.mkdir()
    for host, name in where.items():
        (tools / f"on-{host}").write_text(f"{name}\n")
    found = f'grep -qsFx -e "$3" {tools}/on-"$HOST"'
    for tool, body in {
        "virsh": f'host=${{1#*//}}; [ "$2" != list ] || exec cat {tools}/on-"${{host%/system}}"; printf "%s\\n" "$@"',
        "xl": f'[ "$1" != domid ] || exec {found}; printf "%s\\n" "$@"',
        "ssh": 'export HOST="${2#root@}"; shift 2; sh -c "$*"',
    }.items():
        (tools / tool).write_text(f"#!/bin/sh\n{body}\n")
        (tools / tool).chmod(0o755)
    environment = {"PATH": f"{tools}:{os.environ['PATH']}"}
    return subprocess.run(["sh", script, RUN_WORD], cwd=script.parent, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("policy", [QEMU, XEN])
def test_run_again_it_leaves_what_has_arrived(tmp_path: Path, policy: PolicyName) -> None:
    path = tmp_path / "plan.sh"
    path.write_text(script(policy))
    again = run_with_tools(path, {"b": "web"})
    assert (again.returncode, "migrate" in again.stdout) == (0, False), again.stderr
    assert "web has moved already." in again.stdout


@pytest.mark.parametrize("policy", [QEMU, XEN])
def test_nothing_moves_before_every_vm_is_found(tmp_path: Path, policy: PolicyName) -> None:
    path = tmp_path / "plan.sh"
    project = project_of(Migration("1", "web", "host-2"), Migration("2", "db", "host-2"), policy=policy)
    path.write_text(script_of(project))
    asked = run_with_tools(path, {"a": "web"})
    assert (asked.returncode, "migrate" in asked.stdout) == (69, False)
    assert "db runs on none of its hosts" in asked.stderr


def test_times_are_those_of_the_plan_and_say_so() -> None:
    project = project_of(Migration("1", "web", "host-2"), Migration("2", "db", "host-2"))
    text = plan_as_script(project, project.plan, run_of(project, 0.0, 4.0))
    assert "predicted to take 14 s. One after the other, as here, it takes another time" in text
    assert "# Planned start: 4 s. Predicted in the plan: takes 10 s" in text


@pytest.mark.parametrize("host", ["-oProxyCommand=touch", "a b", "a/../x", "qemu+ssh://x"])
def test_a_host_that_is_none_has_no_command(host: str) -> None:
    text = script_of(project_of(Migration("move-1", "web", "host-2"), policy=XEN, hosts=("a", host)))
    assert "is not the name of a host on a network." in text
    assert "ssh --" not in text


@pytest.mark.parametrize("name", ["17", "+17", " 17"])
def test_a_domain_named_as_a_number_is_left_to_the_reader(name: str) -> None:
    project = renamed(project_of(Migration("move-1", "web", "host-2")), "web", name)
    assert f"# No command: virsh would take '{name}' for the number of a domain." in script_of(project)


def test_nothing_runs_unasked(tmp_path: Path) -> None:
    path = tmp_path / "plan.sh"
    path.write_text(script())
    ended = subprocess.run(["sh", path], capture_output=True, text=True)
    assert ended.returncode == 64
    assert f"This would move 1 VM. Read it; to run it, say: sh {path} {RUN_WORD}" in ended.stderr


def test_what_is_blocked_comes_last_and_is_a_comment() -> None:
    project = project_of(Migration("move-1", "stays", "host-2"), Migration("move-2", "goes", "host-2"))
    run = run_of(project, 0.0, 0.0)
    text = plan_as_script(project, project.plan, evolve(run, results=run.results[1:]))
    assert text.index("goes, a -> b") < text.index("stays, a -> b")
    assert "# No command: the move is blocked." in text
