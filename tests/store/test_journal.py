"""Work that was never saved comes back after a crash, and is not lost by declining it."""

import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from attrs import evolve

from tests.store.projects import example_project
from vmplanner.domain.errors import InvalidValue, PlannerError
from vmplanner.domain.events import Ended, Moved, Progressed
from vmplanner.domain.machines import PieceKind, VirtualMachine
from vmplanner.domain.project import COLLECTIONS, Change, Edit, Project
from vmplanner.domain.results import Outcome, Phase, Run
from vmplanner.domain.topology import Host
from vmplanner.store.journal import Journal
from vmplanner.store.project_file import Stamp, save
from vmplanner.store.recovery import UnsavedWork, decline, find_unsaved, recovering, remove
from vmplanner.store.run_events import Started

RENAMED = "Rename alpha"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journals"


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    journal = Journal(folder)
    yield journal
    journal.close()


def renamed(project: Project, name: str = "renamed") -> tuple[Project, Change]:
    host = project.hosts["host-1"]
    change = Change(RENAMED, [Edit(host, evolve(host, name=name))])
    return project.applied(change), change


def after_a_crash(journal: Journal, folder: Path) -> list[UnsavedWork]:
    """What the next start finds if the process dies now: nothing is closed, and nobody holds the locks."""
    journal.flush()
    copy = folder.with_name("after the crash")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    return find_unsaved(copy)


