"""The shipped profiles and examples can be used as they are, say where their figures are from, and hold together."""

import copy
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.machines import (
    PROFILE_KINDS,
    HotCold,
    MeasuredCurve,
    Pattern,
    Piece,
    PieceKind,
    PowerLaw,
    Sequential,
    VirtualMachine,
    Zipf,
)
from vmplanner.domain.plans import Technique
from vmplanner.domain.platform import CpuVendor, Disk, HostFacts
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import GIB, MIB, PAGE_BYTES, TIB
from vmplanner.domain.results import Metric, Provenance
from vmplanner.domain.topology import PolicyName
from vmplanner.store.examples import read_example
from vmplanner.store.fields import Fields
from vmplanner.store.library import ProfileTemplate, example, examples, profile, profiles
from vmplanner.store.project_file import load, save
from vmplanner.store.templates import read_profile

CARD_WIDTH, CARD_TOP, CARD_HEIGHT = 264, 60, 200
SWITCH_WIDTH, SWITCH_HEIGHT = 168, 64


def test_the_profiles_that_administrators_know_are_there() -> None:
    assert [template.name for template in profiles()] == [
        "Batch analytics",
        "Build server",
        "Desktop",
        "File server",
        "Idle Linux",
        "In-memory cache",
        "Java application server",
        "Memory stress",
        "PostgreSQL database",
        "Web server",
    ]


@pytest.mark.parametrize("template", profiles(), ids=lambda template: template.name)
def test_a_profile_says_of_every_piece_where_its_figures_are_from(template: ProfileTemplate) -> None:
    assert template.description
    for piece in template.profile_for(template.memory_bytes).pieces:
        assert piece.source.startswith(("estimate: ", "measured: ", "derived: "))
        assert piece.kind in PROFILE_KINDS


@given(st.sampled_from(profiles()), st.integers(min_value=PAGE_BYTES, max_value=TIB))
def test_a_profile_fits_a_vm_of_any_size(template: ProfileTemplate, memory_bytes: int) -> None:
    machine = VirtualMachine(
        "vm-1", "vm", "host-1", memory_bytes=memory_bytes, profile=template.profile_for(memory_bytes)
    )
    assert all(piece.size_bytes % PAGE_BYTES == 0 for piece in machine.profile.pieces)


def test_shares_of_memory_grow_with_the_vm_and_fixed_pieces_do_not() -> None:
    sizes = [
        {piece.name: piece.size_bytes for piece in profile("Web server").profile_for(memory).pieces}
        for memory in (4 * GIB, 8 * GIB)
    ]
    assert sizes[0]["Kernel"] == sizes[1]["Kernel"] == 200 * MIB
    assert sizes[1]["Served files"] == pytest.approx(2 * sizes[0]["Served files"], abs=PAGE_BYTES)


def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    with pytest.raises(PlannerError, match=r"no profile 'Oracle'; choose one of Batch analytics, .*, Web server"):
        profile("Oracle")
    with pytest.raises(PlannerError, match=r"no example 'x'; choose one of clark-2005, evacuate-a-rack, qemu-lab"):
        example("x")


def test_examples_have_a_title_and_a_description() -> None:
    for info in examples():
        assert example(info.name).name == info.title
        assert info.description.endswith(".")


@pytest.fixture(params=[info.name for info in examples()])
def project(request: pytest.FixtureRequest) -> Project:
    return example(request.param)


def test_an_example_can_be_saved_and_loaded(project: Project, tmp_path: Path) -> None:
    save(project, tmp_path / "example.vmplan")
    assert load(tmp_path / "example.vmplan") == project


def test_nothing_on_the_canvas_of_an_example_overlaps(project: Project) -> None:
    cards = [(host.position.x, host.position.y - CARD_TOP, CARD_WIDTH, CARD_HEIGHT) for host in project.hosts.values()]
    cards += [
        (switch.position.x, switch.position.y - SWITCH_HEIGHT / 2, SWITCH_WIDTH, SWITCH_HEIGHT)
        for switch in project.switches.values()
    ]
    gap = 48
    for (ax, atop, aw, ah), (bx, btop, bw, bh) in combinations(cards, 2):
        side_by_side = abs(ax - bx) >= (aw + bw) / 2 + gap
        assert side_by_side or btop >= atop + ah + gap or atop >= btop + bh + gap


