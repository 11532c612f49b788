"""Who moves where, how, when, and under which limits."""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from typing import Any

from attrs import evolve, field, frozen, validators

from vmplanner.domain import checks
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.failures import Failure, by_time, without
from vmplanner.domain.windows import whole_seconds, zoned


class Technique(StrEnum):
    """How state moves."""

    PRE_COPY = "pre-copy"
    STOP_AND_COPY = "stop-and-copy"
    POST_COPY = "post-copy"
    HYBRID = "hybrid"
    CHECKPOINT = "checkpoint + good memory"


class Compression(StrEnum):
    """How the streams of a multi-stream copy pack their pages."""

    NONE = "none"
    ZLIB = "zlib"
    ZSTD = "zstd"


@frozen
class Options:
    """What a technique may do besides. They combine as far as the hypervisor lets them.

    `auto_converge` slows the guest down while it writes too much: by `throttle_initial` first, then by
    `throttle_increment` more, to `throttle_max`, all shares of its CPU time. `xbzrle_cache_bytes` is the sender's
    memory of pages sent, so that of a page sent again only the difference goes (0: off). `channels` copy in parallel
    (0: one stream), packed with `compression`. In one stream `compress_threads` pack the pages by zlib, at
    `compress_level` (0 threads: off). With `free_page_hints` the guest tells which memory is free, and that is skipped.

    A hybrid copy goes on by post-copy after `switch_after_rounds`, or `switch_after_s` after its first page if that is
    sooner (None: rounds alone). In post-copy, `preempt` gives the pages that the guest waits for a connection of their
    own, so that they do not queue behind others; with `prepaging` what lies around such a page follows it. The
    migration's cap ends at the switch; after it `postcopy_bytes_per_s` is the cap (None: as much as the network gives).

    For checkpoint + good memory: a checkpoint is taken `checkpoint_age_s` before the rest moves (None: no
    checkpoint), at `checkpoint_bytes_per_s` at most (None: as fast as the copy). With `drop_cache` the guest gives up
    its page cache too, and reads it again from its disk at `cache_read_bytes_per_s` (None: that is not counted).
    """

    auto_converge: bool = False
    throttle_initial: float = field(default=0.2, validator=checks.number(at_least=0.01, at_most=0.99))
    throttle_increment: float = field(default=0.1, validator=checks.number(at_least=0.01, at_most=0.99))
    throttle_max: float = field(default=0.99, validator=checks.number(at_least=0.01, at_most=0.99))
    xbzrle_cache_bytes: int = field(default=0, validator=checks.whole(at_least=0))
    channels: int = field(default=0, validator=checks.whole(at_least=0, at_most=255))
    compression: Compression = field(default=Compression.NONE, validator=checks.one_of(Compression))
    compress_threads: int = field(default=0, validator=checks.whole(at_least=0, at_most=255))
    compress_level: int = field(default=1, validator=checks.whole(at_least=1, at_most=9))
    free_page_hints: bool = False
    switch_after_rounds: int = field(default=1, validator=checks.whole(at_least=1, at_most=1000))
    switch_after_s: float | None = field(default=None, validator=validators.optional(checks.number(above=0)))
    preempt: bool = False
    prepaging: bool = False
    postcopy_bytes_per_s: float | None = field(default=None, validator=validators.optional(checks.number(above=0)))
    checkpoint_age_s: float | None = field(default=None, validator=validators.optional(checks.number(at_least=0)))
    checkpoint_bytes_per_s: float | None = field(default=None, validator=validators.optional(checks.number(above=0)))
    drop_cache: bool = False
    cache_read_bytes_per_s: float | None = field(default=None, validator=validators.optional(checks.number(above=0)))