def test_a_command_is_found_after_a_crash(journal: Journal, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "night \udcff.vmplan"
    project = example_project()
    save(project, path)
    journal.begin(project, path, Stamp.of(path))
    project, change = renamed(project)
    journal.record(project, change)
    [work] = after_a_crash(journal, folder)
    assert work.project == project
    assert (work.path, work.stamp, work.name) == (path, Stamp.of(path), path.name)
    assert (work.changes, work.last, work.is_declined) == (1, RENAMED, False)
    assert abs((datetime.now(UTC) - work.last_at).total_seconds()) < 600


def test_without_a_command_there_is_nothing_to_recover(journal: Journal, folder: Path) -> None:
    journal.begin(example_project(), None, None)
    assert after_a_crash(journal, folder) == []
    assert list((folder.parent / "after the crash").iterdir()) == []


def test_what_is_saved_needs_no_recovery(journal: Journal, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "night.vmplan"
    journal.begin(example_project(), None, None)
    project, change = renamed(example_project())
    journal.record(project, change)
    save(project, path)
    journal.saved(project, path, Stamp.of(path))
    assert after_a_crash(journal, folder) == []
    project, change = renamed(project, "again")
    journal.record(project, change)
    [work] = after_a_crash(journal, folder)
    assert (work.project, work.path, work.changes) == (project, path, 1)


def test_a_living_process_s_work_is_not_offered(journal: Journal, folder: Path) -> None:
    journal.begin(example_project(), None, None)
    journal.record(*renamed(example_project()))
    journal.flush()
    assert find_unsaved(folder) == []


def some_change(project: Project, chance: random.Random) -> Change:
    """Adds, removes, replaces or swaps things, as commands and their undoing do."""
    edits = []
    for _ in range(chance.randint(1, 3)):
        collection = chance.choice(COLLECTIONS)
        things = list(getattr(project, collection).values())
        if things and chance.random() < 0.4:
            edits.append(Edit(chance.choice(things), None))
        elif things and chance.random() < 0.6:
            thing = chance.choice(things)
            edits.append(Edit(thing, evolve(thing, name=f"new {chance.random()}") if hasattr(thing, "name") else thing))
        else:
            number = chance.randrange(10**9)
            new: Host | VirtualMachine = Host(f"host-{number}", "new")
            if project.hosts and chance.random() < 0.5:
                pieces = example_project().machines["vm-1"].profile
                new = VirtualMachine(f"vm-{number}", "new", chance.choice(list(project.hosts)), profile=pieces)
            edits.append(Edit(None, new))
    return Change("some change", edits)


@pytest.mark.parametrize("seed", range(8))
def test_after_any_changes_the_journal_holds_the_same_project_in_the_same_order(
    journal: Journal, folder: Path, seed: int
) -> None:
    chance = random.Random(seed)
    project = example_project()
    journal.begin(project, None, None)
    done: list[Change] = []
    count = 0
    while count < 60:
        change = done.pop().inverse() if done and chance.random() < 0.3 else some_change(project, chance)
        with suppress(InvalidValue):
            project = project.applied(change)
            done.append(change)
            journal.record(project, change)
            count += 1
    [work] = after_a_crash(journal, folder)
    assert work.project == project
    for collection in COLLECTIONS:
        assert list(getattr(work.project, collection)) == list(getattr(project, collection))
    assert work.changes == 60


INPUTS = example_project().runs[0].inputs
RUN = Run("run-2", "Run 2", "Empty alpha", "simulation", datetime(2026, 3, 1, 12, tzinfo=UTC), inputs=INPUTS)


def progress(at_s: float, phase: Phase = Phase.PRE_COPY, size: int = 100) -> Progressed:
    return Progressed("migration-1", at_s, phase, 1, (Moved("Buffers", PieceKind.DATABASE_BUFFERS, size, 1.0),), 50)


def test_a_run_that_broke_off_is_kept_as_far_as_it_went(journal: Journal, folder: Path) -> None:
    journal.begin(example_project(), None, None)
    journal.record_events(example_project(), RUN, [Started("migration-1", 1.0), progress(3.0)])
    # What it was made from is told once, not with each event.
    journal.record_events(example_project(), evolve(RUN, inputs=""), [progress(5.0, size=70)])
    [work] = after_a_crash(journal, folder)
    assert work.project is not None
    run = work.project.runs[-1]
    assert (run.id, run.name, run.plan_name, run.started_at) == (
        "run-2",
        "Run 2 (broken off)",
        RUN.plan_name,
        RUN.started_at,
    )
    assert run.inputs == INPUTS
    [result] = run.results
    assert (result.outcome, result.reason, result.total_s) == (Outcome.FAILED, "not finished", 4.0)
    assert result.transferred_bytes == 170
    assert work.last == "Run 2 (broken off)"


def test_a_run_that_ended_is_kept_without_its_events(journal: Journal, folder: Path) -> None:
    project = example_project()
    journal.begin(project, None, None)
    journal.record_events(project, RUN, [Started("migration-1", 1.0), progress(3.0)])
    journal.record_events(project, RUN, [Ended("migration-1", 3.5, Outcome.CANCELLED, "by hand")])
    project = project.with_run(evolve(RUN, results=project.runs[0].results, inputs=project.runs[0].inputs))
    journal.record_run(project, project.runs[-1])
    [work] = after_a_crash(journal, folder)
    assert work.project == project


def test_events_of_a_run_that_was_dropped_do_not_get_into_the_next(journal: Journal, folder: Path) -> None:
    journal.begin(example_project(), None, None)
    journal.record_events(example_project(), RUN, [Started("migration-1", 1.0), progress(3.0)])
    later = evolve(RUN, started_at=datetime(2026, 3, 2, tzinfo=UTC))
    journal.record_events(example_project(), later, [Started("migration-1", 0.0), progress(1.0, size=5)])
    [work] = after_a_crash(journal, folder)
    assert work.project is not None
    assert work.project.runs[-1].results[0].transferred_bytes == 5


def test_closing_removes_the_journal_but_keeps_unsaved_work_as_declined(folder: Path) -> None:
    journal = Journal(folder)
    journal.begin(example_project(), None, None)
    journal.close()
    assert list(folder.iterdir()) == []
    journal.begin(example_project(), None, None)
    journal.record(*renamed(example_project()))
    journal.begin(Project(), None, None)
    [declined] = find_unsaved(folder)
    assert (declined.is_declined, declined.project) == (True, renamed(example_project())[0])
    journal.close()
    assert len(list(folder.iterdir())) == 1


@pytest.fixture
def left(journal: Journal, folder: Path) -> Callable[[], UnsavedWork]:
    """Leaves work behind, each time another."""

    def left() -> UnsavedWork:
        before = {work.folder for work in find_unsaved(folder)}
        journal.begin(example_project(), None, None)
        journal.record(*renamed(example_project()))
        journal.close()
        [new] = [work for work in find_unsaved(folder) if work.folder not in before]
        return new

    return left


def test_recovered_work_is_gone_from_the_journals_once_it_is_open(
    left: Callable[[], UnsavedWork], folder: Path
) -> None:
    work = left()
    with pytest.raises(PlannerError, match="no room"), recovering(work):
        raise PlannerError("there is no room for it")
    assert len(find_unsaved(folder)) == 1
    with recovering(work) as opened:
        assert opened.project == renamed(example_project())[0]
        with (
            pytest.raises(PlannerError, match="Can't recover 'Two hosts': another window has recovered it already"),
            recovering(work),
        ):
            pass
    assert find_unsaved(folder) == []
    with pytest.raises(PlannerError, match="recovered it already"), recovering(work):
        pass


def test_declined_work_is_kept_for_thirty_days_and_the_newest_longer(
    left: Callable[[], UnsavedWork], folder: Path
) -> None:
    works = [left() for _ in range(7)]
    for work in works:
        decline(work)
    assert len(find_unsaved(folder)) == 7
    for work in works:
        os.utime(work.folder / "declined", (0, 0))
    assert len(find_unsaved(folder)) == 5
    assert len(list(folder.iterdir())) == 5
    remove(find_unsaved(folder)[0])
    assert len(find_unsaved(folder)) == 4


def test_damaged_work_is_told_and_does_not_hide_the_rest(left: Callable[[], UnsavedWork], folder: Path) -> None:
    damaged, sound = left(), left()
    (damaged.folder / "work.sqlite").write_bytes(b"SQLite format 3\0" + bytes(5000))
    found = {work.folder: work for work in find_unsaved(folder)}
    assert found[sound.folder].damage == ""
    assert found[damaged.folder].damage
    assert found[damaged.folder].project is None


def test_what_goes_wrong_is_told_and_made_good_by_the_next_command(folder: Path) -> None:
    folder.write_text("in the way")
    journal = Journal(folder)
    journal.begin(example_project(), None, None)
    project, change = renamed(example_project())
    journal.record(project, change)
    journal.flush()
    assert "choose another place" in journal.trouble
    folder.unlink()
    project, change = renamed(project, "later")
    journal.record(project, change)
    journal.flush()
    assert journal.trouble == ""
    [work] = after_a_crash(journal, folder)
    assert (work.project, work.changes) == (project, 2)
    journal.close()


def test_journals_are_for_their_owner_only(journal: Journal, folder: Path) -> None:
    journal.begin(example_project(), None, None)
    journal.flush()
    assert folder.stat().st_mode & 0o077 == 0
    [home] = folder.iterdir()
    assert home.stat().st_mode & 0o077 == 0


def test_a_command_s_commit_reaches_the_disk_and_touches_few_rows(journal: Journal, folder: Path) -> None:
    journal.begin(example_project(), None, None)
    journal.flush()
    [home] = folder.iterdir()
    database = sqlite3.connect(home / "work.sqlite")
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    before = (home / "work.sqlite-wal").stat().st_size
    journal.record(*renamed(example_project()))
    journal.flush()
    assert (home / "work.sqlite-wal").stat().st_size - before < 40_000
    database.close()