def test_the_memory_of_hosts_holds_their_vms_and_all_that_come(project: Project) -> None:
    for host in project.hosts.values():
        coming = {m.vm_id for m in project.plan.migrations if m.target_id == host.id}
        machines = [vm for vm in project.machines.values() if vm.host_id == host.id or vm.id in coming]
        assert sum(vm.memory_bytes for vm in machines) <= host.memory_bytes


def test_every_piece_and_figure_of_an_example_has_a_source(project: Project) -> None:
    for machine in project.machines.values():
        assert all(piece.source for piece in machine.profile.pieces)
    migration_ids = {migration.id for migration in project.plan.migrations}
    assert {figure.migration_id for figure in project.figures} <= migration_ids


def test_clark_2005_has_the_published_figures_marked_as_they_are_known() -> None:
    project = example("clark-2005")
    assert {host.policy for host in project.hosts.values()} == {PolicyName.XEN_3}
    assert project.plan.max_concurrent == 1
    assert [vm.memory_bytes for vm in project.machines.values()] == [800_000_000, 64_000_000, 512_000_000]
    of_spec = [figure for figure in project.figures if figure.migration_id == "migration-1"]
    downtime = next(figure for figure in of_spec if figure.metric is Metric.DOWNTIME_S)
    assert (downtime.value, downtime.provenance) == (pytest.approx(0.21), Provenance.SEEN)
    rounds = {figure.round: figure.value / 1e6 for figure in of_spec if figure.metric is Metric.ROUND_BYTES}
    assert list(rounds.values()) == pytest.approx([676.8, 126.7, 39.0, 28.4, 24.2, 16.7, 14.2, 15.3, 18.2])
    assert list(rounds) == list(range(1, 10))
    assert {f.provenance for f in of_spec if f is not downtime} == {Provenance.RECALLED}


def test_the_qemu_lab_repeats_measured_runs() -> None:
    project = example("qemu-lab")
    assert {figure.provenance for figure in project.figures} == {Provenance.MEASURED}
    by_name = {project.machines[m.vm_id].name: m for m in project.plan.migrations}
    assert by_name["seq-130"].time_limit_s == 12
    assert by_name["stop-uni-100"].technique is Technique.STOP_AND_COPY
    assert by_name["link-idle"].max_bandwidth_bytes_per_s is None
    pieces = {piece.name: piece for piece in project.machines["vm-2"].profile.pieces}
    assert pieces["Working set"].pattern == Sequential()
    assert pieces["Working set"].write_rate_pages_per_s == 4915.5


def test_evacuate_a_rack_empties_the_rack() -> None:
    project = example("evacuate-a-rack")
    assert (len(project.hosts), len(project.machines), len(project.switches)) == (12, 60, 4)
    rack = {host.id for host in project.hosts.values() if host.name.startswith("rack1-")}
    leaving = {migration.vm_id for migration in project.plan.migrations}
    assert leaving == {machine.id for machine in project.machines.values() if machine.host_id in rack}
    assert len(leaving) == 20
    assert not rack & {migration.target_id for migration in project.plan.migrations}
    [array] = project.storages.values()
    on_array = [disk for machine in project.machines.values() for disk in machine.needs.disks if disk.storage_id]
    assert 0 < sum(disk.size_bytes for disk in on_array) < array.capacity_bytes
    assert all(host.facts.hypervisor_version and host.facts.networks for host in project.hosts.values())


PROFILE: dict[str, Any] = {
    "name": "Test",
    "description": "A test.",
    "memory": "1 GiB",
    "pieces": [
        {"name": "Fixed", "kind": "heap", "size": "256 MiB", "writes": "20 MiB/s", "source": "estimate"},
        {
            "name": "Shared",
            "kind": "hot set",
            "memory_share": 0.5,
            "writes": "300 pages/s",
            "pattern": "hot/cold",
            "hot_size_share": 0.2,
            "zero_share": 0.25,
            "source": "estimate",
        },
    ],
}


