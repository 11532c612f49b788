"""A process that edits, runs and saves a project until it is killed. It says on stdout what it is about to do, and what
it has done; `after` tells what the project is then.

    python tests/durability/working.py PROJECT
"""

import sys
from functools import cache
from pathlib import Path

from attrs import evolve

from tests.store.projects import example_project
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Migration, Plan
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.topology import Host, Link

# Enough for a save to take a while.
_MACHINES = 300


@cache
def after(step: int) -> Project:
    """The project after that many steps forward, without runs."""
    if step == 0:
        pieces = example_project().machines["vm-1"].profile
        hosts = [Host(f"host-{n}", f"host {n}") for n in (1, 2)]
        machines = [VirtualMachine(f"vm-{n}", f"vm {n}", "host-1", profile=pieces) for n in range(_MACHINES)]
        moves = [Migration(f"migration-{n}", f"vm-{n}", "host-2") for n in range(3)]
        plan = Plan("plan-1", "Plan", moves)
        return Project.of(*hosts, Link("link-1", "host-1", "host-2"), *machines, plan, name="step 0")
    return after(step - 1).applied(change(step))


def change(step: int) -> Change:
    """The command that leads from one step to the next: it changes one thing, adds one and removes one."""
    before = after(step - 1)
    host = before.hosts["host-1"]
    gone = before.machines.get(f"new-{step - 5}")
    new = VirtualMachine(f"new-{step}", f"new {step}", "host-2")
    edits = [Edit(host, evolve(host, name=f"step {step}")), Edit(None, new)]
    return Change(f"Step {step}", edits if gone is None else [*edits, Edit(gone, None)])


def step_of(project: Project) -> int:
    """How many steps led to it."""
    return int(project.hosts["host-1"].name.removeprefix("step ").replace("host 1", "0"))


def work(path: Path) -> None:
    """Never returns."""
    from PySide6.QtCore import QCoreApplication, QEventLoop

    from vmplanner.backends.simulated import SimulatedBackend
    from vmplanner.store import project_file
    from vmplanner.store.journal import journals_folder
    from vmplanner.store.project_file import Stamp
    from vmplanner.ui.bridge import EngineBridge
    from vmplanner.ui.document import Document
    from vmplanner.ui.work_keeper import WorkKeeper

    application = QCoreApplication([])
    document, engine = Document(), EngineBridge()
    keeper = WorkKeeper(document, journals_folder(), application)
    engine.happened.connect(keeper.take_events)

    def say(*words: object) -> None:
        print(*words, flush=True)

    def save() -> None:
        step, runs = step_of(document.project), len(document.project.runs)
        say("saving", step, runs)
        project_file.save(document.project, path)
        document.saved(path, Stamp.of(path))
        say("saved", step, runs)

    def run() -> None:
        loop = QEventLoop()
        engine.ended.connect(loop.quit)
        engine.start(document.project, SimulatedBackend())
        loop.exec()

    engine.ended.connect(lambda ended: document.add_run(ended.run))
    document.open(after(0), None)
    save()
    say("ready")
    step = 0
    for turn in range(1, 1_000_000):
        if turn % 8 == 7:
            say("command", step - 1, len(document.project.runs))
            document.undo_stack.undo()
            step -= 1
        elif turn % 23 == 9:
            say("command", step, len(document.project.runs) + 1)
            run()
        else:
            step += 1
            say("command", step, len(document.project.runs))
            document.push(change(step))
        say("did", step, len(document.project.runs))
        if turn % 9 == 4:
            save()


if __name__ == "__main__":
    work(Path(sys.argv[1]))
