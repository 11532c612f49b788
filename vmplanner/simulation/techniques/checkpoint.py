"""Checkpoint + good memory: move in real time only what is in use and has changed since a checkpoint.

The application's data decide the time of a migration: memory that must move (good) has to go, memory that is free or
can be dropped (bad) need not. So

    balloon       the guest gives up its bad memory: free pages at once, droppable page cache at a rate
    checkpoint    good memory goes to the target while the guest runs on, in advance and slowly, if so wished
    waiting       the guest runs on, until the checkpoint is as old as was asked for
    pre-copy      of the good memory only what was written since the checkpoint, U(age) of dirtying.py
    deflate       at the target the guest gets its memory back

Where no rate is set for it a checkpoint goes as round 1 of a copy would: so fast as Xen 3 begins, say. It and the wait
after it are part of the total time, which begins with the first phase; comparisons (analysis/compare.py) keep them
apart, as what was done in advance. When the guest has its memory back the source is free, and the total time ends. With
a rate for it the guest then reads the cache that it dropped from its disk again; it waits for that in a share w of the
time:

    seconds = size / (rate w)       work lost = size / rate, whatever w is
"""

from collections.abc import Sequence

from attrs import evolve

from vmplanner.domain.events import Afterwards
from vmplanner.domain.machines import Piece, PieceKind, VirtualMachine
from vmplanner.domain.plans import Migration, Options
from vmplanner.domain.quantities import GIB
from vmplanner.domain.results import Outcome, Phase
from vmplanner.simulation.policy import Policy
from vmplanner.simulation.steps import Pause, Process, Transfer
from vmplanner.simulation.stop_rules import Adaptive
from vmplanner.simulation.techniques.pending import Pending
from vmplanner.simulation.techniques.pre_copy import copy_live

# Assumptions, not measured: a balloon driver hands pages over in batches, and a page of cache has to be found and
# dropped.
_FREE_BYTES_PER_S = 8 * GIB
_CACHE_BYTES_PER_S = 2 * GIB
# Assumption, not measured: how much of the time a guest waits for its disk until its cache is warm again.
_WAITS_FOR_CACHE = 0.5


def checkpoint_and_good_memory(machine: VirtualMachine, migration: Migration, policy: Policy) -> Process:
    """The steps of a migration that moves good memory alone, with a checkpoint ahead where the options say so."""
    options = migration.options
    cache = [piece for piece in machine.profile.pieces if options.drop_cache and _is_droppable(piece)]
    bad = [piece for piece in machine.all_pieces() if piece.is_bad]
    good = [piece for piece in machine.all_pieces() if piece not in bad and piece not in cache]
    pending = Pending.of_pieces(good, machine.memory_bytes, migration, policy)
    yield Pause(Phase.PREFLIGHT, 0, policy.setup_s)
    yield Pause(Phase.BALLOON, 0, _size(bad) / _FREE_BYTES_PER_S + _size(cache) / _CACHE_BYTES_PER_S)
    if options.checkpoint_age_s is not None:
        done = yield Transfer(Phase.CHECKPOINT, 0, pending.groups(), _checkpoint_cap(migration, policy))
        if options.checkpoint_age_s:
            yield Pause(Phase.WAITING, 0, options.checkpoint_age_s)
        pending.checkpointed(done.duration_s + options.checkpoint_age_s)
    ending = yield from copy_live(pending, machine, migration, policy)
    if ending.outcome is not Outcome.COMPLETED:
        return ending
    yield Pause(Phase.DEFLATE, pending.round, _size([*bad, *cache]) / _FREE_BYTES_PER_S)
    return evolve(ending, afterwards=_cold_cache(pending.round, cache, options))


def _checkpoint_cap(migration: Migration, policy: Policy) -> float:
    """The rate at which a checkpoint is taken at most, in bytes/s."""
    rate = migration.options.checkpoint_bytes_per_s
    if rate is None and isinstance(policy.stop, Adaptive):
        rate = policy.stop.min_bytes_per_s
    return min(map(policy.effective_cap, (migration.max_bandwidth_bytes_per_s, rate)))


def _cold_cache(number: int, cache: Sequence[Piece], options: Options) -> tuple[Afterwards, ...]:
    """The guest reads again what it dropped."""
    if options.cache_read_bytes_per_s is None:
        return ()
    reads_per_s = options.cache_read_bytes_per_s * _WAITS_FOR_CACHE
    return tuple(
        Afterwards(Phase.DEFLATE, number, piece.name, piece.kind, piece.size_bytes / reads_per_s, 1 - _WAITS_FOR_CACHE)
        for piece in cache
    )


def _is_droppable(piece: Piece) -> bool:
    """Page cache that nobody writes to is on disk as it is in memory."""
    return piece.kind is PieceKind.PAGE_CACHE and not piece.write_rate_pages_per_s


def _size(pieces: Sequence[Piece]) -> int:
    return sum(piece.size_bytes for piece in pieces)
