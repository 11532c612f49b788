"""What a part of a time stack means, in a sentence that uses the numbers of its migrations."""

from collections.abc import Iterable, Sequence

from vmplanner.analysis.stack_series import LAST_OWN_ROUND, Series
from vmplanner.domain.machines import PieceKind
from vmplanner.domain.quantities import BYTES, SHARE
from vmplanner.domain.results import MigrationResult, Phase, Segment

_OF_PHASE = {
    Phase.PREFLIGHT: "The hypervisors check and set up the move; the guest runs on.",
    Phase.BALLOON: "The guest gives up memory, so that it need not be sent.",
    Phase.CHECKPOINT: "A copy is taken in advance; later only what has changed since is sent.",
    Phase.WAITING: "Nothing is sent.",
    Phase.STOP_AND_COPY: "The guest stands still while the rest is sent: this is downtime.",
    Phase.RESUME: "The guest starts at the target; until it runs this is downtime.",
    Phase.POST_COPY: "The guest runs at the target, and waits for each page that has not come yet.",
    Phase.DEFLATE: "The guest takes back at the target what it had given up.",
    Phase.CLEAN_UP: "The guest runs at the target; the source lets go of what it had.",
}


def sentence_about(series: Series, results: Sequence[MigrationResult]) -> str:
    """What the part `series` of these migrations is for; empty where there is nothing to add to its name."""
    if series.is_saving:
        return ""
    if series.kind is not None and series.phase in (None, Phase.PRE_COPY):
        return _of_kind(series.kind, [one for result in results for one in result.segments])
    if series.phase is not None and series.phase is not Phase.PRE_COPY:
        return _OF_PHASE[series.phase]
    if series.round == 1:
        return "Everything is sent once while the guest runs."
    if series.round > LAST_OWN_ROUND:
        return "What the guest goes on writing is sent again and again."
    return f"What the guest wrote during round {series.round - 1} is sent again." if series.round else ""


def _of_kind(kind: PieceKind, segments: Iterable[Segment]) -> str:
    sent, again = 0, 0
    for segment in segments:
        if segment.kind is kind:
            sent += segment.bytes
            again += segment.bytes if segment.round > 1 else 0
    if not sent:
        return ""
    if again:
        return f"{SHARE.format(again / sent, digits=2)} of its {BYTES.format(sent)} went in round 2 or later."
    if kind is PieceKind.FREE:
        return f"Nobody needs its {BYTES.format(sent)} at the target: they could be discarded before the copy."
    return f"Its {BYTES.format(sent)} went once."
