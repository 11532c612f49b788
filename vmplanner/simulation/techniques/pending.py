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

import numpy as np

from vmplanner.domain.machines import Piece, VirtualMachine
from vmplanner.domain.plans import Compression, Migration
from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.simulation.dirtying import Dirtying, Floats, share_of
from vmplanner.simulation.policies import Policy
from vmplanner.simulation.rounds import top_pages
from vmplanner.simulation.steps import Group, Part
from vmplanner.simulation.techniques.encoding import Encoding, Plain
from vmplanner.simulation.techniques.free_page_hints import takes_hints, without_hinted
from vmplanner.simulation.techniques.multifd import Packed
from vmplanner.simulation.techniques.xbzrle import Xbzrle


class Pending:
    """Pending pages per class, and the number of the pass that sends them. Arrays have the shape (classes,)."""

    def __init__(
        self, pieces: Sequence[Piece], memory_bytes: int, policy: Policy, encoding: Encoding | None = None
    ) -> None:
        self._pieces = tuple(pieces)
        self._policy = policy
        self._encoding = encoding or Plain(policy)
        self.dirtying = Dirtying.of(self._pieces)
        self._piece_of = [self._pieces[index] for index in self.dirtying.piece.tolist()]
        zero_share = np.array([piece.zero_share for piece in self._piece_of])
        self._full: Floats = self.dirtying.pages * (1 - zero_share)
        self._empty: Floats = self.dirtying.pages * zero_share
        self._never_touched = zero_share == 1.0
        changes = np.array([piece.rewrite_share > 0 for piece in self._piece_of], dtype=bool)
        self._stays_empty = self._never_touched & ~changes
        self._top_pages = top_pages(memory_bytes / PAGE_BYTES)
        self._unsent: Floats = np.zeros_like(self._full)
        intensity = share_of(self.dirtying.writes_per_s, self.dirtying.pages)
        self._order: list[int] = np.argsort(-intensity, kind="stable").tolist()
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
        encoding: Encoding = Plain(policy)
        if options.xbzrle_cache_bytes:
            encoding = Xbzrle(pieces, Dirtying.of(pieces), policy, options.xbzrle_cache_bytes)
        elif options.channels and options.compression is not Compression.NONE:
            cap = migration.max_bandwidth_bytes_per_s
            encoding = Packed(pieces, Dirtying.of(pieces), policy, options.channels, options.compression, cap)
        return cls(pieces, memory_bytes, policy, encoding)

    @property
    def pages(self) -> Floats:
        return self._full + self._empty

    @property
    def bytes(self) -> float:
        """Empty pages count as whole ones, as QEMU and Xen count them."""
        return float(self.pages.sum()) * PAGE_BYTES

    def groups(self) -> list[Group]:
        """What a pass over them sends, in the order of addresses but for what the last pass left, which comes first."""
        fresh = np.maximum(0.0, self._full - self._unsent).tolist()
        unsent, empty = self._unsent.tolist(), np.where(self._never_touched, 0.0, self._empty).tolist()
        never_touched = self._never_touched_group()
        top = self._top_pages if never_touched.pages else 0.0
        below: list[Group] = []
        above: list[Group] = []
        for index in reversed(self._order):
            if fresh[index] > 0 or empty[index] > 0:
                in_top = min(1.0, top / fresh[index]) if fresh[index] > 0 else 0.0
                top -= in_top * fresh[index]
                if in_top > 0:
                    above.insert(0, self._mixed(index, fresh[index], empty[index], in_top))
                if in_top < 1:
                    below.insert(0, self._mixed(index, fresh[index], empty[index], 1 - in_top))
        left = Group([self._full_part(index, unsent[index]) for index in self._order] if any(unsent) else ())
        self._pass = [group for group in (left, *below, never_touched, *above) if group.wire_bytes]
        return self._pass

    def drop(self, pages: Floats) -> None:
        """Take pages out of the pass that comes next, those with content first."""
        full = np.minimum(self._full, pages)
        self._full = self._full - full
        self._empty = np.maximum(0.0, self._empty - (pages - full))

    def send_whole_pages(self, policy: Policy) -> None:
        """From now on pages go as they are: QEMU does not encode any after the switch to post-copy."""
        self._encoding = Plain(policy)

    def lift_cap(self) -> None:
        """From now on no cap on the bandwidth holds."""
        self._encoding.lift_cap()

    def target_behind_s(self, seconds: float, left: Sequence[Part] = ()) -> float:
        """By how much the target is behind the sender when the pass is over that took `seconds` and left `left`."""
        self._behind_s = self._encoding.behind_s(self._behind_s, self._sent(left), seconds)
        return self._behind_s

    def checkpointed(self, seconds_ago: float) -> None:
        """The target has all as it was so many seconds ago: only what was written since is pending."""
        self._full = self.dirtying.distinct_pages(seconds_ago)
        self._empty = np.zeros_like(self._full)
        self._unsent = np.zeros_like(self._full)

    def leave(self, seconds: float, left: Sequence[Part]) -> None:
        """A pass with the guest at rest ended early after `seconds`, with these parts unsent."""
        self.target_behind_s(seconds, left)
        self._full, self._empty = self._by_class(left)
        self._unsent = self._full

    def next_round(self, seconds: float, left: Sequence[Part], guest_share: float = 1.0) -> float:
        """A round with the guest running is over: find what is pending now. A page that was written is not empty,
        unless writes change nothing in it.

        `guest_share` is how much of its writes the guest made. Returns the pages that it dirtied and that were not
        pending.
        """
        before = self.pages
        full, empty = self._by_class(left)
        self.target_behind_s(seconds, left)
        dirtied = self.dirtying.distinct_pages(seconds * guest_share)
        writes = np.maximum(dirtied, self.dirtying.writes_per_s * seconds * guest_share)
        self._encoding.round_over(self.round, before - full - empty, share_of(writes, dirtied))
        self._full, self._empty = self.dirtying.pending_after(seconds * guest_share, dirtied, before, full, empty)
        found = self.pages - full - empty
        self._empty = np.where(self._stays_empty, self.pages, self._empty)
        self._full = np.where(self._stays_empty, 0.0, self._full)
        self._unsent = np.minimum(full, self._full)
        self.round += 1
        return float(found.sum())

    def _sent(self, left: Sequence[Part]) -> Iterator[Group]:
        """What the pass that left these parts has sent; found only where it is asked for."""
        unsent = sum(part.pages for part in left)
        sent: list[Group] = []
        for group in reversed(self._pass):
            share = min(1.0, unsent / group.pages) if group.pages else 0.0
            unsent -= share * group.pages
            sent.insert(0, Group(part.remaining(1 - share) for part in group.parts))
        yield from sent

    def _never_touched_group(self) -> Group:
        """All memory that was never touched, and the part of the time for it that does not pass while the sender
        waits.
        """
        empty = [(index, float(self._empty[index])) for index in self._order if self._never_touched[index]]
        scan_s = sum([pages for _, pages in empty]) * self._policy.zero_page_cpu_s
        seen = max(0.0, 1 - self._policy.hidden_scan_s / scan_s) if scan_s else 0.0
        return Group([self._empty_part(index, pages, seen) for index, pages in empty])

    def _mixed(self, index: int, fresh: float, empty: float, share: float) -> Group:
        """A share of what a class has to send, its empty pages among the others."""
        parts = []
        if fresh > 0:
            parts.append(self._full_part(index, share * fresh))
        if empty > 0:
            parts.append(self._empty_part(index, share * empty))
        return Group(parts)

    def _full_part(self, index: int, pages: float) -> Part:
        piece = self._piece_of[index]
        wire = round(pages * self._encoding.page_bytes(index, self.round))
        cpu_s = pages * self._encoding.page_cpu_s(index, self.round)
        return Part(piece.name, piece.kind, pages, wire, cpu_s, class_index=index)

    def _empty_part(self, index: int, pages: float, seen: float = 1.0) -> Part:
        """`seen` is how much of the time for them does not pass while the sender waits."""
        piece, policy = self._piece_of[index], self._policy
        wire, cpu_s = round(pages * policy.zero_page_bytes), pages * policy.zero_page_cpu_s * seen
        return Part(piece.name, piece.kind, pages, wire, cpu_s, is_empty=True, class_index=index)

    def _by_class(self, parts: Sequence[Part]) -> tuple[Floats, Floats]:
        """The pages of parts by class: those with content, and the empty ones."""
        full, empty = [0.0] * len(self._full), [0.0] * len(self._full)
        for part in parts:
            (empty if part.is_empty else full)[part.class_index] += part.pages
        return np.array(full), np.array(empty)
