"""Who moves where, how, and under which limits."""

from enum import StrEnum

from attrs import evolve, field, frozen, validators

from vmplanner.domain import checks
from vmplanner.domain.errors import InvalidValue


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
    (0: one stream), packed with `compression`. With `free_page_hints` the guest tells which memory is free, and that
    is skipped. `switch_after_rounds` is when a hybrid copy goes on by post-copy.

    For checkpoint + good memory: a checkpoint is taken `checkpoint_age_s` before the rest moves (None: no
    checkpoint), at `checkpoint_bytes_per_s` at most (None: as fast as the copy). With `drop_cache` the guest gives up
    its page cache too.
    """

    auto_converge: bool = False
    throttle_initial: float = field(default=0.2, validator=checks.number(at_least=0.01, at_most=0.99))
    throttle_increment: float = field(default=0.1, validator=checks.number(at_least=0.01, at_most=0.99))
    throttle_max: float = field(default=0.99, validator=checks.number(at_least=0.01, at_most=0.99))
    xbzrle_cache_bytes: int = field(default=0, validator=checks.whole(at_least=0))
    channels: int = field(default=0, validator=checks.whole(at_least=0, at_most=255))
    compression: Compression = field(default=Compression.NONE, validator=checks.one_of(Compression))
    free_page_hints: bool = False
    switch_after_rounds: int = field(default=1, validator=checks.whole(at_least=1, at_most=1000))
    checkpoint_age_s: float | None = field(default=None, validator=validators.optional(checks.number(at_least=0)))
    checkpoint_bytes_per_s: float | None = field(default=None, validator=validators.optional(checks.number(above=0)))
    drop_cache: bool = False


@frozen
class Migration:
    """One VM, one target, one technique.

    `max_bandwidth_bytes_per_s` caps what the sender may use (None: as much as the network gives). `downtime_limit_s`
    is the pause that the hypervisor aims for, where its policy has such a limit (None: the policy's own). After
    `time_limit_s` a migration that has not completed is given up (None: when its policy sees no progress).
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


@frozen
class Plan:
    """Migrations in the order in which they should start, and how many may run at the same time."""

    id: str = field(validator=checks.text())
    name: str = field(validator=checks.text())
    migrations: tuple[Migration, ...] = field(default=(), converter=tuple[Migration, ...])
    max_concurrent: int = field(default=4, validator=checks.whole(at_least=1, at_most=1_000_000))
    max_concurrent_per_host: int = field(default=2, validator=checks.whole(at_least=1, at_most=1_000_000))

    def __attrs_post_init__(self) -> None:
        for what, values in (
            ("two migrations with the id", [migration.id for migration in self.migrations]),
            ("two migrations of the VM", [migration.vm_id for migration in self.migrations]),
        ):
            if len(set(values)) != len(values):
                double = next(value for value in values if values.count(value) > 1)
                raise InvalidValue(checks.describe(self), "migrations", f"hold {what} '{double}'")

    def migration_of(self, vm_id: str) -> Migration | None:
        return next((migration for migration in self.migrations if migration.vm_id == vm_id), None)

    def replaced(self, changed: Migration) -> "Plan":
        """The plan with `changed` in the place of the migration that has its id."""
        return evolve(self, migrations=tuple(changed if m.id == changed.id else m for m in self.migrations))

    def without(self, migration_ids: set[str]) -> "Plan":
        return evolve(self, migrations=tuple(m for m in self.migrations if m.id not in migration_ids))
