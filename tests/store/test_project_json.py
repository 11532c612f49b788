"""A project as JSON comes back as an equal project; everything else is refused with its place."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.projects import example_project, projects
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.store.project_json import KEY, as_json, is_project, project_of_json, read_json, write_json

EXAMPLE = json.loads(as_json(example_project()))


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=50)
@given(projects())
def test_any_project_comes_back_equal(project: Project) -> None:
    assert project_of_json(as_json(project)) == project


def test_through_a_file(tmp_path: Path) -> None:
    path = tmp_path / "project.json"
    write_json(example_project(), path)
    assert is_project(path)
    assert read_json(path) == example_project()
    assert [each.name for each in tmp_path.iterdir()] == ["project.json"]


def test_it_reads_as_people_expect() -> None:
    [storage] = EXAMPLE["tables"]["storages"]
    assert storage["name"] == "nas"
    assert EXAMPLE["tables"]["hosts"][0]["networks"] == ["VM Network", "backup"]
    assert EXAMPLE["tables"]["runs"][0]["inputs"]["VM db"]["memory"] == "4 GiB"


def changed(table: str, **values: Any) -> str:
    value = json.loads(json.dumps(EXAMPLE))
    value["tables"][table][0].update(values)
    return json.dumps(value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "it is not JSON"),
        ("[]", f'there is no "{KEY}"'),
        (json.dumps({KEY: "7.0", "tables": {}}), "it has format '7.0', not 1.x"),
        (json.dumps({KEY: "1.1"}), '"tables" must be an object'),
        (json.dumps({KEY: "1.1", "tables": {}}), "table project: must hold one row, not 0"),
        (json.dumps({KEY: "1.1", "tables": {"cats": []}}), "there is no table 'cats'"),
        (json.dumps({KEY: "1.1", "tables": {"hosts": 1}}), "table hosts: must be a list of rows"),
        (json.dumps({KEY: "1.1", "tables": {"hosts": [1]}}), "table hosts, row 1: must be an object"),
        (changed("hosts", memory_bytes=-1), "memory must be at least 1 B"),
        (changed("hosts", memory_bytes="much"), "memory_bytes must be a whole number, not 'much'"),
        (changed("hosts", name=None), "name is missing"),
        (changed("virtual_machines", host_id="gone"), "'gone' is not the id of a host"),
        (changed("runs", inputs={"VM db": {"memory": 4}}), "runs, row 1: inputs must be a JSON object of objects"),
        (changed("samples", network_faults=float("nan")), "row 1, 1, 1: network_faults must be a number, not nan"),
        ("[" * 100_000, "nested too deep"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(PlannerError) as caught:
        project_of_json(text)
    assert sentence in str(caught.value)


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just([]) | st.just({})


@given(st.sampled_from(sorted(EXAMPLE["tables"])), st.data())
def test_any_change_gives_a_project_or_a_sentence(table: str, data: st.DataObject) -> None:
    row = EXAMPLE["tables"][table][0]
    with suppress(PlannerError):
        project_of_json(changed(table, **{data.draw(st.sampled_from(sorted(row))): data.draw(values)}))


def test_a_file_that_is_none(tmp_path: Path) -> None:
    assert not is_project(tmp_path)
    assert not is_project(tmp_path / "nothing.json")
    (tmp_path / "bad.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PlannerError, match=r"Can't read .*bad\.json': it is not UTF-8 text"):
        read_json(tmp_path / "bad.json")