def test_sizes_rates_and_patterns_are_read() -> None:
    fixed, shared = read_profile(Fields("test.toml", PROFILE)).profile_for(2 * GIB).pieces
    assert fixed == Piece("Fixed", PieceKind.HEAP, 256 * MIB, 5120, source="estimate")
    assert shared == Piece("Shared", PieceKind.HOT_SET, GIB, 300, HotCold(0.2, 0.9), zero_share=0.25, source="estimate")


@pytest.mark.parametrize(
    ("given", "pattern"),
    [
        ({"pattern": "zipf"}, Zipf(1.0)),
        ({"pattern": "zipf", "exponent": 0.8}, Zipf(0.8)),
        ({"pattern": "power law", "exponent": 0.6}, PowerLaw(0.6)),
        ({"pattern": "measured curve", "points": [[0.1, 50], [1, 300.5]]}, MeasuredCurve([(0.1, 50), (1, 300.5)])),
    ],
)
def test_patterns_with_parameters_are_read(given: dict[str, Any], pattern: Pattern) -> None:
    values = {**PROFILE, "pieces": [{**PROFILE["pieces"][0], **given}]}
    [piece] = read_profile(Fields("test.toml", values)).profile_for(GIB).pieces
    assert piece.pattern == pattern


def test_a_mistake_in_a_measured_curve_is_told_with_its_point() -> None:
    for points, words in (
        ([[1, "many"], [2, 3]], "test.toml, pieces 'Fixed', point 1: pages must be a number, not 'many'"),
        ([[1, 2]], "test.toml, pieces 'Fixed': Measured curve: points must be 2 to 1000, not 1"),
        ([[1, 10], [1, 20]], "Measured curve, point 2: seconds must be more than the 1 of the point before, not 1"),
    ):
        values = {**PROFILE, "pieces": [{**PROFILE["pieces"][0], "pattern": "measured curve", "points": points}]}
        with pytest.raises(PlannerError) as caught:
            read_profile(Fields("test.toml", values))
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("piece", "field", "value", "words"),
    [
        (0, "size", "256 MB/s", "test.toml, pieces 'Fixed': size is wrong: 'MB/s' is not a unit of memory"),
        (0, "size", None, "test.toml, pieces 'Fixed': size or memory_share must be given, and not both"),
        (1, "size", "1 MiB", "test.toml, pieces 'Shared': size or memory_share must be given, and not both"),
        (1, "memory_share", 1.5, "test.toml, pieces 'Shared': memory_share must be above 0 and at most 1"),
        (1, "memory_share", 0.9, "test.toml: pieces fill more than the memory of 1 GiB"),
        (0, "source", None, "test.toml, pieces 'Fixed': source is missing"),
        (0, "kind", "stack", "test.toml, pieces 'Fixed': kind must be one of kernel, page cache"),
        (0, "pattern", "zigzag", "test.toml, pieces 'Fixed': pattern must be one of uniform, sequential, hot/cold"),
        (0, "writes", 7, "test.toml, pieces 'Fixed': writes must be text, not 7"),
        (1, "zero_share", 2, "test.toml, pieces 'Shared': Piece 'Shared': zero share must be at most 1"),
        (0, "colour", "red", "test.toml, pieces 'Fixed': colour is not known here"),
        (0, "name", "Shared", "test.toml: Profile 'Test': pieces hold two with the name 'Shared'"),
    ],
)
def test_a_mistake_in_a_profile_is_told_with_file_piece_and_field(
    piece: int, field: str, value: object, words: str
) -> None:
    values = copy.deepcopy(PROFILE)
    values["pieces"][piece][field] = value
    if value is None:
        del values["pieces"][piece][field]
    with pytest.raises(PlannerError) as caught:
        read_profile(Fields("test.toml", values))
    assert words in str(caught.value)


