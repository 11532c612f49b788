"""A journal that a disk has spoilt, or that somebody has cleared away, stops neither the start nor the work."""

import random
import shutil
import sqlite3
from pathlib import Path

import pytest
from attrs import evolve

from tests.store.projects import example_project
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.store.journal import DATABASE, Journal
from vmplanner.store.project_file import Stamp
from vmplanner.store.recovery import find_unsaved, recovering


def work_in(folder: Path) -> Project:
    """A journal with one command, which nobody holds. Returns the project."""
    project, change = renamed(example_project())
    journal = Journal(folder)
    journal.begin(example_project(), None, None)
    journal.record(project, change)
    journal.close()
    return project


def renamed(project: Project, name: str = "renamed") -> tuple[Project, Change]:
    host = project.hosts["host-1"]
    change = Change("Rename", [Edit(host, evolve(host, name=name))])
    return project.applied(change), change


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE journal_changes SET at = 'once'",
        "DELETE FROM journal_document",
        "INSERT INTO journal_document VALUES (NULL, 1, 2, 3)",
        "DROP TABLE journal_document",
        "DROP TABLE hosts",
        "DELETE FROM project",
    ],
)
def test_wrong_rows_do_not_cost_the_project_or_are_told(tmp_path: Path, spoil: str) -> None:
    project = work_in(tmp_path)
    [home] = tmp_path.iterdir()
    with sqlite3.connect(home / DATABASE) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        database.execute(spoil)
    database.close()
    [work] = find_unsaved(tmp_path)
    assert home.exists()
    if "at =" in spoil or "VALUES" in spoil or spoil == "DELETE FROM journal_document":
        assert (work.project, work.damage) == (project, "")
    else:
        assert work.damage
        with pytest.raises(PlannerError, match="Can't recover"), recovering(work):
            pass
        assert home.exists()


def test_spoilt_bytes_never_stop_the_start(tmp_path: Path) -> None:
    project = work_in(tmp_path / "whole")
    [home] = (tmp_path / "whole").iterdir()
    content = (home / DATABASE).read_bytes()
    chance = random.Random(7)
    for turn in range(150):
        folder = tmp_path / f"spoilt {turn}"
        shutil.copytree(home, folder / home.name)
        spoilt = bytearray(content)
        for _ in range(chance.randrange(1, 30)):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        if turn % 5 == 0:
            del spoilt[chance.randrange(len(spoilt)) :]
        (folder / home.name / DATABASE).write_bytes(spoilt)
        for work in find_unsaved(folder):
            assert (work.project is None) == bool(work.damage)
            assert work.project is None or len(work.project.hosts) <= len(project.hosts)


def test_a_journal_that_was_cleared_away_is_made_anew(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.begin(example_project(), None, None)
    journal.flush()
    for home in tmp_path.iterdir():
        shutil.rmtree(home)
    project, change = renamed(example_project())
    journal.record(project, change)
    journal.flush()
    assert journal.trouble == ""
    journal.close()
    [work] = find_unsaved(tmp_path)
    assert work.project == project


def test_what_was_done_during_a_save_is_unsaved_after_it(tmp_path: Path) -> None:
    saved, first = renamed(example_project())
    latest, second = renamed(saved, "again")
    stamp = Stamp(1, 2, 3)
    journal = Journal(tmp_path / "journals")
    journal.begin(example_project(), tmp_path / "a.vmplan", None)
    journal.record(saved, first)
    journal.record(latest, second)
    journal.saved(latest, tmp_path / "a.vmplan", stamp, since="Rename again")
    journal.close()
    [work] = find_unsaved(tmp_path / "journals")
    assert (work.project, work.stamp, work.last) == (latest, stamp, "Rename again")