@frozen
class Migration:
    """One VM, one target, one technique.

    `max_bandwidth_bytes_per_s` caps what the sender may use (None: as much as the network gives). `downtime_limit_s`
    is the pause that the hypervisor aims for, where its policy has such a limit (None: the policy's own). After
    `time_limit_s` a migration that has not completed is given up (None: when its policy sees no progress).

    It starts not before `earliest_start_s` on the run's clock, and not before those whose ids are in `after` have
    completed; of two that could start, the one with the higher `priority` does. A start that `is_pinned` is kept when
    the plan is scheduled anew.
    """

    id: str = field(validator=checks.text())
    vm_id: str = field(validator=checks.text())
    target_id: str = field(validator=checks.text())
    technique: Technique = field(default=Technique.PRE_COPY, validator=checks.one_of(Technique))
    max_bandwidth_bytes_per_s: float | None = field(default=None, validator=validators.optional(checks.number(above=0)))
    downtime_limit_s: float | None = field(
        default=None, validator=validators.optional(checks.number(above=0, at_most=86_400))
    )
    time_limit_s: float | None = field(default=None, validator=validators.optional(checks.number(above=0)))
    options: Options = field(default=Options(), validator=checks.one_of(Options))
    earliest_start_s: float = field(default=0.0, validator=checks.number(at_least=0))
    after: tuple[str, ...] = field(default=(), converter=tuple[str, ...])
    priority: int = field(default=0, validator=checks.whole(at_least=-1000, at_most=1000))
    is_pinned: bool = False

    def by(self, technique: Technique) -> "Migration":
        """The migration by another technique. One with a checkpoint begins with a young one, and no other keeps it."""
        if technique is self.technique:
            return self
        ahead = _AHEAD if technique is Technique.CHECKPOINT else _NOTHING_AHEAD
        return evolve(self, technique=technique, options=evolve(self.options, **ahead))


_NOTHING_AHEAD: dict[str, Any] = {
    "checkpoint_age_s": None,
    "checkpoint_bytes_per_s": None,
    "drop_cache": False,
    "cache_read_bytes_per_s": None,
}
_AHEAD = {**_NOTHING_AHEAD, "checkpoint_age_s": 10.0}


