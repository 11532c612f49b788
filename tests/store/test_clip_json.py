"""A clip as text comes back as an equal clip; any other text on the clipboard is refused in a sentence."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.store.projects import example_project
from vmplanner.domain.clips import clip, paste
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.store import project_json
from vmplanner.store.clip_json import as_json, clip_of_json

PROJECT = example_project()
TEXT = as_json(clip(PROJECT, PROJECT.hosts.keys()))


def test_it_comes_back_equal() -> None:
    for ids in (set(PROJECT.hosts), set(PROJECT.machines), {*PROJECT.switches, *PROJECT.storages}):
        copied = clip(PROJECT, ids)
        assert clip_of_json(as_json(copied)) == copied


def test_other_programs_can_read_it() -> None:
    value = json.loads(TEXT)
    assert {row["name"] for row in value["tables"]["hosts"]} == {host.name for host in PROJECT.hosts.values()}


def test_a_whole_project_can_be_pasted() -> None:
    copied = clip_of_json(project_json.as_json(PROJECT))
    after = Project().applied(paste(Project(), copied))
    assert len(after.machines) == len(PROJECT.machines)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        '{"vmplanner project": "9.0", "tables": {}}',
        '{"vmplanner project": "1.1", "tables": []}',
        TEXT.replace('"context": [', '"context": [7, '),
        TEXT[:-20],
        '{"vmplanner project": ' + "[" * 100_000,
    ],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(PlannerError, match="clipboard"):
        clip_of_json(text)


@given(st.data())
def test_no_value_does_harm(data: st.DataObject) -> None:
    value: dict[str, Any] = json.loads(TEXT)
    rows = [row for table in value["tables"].values() for row in table]
    row = data.draw(st.sampled_from(rows))
    row[data.draw(st.sampled_from(sorted(row)))] = data.draw(
        st.none() | st.text() | st.integers() | st.floats() | st.lists(st.integers()) | st.just({"a": 1})
    )
    value["context"] = data.draw(st.lists(st.sampled_from([*PROJECT.hosts, *PROJECT.storages, "no", ""])))
    with suppress(PlannerError):
        copied = clip_of_json(json.dumps(value))
        Project().applied(paste(Project(), copied))
        PROJECT.applied(paste(PROJECT, copied))
