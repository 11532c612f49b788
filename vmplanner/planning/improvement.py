"""A proposal that a search was to make better: taken only if nothing of it is worse, and with what got better."""

from collections.abc import Iterator

from attrs import frozen

from vmplanner.domain.edits import count
from vmplanner.domain.quantities import format_duration
from vmplanner.planning.proposal import Proposal

NOTHING_BETTER = "The search found nothing better."
# Less than what a figure shows is no gain.
_SAME_S = 0.05


@frozen
class Improved:
    """The better of two proposals, and what the search gained, as a sentence."""

    proposal: Proposal
    gained: str


def improved(before: Proposal, after: Proposal) -> Improved:
    """`after` where something of it is better and nothing worse: what stands against it, the number of moves, their
    cost, and when all is done; else `before`.
    """
    old, new = _figures(before), _figures(after)
    is_no_worse = all(now <= then + _SAME_S for then, now in zip(old, new, strict=True))
    gains = tuple(_gains(before, after)) if is_no_worse else ()
    if not gains:
        return Improved(before, NOTHING_BETTER)
    return Improved(after, f"The search found better: {', '.join(gains)}.")


def _figures(proposal: Proposal) -> tuple[float, ...]:
    makespan_s = proposal.schedule.makespan_s if proposal.schedule else 0.0
    conflicts = len(proposal.placement.conflicts)
    return conflicts, len(proposal.misfits), len(proposal.moves), proposal.cost_s, makespan_s


def _gains(before: Proposal, after: Proposal) -> Iterator[str]:
    conflicts, misfits, moves, cost_s, makespan_s = (
        then - now for then, now in zip(_figures(before), _figures(after), strict=True)
    )
    if conflicts or misfits:
        yield "less stands against it"
    if moves:
        yield f"{count(len(after.moves), 'move')} in place of {len(before.moves)}"
    if cost_s > _SAME_S:
        yield f"{format_duration(cost_s)} less of migration and downtime"
    if makespan_s > _SAME_S:
        yield f"done {format_duration(makespan_s)} sooner"