def example_values() -> dict[str, Any]:
    return {
        "title": "Test",
        "notes": "",
        "hosts": [
            {"name": "a", "policy": "qemu", "memory": "8 GiB", "cores": 4, "at": [0, 0]},
            {"name": "b", "policy": "qemu", "memory": "8 GiB", "cores": 4, "at": [400, 0]},
        ],
        "storages": [{"name": "array", "capacity": "1 TiB", "at": [800, 0]}],
        "links": [{"between": ["a", "b"], "bandwidth": "1 Gbit/s", "latency": "0.1 ms"}],
        "machines": [{"name": "vm", "host": "a", "vcpus": 1, "profile": "Web server"}],
        "plan": {
            "name": "Move",
            "max_concurrent": 1,
            "max_concurrent_per_host": 1,
            "migrations": [{"vm": "vm", "to": "b"}],
        },
    }


def read(values: dict[str, Any]) -> Project:
    return read_example(Fields("test.toml", values), {template.name: template for template in profiles()})


def test_a_vm_of_an_example_has_its_profile_s_usual_memory_unless_it_says_otherwise() -> None:
    values = example_values()
    assert read(values).machines["vm-1"].memory_bytes == profile("Web server").memory_bytes
    values["machines"][0]["memory"] = "2 GiB"
    assert read(values).machines["vm-1"].memory_bytes == 2 * GIB


def test_an_example_tells_what_hosts_have_and_vms_need() -> None:
    values = example_values()
    values["hosts"][0] |= {"version": "8.2", "cpu": "amd", "cpu_level": 3, "networks": ["lan", "backup"]}
    values["links"].append({"between": ["array", "a"], "bandwidth": "1 Gbit/s", "latency": "0.1 ms"})
    disks = [{"name": "data", "size": "40 GiB", "on": "array", "snapshots": 2}, {"name": "local", "size": "1 GiB"}]
    values["machines"][0] |= {"cpu_level": 2, "networks": ["lan"], "disks": disks}
    project = read(values)
    facts, needs = project.hosts["host-1"].facts, project.machines["vm-1"].needs
    assert (facts.hypervisor_version, facts.networks) == ("8.2", {"lan", "backup"})
    assert (facts.cpu.vendor, facts.cpu.level) == (CpuVendor.AMD, 3)
    assert (needs.cpu_level, needs.networks) == (2, {"lan"})
    assert needs.disks == (Disk("data", 40 * GIB, "storage-1", 2), Disk("local", GIB))
    assert project.links["link-2"].end_a_id == "storage-1"
    assert project.hosts["host-2"].facts == HostFacts()


@pytest.mark.parametrize(
    ("kind", "field", "value", "words"),
    [
        ("machines", "host", "c", "test.toml, machines 'vm': host must be one of a, b, not 'c'"),
        ("machines", "profile", "Oracle", "test.toml, machines 'vm': profile must be one of Batch analytics, "),
        ("machines", "vcpus", 1.5, "test.toml, machines 'vm': vcpus must be a whole number, not 1.5"),
        ("machines", "memory", "2 KiB", "test.toml, machines 'vm': VirtualMachine 'vm': memory must be at least"),
        ("hosts", "at", [1], "test.toml, hosts 'a': at must be a place such as"),
        ("hosts", "name", "b", "test.toml, hosts 'b': name is used twice"),
        ("links", "between", ["a", "c"], "test.toml, links 1: between must name two hosts, switches or"),
        ("hosts", "version", "new", "test.toml, hosts 'a': HostFacts: hypervisor version must begin with a number"),
        ("machines", "disks", [{"name": "d", "size": "1 GiB", "on": "c"}], "disks 'd': on must be one of array, not"),
        ("machines", "disks", [{"name": "d", "size": "1 GiB", "of": 3}], "disks 'd': of is not known here"),
        ("storages", "capacity", "0 B", "test.toml, storages 'array': Storage 'array': capacity must be at least 1 B"),
        ("links", "bandwidth", "fast", "test.toml, links 1: bandwidth is wrong: 'fast' is not a number"),
        ("links", "length", "3 m", "test.toml, links 1: length is not known here"),
    ],
)
def test_a_mistake_in_an_example_is_told_with_file_thing_and_field(
    kind: str, field: str, value: object, words: str
) -> None:
    values = example_values()
    values[kind][0][field] = value
    with pytest.raises(PlannerError) as caught:
        read(values)
    assert words in str(caught.value)
