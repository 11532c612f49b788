"""Kills a working process at random moments, and looks at what it leaves.

python tests/durability/kills.py [KILLS] [SEED]     300 kills by default
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from attrs import evolve, frozen

from tests.durability.working import after, step_of
from vmplanner.domain.project import Project
from vmplanner.store import project_file
from vmplanner.store.recovery import find_unsaved

ROOT = Path(__file__).parents[2]
_LONGEST_S = 1.5


@frozen
class Found:
    """What a killed process left: whether unsaved work was recovered, how many commands it had done, and whether the
    command in flight was missing or a save cut off.
    """

    was_recovered: bool
    commands: int
    is_last_missing: bool
    was_saving: bool


def start(folder: Path) -> "subprocess.Popen[str]":
    """A working process whose project and state are in `folder`."""
    environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, str(ROOT / "tests" / "durability" / "working.py"), str(folder / "plan.vmplan")],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=folder,
    )


def kill(process: "subprocess.Popen[str]", wait_s: float) -> list[list[str]]:
    """Let it get ready, kill it `wait_s` later, and return what it said, by words."""
    assert process.stdout is not None
    said: list[list[str]] = []
    while not said or said[-1] != ["ready"]:
        line = process.stdout.readline()
        assert line, "it ended by itself"
        said.append(line.split())
    time.sleep(wait_s)
    process.kill()
    rest, _ = process.communicate()
    # A line that was cut off says nothing.
    return said + [line.split() for line in rest.splitlines(keepends=True) if line.endswith("\n")]


def look_at(folder: Path, said: list[list[str]]) -> Found:
    """Check what was left in `folder`. Raises AssertionError where something is lost."""
    told = [(words[0], tuple(map(int, words[1:]))) for words in said if words[0] != "ready"]
    saves = [state for verb, state in told if verb == "saved"]
    was_saving = told[-1][0] == "saving"
    document = project_file.load(folder / "plan.vmplan")
    may_be_in_document = {saves[-1], told[-1][1]} if was_saving else {saves[-1]}
    assert _state(document) in may_be_in_document, f"the document is at {_state(document)}, not {may_be_in_document}"

    commands = [state for verb, state in told if verb == "command"]
    done = [saves[0], *(state for verb, state in told if verb == "did")]
    # A command waits for the one before it: so the last that was done may be missing, and no other.
    before = [saves[-1]] if told[-1][0] == "saved" else done[-2:]
    may_be_recovered = {*before, *commands[-1:]} if len(commands) >= len(done) else {*before}
    works = find_unsaved(folder / "state" / "vmplanner" / "journals")
    assert len(works) <= 1
    newest = document
    for work in works:
        assert not work.damage, work.damage
        assert work.project is not None
        assert work.path == folder / "plan.vmplan"
        newest = work.project
    state = _state(newest)
    assert state in may_be_recovered, f"recovered {state}, not one of {may_be_recovered}; last said: {said[-6:]}"
    return Found(bool(works), len(done) - 1, state != done[-1], was_saving)


def _state(project: Project) -> tuple[int, int]:
    """Its step and its number of complete runs, checked to be whole."""
    step = step_of(project)
    whole = [run for run in project.runs if not run.name.endswith("(broken off)")]
    assert len(project.runs) - len(whole) <= 1
    assert all(len(run.results) == 3 and all(result.segments for result in run.results) for run in whole)
    assert evolve(project, runs=()) == after(step), f"the project at step {step} is not whole"
    return step, len(whole)


def kill_some(kills: int, seed: int, at_once: int = 2) -> list[Found]:
    """Kill that many processes, `at_once` at the same time."""
    chance = random.Random(seed)
    found: list[Found] = []
    while len(found) < kills:
        folders = [Path(tempfile.mkdtemp(prefix="killed-")) for _ in range(min(at_once, kills - len(found)))]
        processes = [start(folder) for folder in folders]
        for folder, process in zip(folders, processes, strict=True):
            found.append(look_at(folder, kill(process, chance.uniform(0, _LONGEST_S))))
            shutil.rmtree(folder)
    return found


if __name__ == "__main__":
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
    print(f"{kills} kills, seed {seed}")
    results = kill_some(kills, seed)
    print(f"{len(results)} documents whole, {sum(each.was_saving for each in results)} of them killed while saving")
    print(f"{sum(each.was_recovered for each in results)} times unsaved work was there, and recovered")
    print(f"{sum(each.is_last_missing for each in results)} commands in flight were missing, or there unconfirmed")
    print(f"{sum(each.commands for each in results):,} commands in all")
