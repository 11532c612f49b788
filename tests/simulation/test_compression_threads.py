"""Threads beside the sender that pack its pages: what they save, and what binds: they, the hand-over or the wire."""

from functools import partial
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulation.simulate import only, simulate_one
from tests.small_projects import two_hosts
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.machines import Piece, PieceKind, Profile
from vmplanner.domain.plans import Compression, Options, Technique
from vmplanner.domain.project import Change, Edit
from vmplanner.domain.quantities import MIB, PAGE_BYTES
from vmplanner.domain.results import MigrationResult, Outcome
from vmplanner.simulation.policies import QEMU
from vmplanner.simulation.techniques.packing import at_a_time, packed_bytes, zlib_s

# VMs of 1 GiB, whose other pages are empty.
PAGES = 512 * MIB // PAGE_BYTES
EMPTY_PAGES = PAGES
HAND_OVER_S = 22e-6


def migrated(
    ratio: float = 4.0,
    writes: float = 0.0,
    *,
    cap: float | None = None,
    cores: float | None = None,
    technique: Technique = Technique.PRE_COPY,
    rewrite_share: float = 1.0,
    **options: Any,
) -> MigrationResult:
    """512 MiB of which a page packs `ratio` times smaller, with all of it written at random."""
    heap = Piece("heap", PieceKind.HEAP, 512 * MIB, writes, compression_ratio=ratio, rewrite_share=rewrite_share)
    project = two_hosts(technique=technique, profile=Profile("P", (heap,)), bandwidth_bytes_per_s=1.25e9)
    move = evolve(only(project), options=Options(**options), max_bandwidth_bytes_per_s=cap)
    source = project.hosts["host-1"]
    values = {} if cores is None else {"packing_cores": cores}
    edits = (
        Edit(project.plan, project.plan.replaced(move)),
        Edit(source, evolve(source, policy_values=values)),
    )
    return simulate_one(project.applied(Change("", edits)))


def test_where_the_wire_binds_pages_take_their_packed_size_from_the_first_round_on() -> None:
    plain, packed = migrated(cap=8 * MIB), migrated(cap=8 * MIB, compress_threads=8)
    assert packed.bytes_in_round(1) == pytest.approx(PAGES * (PAGE_BYTES / 4 + 12) + EMPTY_PAGES * 9, rel=0.01)
    on_the_wire_s = plain.total_s * packed.transferred_bytes / plain.transferred_bytes
    assert packed.total_s == pytest.approx(on_the_wire_s + EMPTY_PAGES * HAND_OVER_S, rel=0.03)


def test_where_the_processors_bind_a_page_takes_its_hand_over_and_its_packing() -> None:
    one = migrated(compress_threads=1)
    two = migrated(compress_threads=2)
    many = migrated(compress_threads=8)
    packing_s = PAGES * zlib_s(4.0)
    assert one.total_s - two.total_s == pytest.approx(packing_s / 2, rel=0.02)
    assert two.total_s - many.total_s == pytest.approx(packing_s * (1 / 2 - 1 / 8), rel=0.02)
    assert one.transferred_bytes == pytest.approx(many.transferred_bytes, rel=0.001)
    assert many.total_s > migrated().total_s  # a fast network needs no packing


def test_threads_that_share_a_core_are_no_faster_than_one() -> None:
    assert migrated(compress_threads=1, cores=1).total_s == migrated(compress_threads=8, cores=1).total_s
    assert migrated(compress_threads=1, cores=0.5).total_s > 1.4 * migrated(compress_threads=1, cores=1).total_s


def test_what_packs_well_is_packed_faster() -> None:
    times = [migrated(ratio, compress_threads=1).total_s for ratio in (20.0, 3.0, 1.7, 1.0)]
    assert times == sorted(times)


def test_empty_pages_are_handed_over_too() -> None:
    """They hold nothing to pack, but each of them has to be looked at by a thread."""
    assert migrated(compress_threads=8).total_s > 0.9 * (PAGES + EMPTY_PAGES) * HAND_OVER_S


def test_a_higher_level_takes_longer_and_saves_a_little() -> None:
    first, last = migrated(compress_threads=1), migrated(compress_threads=1, compress_level=9)
    assert 0.9 * first.transferred_bytes < last.transferred_bytes < first.transferred_bytes
    assert last.total_s > 1.5 * first.total_s
    for level in (0, 10):
        with pytest.raises(InvalidValue, match="compress level"):
            Options(compress_level=level)


def test_a_guest_that_writes_too_much_for_the_wire_converges_when_packed() -> None:
    busy = partial(migrated, writes=12_000, cap=32 * MIB)
    assert busy().outcome is Outcome.NOT_CONVERGED
    assert busy(compress_threads=8).outcome is Outcome.COMPLETED


def test_with_xbzrle_besides_the_first_round_alone_is_packed() -> None:
    busy = partial(migrated, writes=6_000, cap=32 * MIB, rewrite_share=0.01)
    packed = busy(compress_threads=8)
    xbzrle = busy(xbzrle_cache_bytes=1024 * MIB)
    both = busy(compress_threads=8, xbzrle_cache_bytes=1024 * MIB)
    assert both.bytes_in_round(1) == packed.bytes_in_round(1) < 0.5 * xbzrle.bytes_in_round(1)
    # Nothing is in the cache yet, so that the second round sends whole pages.
    assert both.bytes_in_round(2) > 2 * packed.bytes_in_round(2)
    assert both.total_s < xbzrle.total_s


def test_channels_and_threads_pack_by_the_same_zlib() -> None:
    threads = migrated(1.0, cores=0.5, compress_threads=2)
    channels = migrated(1.0, cores=0.5, channels=2, compression=Compression.ZLIB)
    packing_s = PAGES * zlib_s(1.0) / 0.5
    assert channels.total_s == pytest.approx(packing_s, rel=0.05)
    assert threads.total_s == pytest.approx(packing_s + (PAGES + EMPTY_PAGES) * HAND_OVER_S, rel=0.05)


@pytest.mark.parametrize("technique", Technique)
def test_every_technique_comes_to_an_end_with_threads(technique: Technique) -> None:
    result = migrated(writes=500.0, technique=technique, compress_threads=4)
    assert result.outcome is Outcome.COMPLETED
    assert sum(segment.duration_s for segment in result.segments) == pytest.approx(result.total_s)


ratios = st.floats(1, 1000)
levels = st.integers(1, 9)


@settings(deadline=None)
@given(ratios, levels, st.integers(1, 255), st.floats(0.01, 1000))
def test_a_packed_page_is_never_larger_nor_slower_for_packing_better(
    ratio: float, level: int, threads: int, cores: float
) -> None:
    policy = evolve(QEMU, packing_cores=cores)
    assert packed_bytes(1000, level) <= packed_bytes(ratio, level) <= packed_bytes(1.0, level) == PAGE_BYTES + 12
    assert packed_bytes(ratio, 9) <= packed_bytes(ratio, level) <= packed_bytes(ratio, 1)
    assert 0 < zlib_s(1000, level) <= zlib_s(ratio, level) <= zlib_s(1, level)
    assert zlib_s(ratio, 1) <= zlib_s(ratio, level) <= zlib_s(ratio, 9)
    assert 0 < at_a_time(threads, policy) <= min(threads, cores)
