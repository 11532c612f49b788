"""Where a VM is after a migration, however that ended: both hosts are asked, and nobody's word is taken for it.

Nothing here ends a VM that could be the only copy. What a broken migration leaves at the target (NAME--incoming) may go
only while the source is seen to run the VM.
"""

from attrs import frozen

from vmplanner.backends.xen.xl import Domain, State
from vmplanner.domain.results import Outcome


@frozen
class Sight:
    """What a host says of a VM: its domain, or None where it has none. `trouble` says why it could not be asked."""

    host: str
    domain: Domain | None = None
    trouble: str = ""

    @property
    def is_known(self) -> bool:
        return not self.trouble

    @property
    def has_it_up(self) -> bool:
        """Whether the VM runs or is ready to: a paused one counts, as somebody may have paused it before."""
        return self.domain is not None and self.domain.state in (State.RUNNING, State.PAUSED) and not self.is_leftover

    @property
    def is_leftover(self) -> bool:
        """Whether it is the unfinished copy of a migration to here."""
        return self.domain is not None and self.domain.is_incoming


@frozen
class Verdict:
    """Where the VM is: how the migration is to be counted, in words, and whether the leftover at the target may go."""

    outcome: Outcome
    words: str
    may_clean_up: bool = False


def judge(vm: str, source: Sight, target: Sight, *, was_cancelled: bool, cause: str) -> Verdict:
    """What has come of the migration of `vm`, by what both hosts say. `cause` is what the tool said last."""
    if target.has_it_up and not source.has_it_up:
        return _arrived(vm, source, target)
    if source.has_it_up and target.has_it_up:
        return Verdict(
            Outcome.UNKNOWN,
            f"{vm} is up on {source.host} and on {target.host}: end the wrong one at once, before both write to a disk",
        )
    if source.has_it_up:
        return _stayed(vm, source, target, was_cancelled=was_cancelled, cause=cause)
    if not (source.is_known and target.is_known):
        silent = source if not source.is_known else target
        return Verdict(
            Outcome.UNKNOWN,
            f"where {vm} is is not known: {silent.trouble} Nothing was changed; ask again when it answers",
        )
    if source.domain is None and target.domain is None:
        return Verdict(Outcome.LOST, f"{vm} is on neither host: {cause}")
    return _down(vm, source, target)


def _arrived(vm: str, source: Sight, target: Sight) -> Verdict:
    state = "" if target.domain is None or target.domain.state is State.RUNNING else ", paused"
    if source.domain is not None:
        return Verdict(
            Outcome.COMPLETED,
            f"{vm} is on {target.host}{state}; a copy that does not run is left on {source.host}: remove it with "
            f"'xl destroy {source.domain.number}'",
        )
    if not source.is_known:
        return Verdict(Outcome.COMPLETED, f"{vm} is on {target.host}{state}; {source.trouble}")
    return Verdict(Outcome.COMPLETED, f"{vm} was on {target.host} as paused" if state else "")


def _stayed(vm: str, source: Sight, target: Sight, *, was_cancelled: bool, cause: str) -> Verdict:
    outcome = Outcome.CANCELLED if was_cancelled else Outcome.FAILED
    why = "cancelled" if was_cancelled else cause
    is_running = source.domain is not None and source.domain.state is State.RUNNING
    where = f"{vm} {'runs' if is_running else 'is paused'} on {source.host}"
    rest = "" if target.is_known else f"; {target.trouble} A part of a copy may be left there"
    return Verdict(outcome, f"{why}; {where}{rest}", may_clean_up=is_running and target.is_leftover)


def _down(vm: str, source: Sight, target: Sight) -> Verdict:
    """It runs nowhere, but at least one host has something of it."""
    parts = [
        f"on {sight.host} as '{sight.domain.name}', {sight.domain.state.value}"
        for sight in (source, target)
        if sight.domain is not None
    ]
    return Verdict(
        Outcome.LOST, f"{vm} does not run: it is {' and '.join(parts)}. Nothing was removed; see which of it is whole"
    )
