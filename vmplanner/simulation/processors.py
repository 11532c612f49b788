"""The processors of one host, among the migrations that leave it at the same time.

Sending. Each migration that sends keeps a core busy, or one for each of its channels: it finds empty pages, compares
pages with old ones, hands them over. Where T threads have fewer than T cores between them, C of `migration_cores`, each
gets the share C / T of a core: all that takes T / C times as long, and it sends at most

    (C / T) `core_bytes_per_s`

Packing. Of k migrations that pack pages at the same time each has the k-th part of `packing_cores` for its threads.
One that packs alone has what techniques/packing.py says.

Both change when a migration begins or ends to send or to pack, and then for all of that host.
"""

import math
from typing import TYPE_CHECKING

from attrs import define, field

from vmplanner.simulation.policy import Policy

if TYPE_CHECKING:
    from vmplanner.simulation.active import Active


@define(eq=False)
class Processors:
    """What one host has for migrations, and who sends and packs there now. Each sender's thread has `core_share` of a
    core, and each packing migration `packing_cores`, infinite as long as there is only one.
    """

    policy: Policy
    senders: "dict[Active, None]" = field(factory=dict)
    core_share: float = 1.0
    packing_cores: float = math.inf
    _threads: int = 0
    _packers: "dict[Active, None]" = field(factory=dict)

    def occupy(self, active: "Active") -> bool:
        """A migration sends, and may pack what it sends; whether that changes what each has."""
        if active not in self.senders:
            self.senders[active] = None
            self._threads += active.threads
        elif active.packs == (active in self._packers):
            return False
        if active.packs:
            self._packers[active] = None
        else:
            self._packers.pop(active, None)
        return self._is_shared_anew()

    def leave(self, active: "Active") -> bool:
        """A migration sends no more, if it did; whether that changes what each has."""
        if active not in self.senders:
            return False
        del self.senders[active]
        self._threads -= active.threads
        self._packers.pop(active, None)
        return self._is_shared_anew()

    def _is_shared_anew(self) -> bool:
        before = self.core_share, self.packing_cores
        cores, packers = self.policy.migration_cores, len(self._packers)
        self.core_share = cores / self._threads if 0 < cores < self._threads else 1.0
        self.packing_cores = (self.policy.packing_cores or math.inf) / packers if packers > 1 else math.inf
        return (self.core_share, self.packing_cores) != before