@frozen
class Plan:
    """Migrations in the order in which they should start, and how many may run at the same time.

    A VM may move several times: each of its later migrations has the one before it in its `after`, and leaves from that
    one's target. A run of it is to begin at `starts_at` (None: not said, so that windows are not looked at), and to be
    done `window_s` after that (None: whenever it is).

    `excluded` are moves that were left out and may be included again. Nothing that checks, schedules or runs a plan
    looks at them. Their `after` may name moves that have gone since.

    `failures` are what simulated runs of it are to try, in the order of their times. What checks and schedules it does
    not look at them.
    """

    id: str = field(validator=checks.text())
    name: str = field(validator=checks.text())
    migrations: tuple[Migration, ...] = field(default=(), converter=tuple[Migration, ...])
    max_concurrent: int = field(default=4, validator=checks.whole(at_least=1, at_most=1_000_000))
    max_concurrent_per_host: int = field(default=2, validator=checks.whole(at_least=1, at_most=1_000_000))
    starts_at: datetime | None = field(
        default=None, converter=whole_seconds, validator=validators.optional(zoned), kw_only=True
    )
    window_s: float | None = field(default=None, validator=validators.optional(checks.number(above=0)), kw_only=True)
    excluded: tuple[Migration, ...] = field(default=(), converter=tuple[Migration, ...], kw_only=True)
    failures: tuple[Failure, ...] = field(default=(), converter=by_time, kw_only=True)

    def __attrs_post_init__(self) -> None:
        ids = [migration.id for migration in (*self.migrations, *self.excluded)]
        if len(set(ids)) != len(ids):
            double = next(each for each in ids if ids.count(each) > 1)
            raise InvalidValue(checks.describe(self), "migrations", f"hold two migrations with the id '{double}'")
        last: dict[str, str] = {}
        for migration in self.migrations:
            if migration.vm_id in last and last[migration.vm_id] not in migration.after:
                why = f"hold two migrations of the VM '{migration.vm_id}', the later of which is not after the other"
                raise InvalidValue(checks.describe(self), "migrations", why)
            last[migration.vm_id] = migration.id
        check_order(checks.describe(self), {migration.id: migration.after for migration in self.migrations})
        out = {migration.id: migration.after for migration in self.excluded}
        check_order(checks.describe(self), {each: [i for i in after if i in out] for each, after in out.items()})

    @property
    def in_turn(self) -> list[Migration]:
        """The migrations as their turns come where several could start: the higher priority first, then the order of
        the plan, whichever start time came first. All that carries out a plan, or foretells that, keeps to it.
        """
        return sorted(self.migrations, key=lambda migration: -migration.priority)

    def migration_of(self, vm_id: str) -> Migration | None:
        """The first migration of a VM."""
        return next((migration for migration in self.migrations if migration.vm_id == vm_id), None)

    def replaced(self, changed: Migration) -> "Plan":
        """The plan with `changed` in the place of the migration that has its id."""
        return evolve(self, migrations=tuple(changed if m.id == changed.id else m for m in self.migrations))

    def without(self, migration_ids: set[str]) -> "Plan":
        """The plan without some migrations, excluded ones among them; what was to come after one of them comes after
        what that waited for. An abort of one of them goes with it.
        """
        gone = {m.id: m.after for m in (*self.migrations, *self.excluded) if m.id in migration_ids}
        kept, out = (
            [evolve(m, after=_bridged(m.after, gone)) for m in moves if m.id not in gone]
            for moves in (self.migrations, self.excluded)
        )
        return evolve(self, migrations=kept, excluded=out, failures=without(self.failures, gone))

    def excluding(self, vm_ids: Collection[str]) -> "Plan":
        """The plan with these VMs left out: all their moves are excluded, in the place of those that were before."""
        out = [migration for migration in self.migrations if migration.vm_id in vm_ids]
        older = {migration.id for migration in self.excluded if migration.vm_id in {m.vm_id for m in out}}
        before = self.without(older).excluded
        kept = evolve(self, excluded=()).without({migration.id for migration in out})
        # Aborts stay for the time when their moves are included again.
        return evolve(kept, excluded=(*before, *out), failures=without(self.failures, older))

    def including(self, vm_ids: Collection[str]) -> "Plan":
        """The plan with the excluded moves of these VMs as its last. They wait for what they waited for, as far as
        that is in the plan. Raises InvalidValue where a VM has another move by now.
        """
        back = [migration for migration in self.excluded if migration.vm_id in vm_ids]
        out = [migration for migration in self.excluded if migration.vm_id not in vm_ids]
        there = {migration.id for migration in (*self.migrations, *back)}
        gone = {migration.id: migration.after for migration in out}
        mended = [evolve(m, after=[i for i in _bridged(m.after, gone) if i in there]) for m in back]
        return evolve(self, migrations=(*self.migrations, *mended), excluded=out)


def _bridged(ids: Collection[str], gone: Mapping[str, Collection[str]]) -> dict[str, None]:
    """`ids` with what each one that is `gone` waited for in its place."""
    found: dict[str, None] = {}
    seen: set[str] = set()
    waiting = [*ids][::-1]
    while waiting:
        each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        if each in gone:
            waiting += [*gone[each]][::-1]
        else:
            found[each] = None
    return found


def check_order(what: str, after: Mapping[str, Collection[str]]) -> None:
    """Raises InvalidValue, about `what`, when a migration waits for one that is not there or, by whatever way, for
    itself. `after` has the ids that each is to come after.
    """
    for waiting, others in after.items():
        for other in others:
            if other not in after:
                raise InvalidValue(what, "order", f"has '{waiting}' after '{other}', which is not in it")
    try:
        TopologicalSorter(after).prepare()
    except CycleError as error:
        circle = "' after '".join(reversed(error.args[1]))
        raise InvalidValue(what, "order", f"goes in a circle: '{circle}'") from None
