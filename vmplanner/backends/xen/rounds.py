"""What a watched `xl migrate` writes down, as events: phases, rounds, pages sent, the guest's standstill, the end.

libxc (tools/libs/guest/xg_sr_save.c of Xen 4.17) reports "Frames iteration N" with the frames done and to do; its
iteration 0 is our round 1. There it counts places in the guest's frame table, of which a PVH or HVM guest has far more
than memory (1,044,480 where it has less than 4 GiB): those beyond its memory are empty and cost nothing. The last pass
comes after the request to suspend. Then the target loads what is left, is told to start, and says that it did.

Of a stop-and-copy (`xl save`, the file over, `xl restore`) the bytes are those that are saved; sending the file is part
of the same pass.

The downtime is from the request to suspend until the target's report of the start has arrived: what the guest takes to
suspend is in it, and so is the report's way.
"""

import json
import re

from vmplanner.domain.events import NOTHING_MOVED, Moved, Progressed
from vmplanner.domain.machines import PieceKind
from vmplanner.domain.quantities import PAGE_BYTES
from vmplanner.domain.results import Phase

_FRAMES = re.compile(r"Frames(?: iteration (\d+))?")
_SENT = "state sent"
_PERMITTED = "Giving target permission to start"
_STARTED = "Target reports successful startup"
_KEPT_LINES = 20


class WatchedMigration:
    """Reads the log of a migration line by line. `memory_bytes` is what the guest has, `started_s` the session's clock
    when the log begins.
    """

    def __init__(self, migration_id: str, memory_bytes: int, started_s: float) -> None:
        self.exit_status: int | None = None
        self.is_permitted = False
        """Whether the target has been told to start the VM: from then on it is too late to cancel."""
        self.last_words: list[str] = []
        """The last lines that xl printed."""
        self._id = migration_id
        self._memory_pages = memory_bytes // PAGE_BYTES
        self._at_s = self._started_s = started_s
        self._begin: float | None = None
        self._phase, self._round = Phase.PREFLIGHT, 0
        self._done = self._todo = 0
        self._is_relocated = False

    @property
    def has_begun(self) -> bool:
        """Whether anything is known of it."""
        return self._begin is not None

    def take(self, line: str) -> list[Progressed]:
        """The events that a line of the log makes. Raises ValueError when the line is none of a log."""
        record = json.loads(line)
        if not isinstance(record, dict):
            raise ValueError(f"no line of a log: {line[:80]!r}")
        if (at := record.get("at")) is not None:
            self._begin = at if self._begin is None else self._begin
            self._at_s = max(self._at_s, self._started_s + at - self._begin)
        if "started" in record:
            self._is_relocated = "relocate" in record["started"]
        if "exit" in record:
            self.exit_status = int(record["exit"])
            return self._turn(Phase.CLEAN_UP, 0)
        if (frames := _FRAMES.fullmatch(record.get("progress", ""))) is not None:
            return self._frames(int(frames[1] or 0) + 1, record["done"], record["total"])
        if record.get("progress") == "End of stream" and not self._is_relocated:
            return self._turn(Phase.RESUME, 0)
        if record.get("mark") == "suspend":
            return self._turn(Phase.STOP_AND_COPY, self._round + 1)
        return self._said(record.get("xl", ""))

    def _frames(self, number: int, done: int, total: int) -> list[Progressed]:
        """Frames of a round. Its number is libxc's, but the last pass keeps the one it began with."""
        is_last = self._phase is Phase.STOP_AND_COPY
        events = [] if is_last or number == self._round else self._turn(Phase.PRE_COPY, number)
        sent = min(done, self._memory_pages) - self._done
        self._done, self._todo = self._done + max(0, sent), min(total, self._memory_pages)
        return [*events, self._progressed(sent)] if sent > 0 else events

    def _said(self, words: str) -> list[Progressed]:
        if words:
            self.last_words = [*self.last_words, words][-_KEPT_LINES:]
        if _PERMITTED in words:
            self.is_permitted = True
        if words == _SENT:
            return self._turn(Phase.RESUME, 0)
        if _STARTED in words:
            return self._turn(Phase.CLEAN_UP, 0)
        return []

    def _turn(self, phase: Phase, number: int) -> list[Progressed]:
        """The end of a phase or round, and the begin of the next one."""
        ended = self._progressed(0)
        self._phase, self._round, self._done, self._todo = phase, number, 0, 0
        return [ended]

    def _progressed(self, pages: int) -> Progressed:
        moved = Moved(PieceKind.UNDIVIDED.value, PieceKind.UNDIVIDED, pages * PAGE_BYTES, 1.0)
        is_copying = self._phase in (Phase.PRE_COPY, Phase.STOP_AND_COPY)
        remaining = (self._todo - self._done) * PAGE_BYTES
        pieces = (moved,) if is_copying else (NOTHING_MOVED,)
        return Progressed(self._id, self._at_s, self._phase, self._round, pieces, max(0, remaining))
