"""What the pieces of a VM make of its memory."""

import pytest

from tests.small_projects import web_profile
from vmplanner.domain.machines import HotCold, Piece, PieceKind, VirtualMachine
from vmplanner.domain.quantities import GIB, MIB, PAGE_BYTES
from vmplanner.simulation.makeup import Makeup, makeup_of


def test_good_and_bad_are_all_of_the_memory() -> None:
    machine = VirtualMachine("vm", "vm", "host", GIB, profile=web_profile())
    makeup = makeup_of(tuple(machine.all_pieces()))
    assert (makeup.good_bytes, makeup.bad_bytes, makeup.total_bytes) == (700 * MIB, 324 * MIB, GIB)


def test_hot_is_what_one_second_writes_at_most_all() -> None:
    slow = Piece("heap", PieceKind.HEAP, GIB, 10)
    assert makeup_of([slow]).hot_bytes == pytest.approx(10 * PAGE_BYTES, rel=1e-3)
    fast = Piece("heap", PieceKind.HEAP, MIB, 1e9)
    assert makeup_of([fast]).hot_bytes == pytest.approx(MIB)
    gathered = Piece("heap", PieceKind.HEAP, GIB, 1e6, HotCold(0.01, 1.0))
    assert makeup_of([gathered]).hot_bytes == pytest.approx(0.01 * GIB, rel=1e-3)


def test_packing_saves_zero_pages_and_what_the_ratio_says_of_good_memory_only() -> None:
    packed = Piece("heap", PieceKind.HEAP, 100 * MIB, zero_share=0.2, compression_ratio=2)
    free = Piece("free", PieceKind.FREE, 50 * MIB, zero_share=1, compression_ratio=4)
    assert makeup_of([packed, free]).compressible_bytes == pytest.approx(60 * MIB)


def test_no_pieces_make_nothing() -> None:
    assert makeup_of([]) == Makeup(0, 0, 0, 0)
