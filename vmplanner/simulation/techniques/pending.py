"""The pages of a guest that still have to go over, while it is being copied.

A hypervisor walks through memory in the order of addresses. A pass that ends early leaves its end unsent, and the
next one begins with that. Where the data of a guest lie is not known before a run. Assumed here is what measured
Linux guests show: from below, what is written most to what is never written; then all memory that was never touched,
in one stretch; and at the top what the kernel allocates first, a part of what is never written.

After a round of T seconds that left `left` pages of a class of N pages unsent, with U of dirtying.py, there are pending

    left + U(T) - overlap,      overlap = left U(T) / N                          writes that fall anywhere
                                overlap = max(0, left + U(T) - N)                a walk
                                overlap = left (b + U(T) - U(t + T)) / b         a power law, a measured curve

A walk goes away from what it has just written, and so from what the round left; where all pages were pending before,
though, what is left may lie anywhere on its way. A U that grows less and less means that a page that was just written
is likely to be written again soon: of the b pages that were pending before, all are taken as written in the t seconds
before the round, U(t) = b.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from vmplanner.domain.machines import Piece, VirtualMachine
from vmplanner.domain.plans import Compression, Migration
from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.simulation.dirtying import Dirtying, Floats, share_of
from vmplanner.simulation.page_classes import page_classes
from vmplanner.simulation.policy import Policy
from vmplanner.simulation.rounds import top_pages
from vmplanner.simulation.steps import Group, Part
from vmplanner.simulation.techniques.compress import PackedAtFirst, ThreadPacked, with_threads
from vmplanner.simulation.techniques.encoding import Encoding, Plain
from vmplanner.simulation.techniques.free_page_hints import takes_hints, without_hinted
from vmplanner.simulation.techniques.multifd import Packed
from vmplanner.simulation.techniques.xbzrle import Xbzrle

_NOTHING = Group.of()


class Pending:
    """Pending pages per class, and the number of the pass that sends them. Lists have an item for each class, arrays
    the shape (classes,).
    """

    def __init__(
        self, pieces: Sequence[Piece], memory_bytes: int, policy: Policy, encoding: Encoding | None = None
    ) -> None:
        self._pieces = tuple(pieces)
        self._policy = policy
        self._encoding = encoding or Plain.of(policy.page_bytes)
        self._classes = page_classes(self._pieces)
        self._full = [one.pages * (1 - one.piece.zero_share) for one in self._classes]
        self._empty = [one.pages * one.piece.zero_share for one in self._classes]
        self._unsent = [0.0] * len(self._classes)
        # Tuples of numbers are no work for the garbage collector.
        self._order = tuple(
            sorted(range(len(self._classes)), key=[-one.intensity for one in self._classes].__getitem__)
        )
        self._never_touched = tuple([index for index in self._order if self._classes[index].piece.zero_share == 1.0])
        self._top_pages = top_pages(memory_bytes / PAGE_BYTES)
        self._pass: list[Group] = []
        self._behind_s = 0.0
        self.round = 1

    @classmethod
    def of(cls, machine: VirtualMachine, migration: Migration, policy: Policy) -> "Pending":
        """The memory of a VM at the start of a migration, with what the migration's options make of its pages."""
        pieces = machine.all_pieces()
        if takes_hints(migration):
            pieces = iter(without_hinted(pieces))
        return cls.of_pieces(tuple(pieces), machine.memory_bytes, migration, policy)

    @classmethod
    def of_pieces(cls, pieces: Sequence[Piece], memory_bytes: int, migration: Migration, policy: Policy) -> "Pending":
        """Some pieces of a VM's memory, with what a migration's options make of their pages."""
        options = migration.options
        if not (options.xbzrle_cache_bytes or options.channels or options.compress_threads):
            return cls(pieces, memory_bytes, policy)
        dirtying = Dirtying.of(pieces)
        encoding: Encoding = Plain.of(policy.page_bytes)
        if options.xbzrle_cache_bytes:
            encoding = Xbzrle(pieces, dirtying, policy, options.xbzrle_cache_bytes)
        elif options.channels and options.compression is not Compression.NONE:
            cap = migration.max_bandwidth_bytes_per_s
            encoding = Packed(pieces, dirtying, policy, options.channels, options.compression, cap)
        if options.compress_threads and not options.channels:
            policy = with_threads(policy)
            packed = ThreadPacked(pieces, dirtying, policy, options.compress_threads, options.compress_level)
            encoding = PackedAtFirst(packed, encoding) if options.xbzrle_cache_bytes else packed
        return cls(pieces, memory_bytes, policy, encoding)

    @cached_property
    def dirtying(self) -> Dirtying:
        return Dirtying.of(self._pieces)

    @property
    def pages(self) -> Floats:
        pages: Floats = np.array(self._full) + np.array(self._empty)
        return pages

    @property
    def bytes(self) -> float:
        """Empty pages count as whole ones, as QEMU and Xen count them."""
        return (sum(self._full) + sum(self._empty)) * PAGE_BYTES

    def groups(self) -> list[Group]:
        """What a pass over them sends, in the order of addresses but for what the last pass left, which comes first."""
        never_touched = self._never_touched_group()
        top = self._top_pages if never_touched.pages else 0.0
        below: list[Group] = []
        above: list[Group] = []
        never, full, unsent = self._never_touched, self._full, self._unsent
        for index in reversed(self._order):
            fresh = full[index] - unsent[index]
            if fresh < 0:  # some of it was dropped
                fresh = 0.0
            empty = self._empty[index]
            if empty and index in never:
                empty = 0.0
            if not (fresh or empty):
                continue
            in_top = 0.0
            if top and fresh:
                in_top = min(1.0, top / fresh)
                top -= in_top * fresh
                if in_top > 0:
                    above.append(self._mixed(index, fresh, empty, in_top))
            if in_top < 1:
                below.append(self._mixed(index, fresh, empty, 1 - in_top))
        left = [self._full_part(index, unsent[index]) for index in self._order if unsent[index]]
        first = Group.of(*left) if left else _NOTHING
        in_order = [first, *reversed(below), never_touched, *reversed(above)]
        groups = [group for group in in_order if group.wire_bytes]
        if not isinstance(self._encoding, Plain):
            self._pass = groups
        return groups

    def drop(self, pages: Floats) -> None:
        """Take pages out of the pass that comes next, those with content first."""
        for index, taken in enumerate(pages.tolist()):
            full = min(self._full[index], taken)
            self._full[index] -= full
            self._empty[index] = max(0.0, self._empty[index] - (taken - full))

    def send_whole_pages(self, policy: Policy) -> None:
        """From now on pages go as they are: QEMU does not encode any after the switch to post-copy."""
        self._encoding = Plain.of(policy.page_bytes)

    def lift_cap(self) -> None:
        """From now on no cap on the bandwidth holds."""
        self._encoding.lift_cap()

    def target_behind_s(self, seconds: float, left: Sequence[Part] = ()) -> float:
        """By how much the target is behind the sender when the pass is over that took `seconds` and left `left`."""
        if isinstance(self._encoding, Plain):
            return 0.0
        self._behind_s = self._encoding.behind_s(self._behind_s, self._sent(left), seconds)
        return self._behind_s

    def checkpointed(self, seconds_ago: float) -> None:
        """The target has all as it was so many seconds ago: only what was written since is pending."""
        for index, one in enumerate(self._classes):
            written = one.distinct_pages(seconds_ago)
            self._full[index], self._empty[index] = (0.0, written) if one.stays_empty else (written, 0.0)
        self._unsent = [0.0] * len(self._classes)

    def leave(self, seconds: float, left: Sequence[Part]) -> None:
        """A pass with the guest at rest ended early after `seconds`, with these parts unsent."""
        self.target_behind_s(seconds, left)
        self._full, self._empty = self._by_class(left)
        self._unsent = list(self._full)

    def next_round(self, seconds: float, left: Sequence[Part], guest_share: float = 1.0) -> float:
        """A round with the guest running is over: find what is pending now. A page that was written is not empty,
        unless writes change nothing in it.

        `guest_share` is how much of its writes the guest made. Returns the pages that it dirtied and that were not
        pending.
        """
        full_left, empty_left = self._by_class(left)
        seconds_written = seconds * guest_share
        dirtied = [one.distinct_pages(seconds_written) for one in self._classes]
        if not isinstance(self._encoding, Plain):
            self.target_behind_s(seconds, left)
            self._tell_encoding(seconds_written, np.array(dirtied), np.array(full_left) + np.array(empty_left))
        found = 0.0
        all_full, all_empty = self._full, self._empty
        self._full, self._empty, self._unsent = [], [], []
        for one, written, was_full, was_empty, left_full, left_empty in zip(
            self._classes, dirtied, all_full, all_empty, full_left, empty_left, strict=True
        ):
            full = empty = 0.0
            if written or left_full or left_empty:
                before = was_full + was_empty
                full, empty = one.pending_after(seconds_written, written, before, left_full, left_empty)
                found += full + empty - left_full - left_empty
                if full and one.stays_empty:
                    full, empty = 0.0, full + empty
            self._full.append(full)
            self._empty.append(empty)
            self._unsent.append(left_full if left_full < full else full)
        self.round += 1
        return found

    def _tell_encoding(self, seconds: float, dirtied: Floats, left: Floats) -> None:
        """A round is over that left so much; plain pages need not know."""
        writes = np.maximum(dirtied, self.dirtying.writes_per_s * seconds)
        sent = np.maximum(0.0, self.pages - left)  # not less than none by rounding
        self._encoding.round_over(self.round, sent, share_of(writes, dirtied))

    def _sent(self, left: Sequence[Part]) -> Iterator[Group]:
        """What the pass that left these parts has sent; kept and found only where it is asked for."""
        unsent = sum(part.pages for part in left)
        sent: list[Group] = []
        for group in reversed(self._pass):
            share = min(1.0, unsent / group.pages) if group.pages else 0.0
            unsent -= share * group.pages
            sent.insert(0, Group.of(*[part.remaining(1 - share) for part in group.parts]))
        yield from sent

    def _never_touched_group(self) -> Group:
        """All memory that was never touched, and the part of the time for it that does not pass while the sender
        waits.
        """
        empty = [(index, self._empty[index]) for index in self._never_touched if self._empty[index]]
        if not empty:
            return _NOTHING
        scan_s = sum([pages for _, pages in empty]) * self._policy.zero_page_cpu_s
        seen = max(0.0, 1 - self._policy.hidden_scan_s / scan_s) if scan_s else 0.0
        return Group.of(*[self._empty_part(index, pages, seen) for index, pages in empty])

    def _mixed(self, index: int, fresh: float, empty: float, share: float) -> Group:
        """A share of what a class has to send, its empty pages among the others."""
        if not empty:
            part = self._full_part(index, share * fresh)
            return Group((part,), part.pages, part.wire_bytes, part.cpu_s)
        if not fresh:
            return Group.of(self._empty_part(index, share * empty))
        return Group.of(self._full_part(index, share * fresh), self._empty_part(index, share * empty))

    def _full_part(self, index: int, pages: float) -> Part:
        piece = self._classes[index].piece
        wire_bytes, cpu_s, packing_s, before_s = self._encoding.page_cost(index, self.round)
        wire = round(pages * wire_bytes)
        if not cpu_s:
            return Part(piece.name, piece.kind, pages, wire, 0.0, False, index)
        cpu_s, packing_s, before_s = pages * cpu_s, pages * packing_s, pages * before_s
        return Part(piece.name, piece.kind, pages, wire, cpu_s, False, index, packing_s, before_s)

    def _empty_part(self, index: int, pages: float, seen: float = 1.0) -> Part:
        """`seen` is how much of the time for them does not pass while the sender waits."""
        piece, policy = self._classes[index].piece, self._policy
        wire, cpu_s = round(pages * policy.zero_page_bytes), pages * policy.zero_page_cpu_s * seen
        return Part(piece.name, piece.kind, pages, wire, cpu_s, True, index)

    def _by_class(self, parts: Sequence[Part]) -> tuple[list[float], list[float]]:
        """The pages of parts by class: those with content, and the empty ones."""
        full, empty = [0.0] * len(self._full), [0.0] * len(self._full)
        for part in parts:
            pages = empty if part.is_empty else full
            pages[part.class_index] += part.pages
        return full, empty
