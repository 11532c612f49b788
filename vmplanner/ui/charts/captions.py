"""What the chart says in words: at the end of a bar, in its legend and under the cursor."""

from typing import Literal

from attrs import frozen

from vmplanner.analysis.compare import Comparison, Saving
from vmplanner.analysis.time_stacks import Measure, Series, Split, Stack, TimeStacks
from vmplanner.domain.quantities import BYTES, BYTES_PER_S, SHARE, format_duration, grouped
from vmplanner.domain.results import Metric, Outcome, Phase, Provenance, ReferenceFigure

EMPTY = "No run yet. Press Run to see where the time goes."

SPLIT_TITLES = {Split.PHASE: "By phase", Split.PIECE: "By piece of data"}
MEASURE_TITLES = {Measure.SECONDS: "Seconds", Measure.BYTES: "Bytes", Measure.SHARE: "Share of total"}
PROVENANCE_TITLES = {
    Provenance.MEASURED: "measured",
    Provenance.SEEN: "published (seen)",
    Provenance.RECALLED: "published (recalled)",
}

# Less than this is not worth a word: how much later than its source is free a guest is settled, and how little slower
# it runs.
_NOTABLY = 1.01
_AS_EVER = 0.995


@frozen
class Words:
    """A stretch of text in the theme colour named `role`."""

    text: str
    role: Literal["text", "muted", "warn", "bad"]


def seconds(value: float) -> str:
    """A duration; nothing at all is '0 s', whatever the smallest unit."""
    return format_duration(value) if value > 0 else "0 s"


def in_legend(series: Series) -> str:
    """A series in the legend, where 'round 2' follows 'pre-copy round 1'."""
    if series.is_saving:
        return f"saved: {series.label}"
    return series.label.removeprefix(f"{Phase.PRE_COPY.value} ") if series.round > 1 else series.label


def route(stack: Stack) -> str:
    return f"{stack.source} → {stack.target}"


def ending(stack: Stack, measure: Measure) -> tuple[Words, ...]:
    """What stands after a bar: '12.4 s', '· 210 ms down', '· not converged'."""
    total = BYTES.format(stack.total_bytes) if measure is Measure.BYTES else seconds(stack.total_s)
    words = [Words(total, "text")]
    if stack.downtime_s > 0 and measure is not Measure.BYTES:
        words.append(Words(f"· {seconds(stack.downtime_s)} down", "bad"))
    if stack.settled_s > stack.total_s * _NOTABLY and measure is not Measure.BYTES:
        words.append(Words(f"· settled after {seconds(stack.settled_s)}", "muted"))
    if stack.outcome is not Outcome.COMPLETED:
        is_bad = stack.outcome in (Outcome.FAILED, Outcome.LOST)
        words.append(Words(f"· {stack.outcome.value}", "bad" if is_bad else "warn"))
    if stack.comparison is not None:
        words.append(Words(f"· {_plain(stack.comparison, measure)}", "muted"))
    return tuple(words)


def _plain(comparison: Comparison, measure: Measure) -> str:
    plain = comparison.plain
    if not plain.converged:
        return "plain pre-copy would not converge"
    total = BYTES.format(plain.transferred_bytes) if measure is Measure.BYTES else seconds(plain.total_s)
    return f"plain pre-copy {total}"


def about_part(stacks: TimeStacks, row: int, part: int, measure: Measure) -> str:
    """One part of one stack: its name, then seconds, bytes, share and average rate."""
    stack, series = stacks.stacks[row], stacks.series[part]
    if series.is_saving:
        return _about_saving(series, stack)
    spent_s, moved_bytes = stack.seconds[part], stack.bytes[part]
    facts = [seconds(spent_s)]
    if moved_bytes:
        facts.append(BYTES.format(moved_bytes))
    if measure is Measure.BYTES:
        facts.append(_share(moved_bytes, stack.total_bytes, BYTES.format(stack.total_bytes)))
    else:
        facts.append(_share(spent_s, stack.settled_s, seconds(stack.settled_s)))
    if moved_bytes and spent_s > 0:
        facts.append(BYTES_PER_S.format(moved_bytes / spent_s))
    lines = [f"{series.label} · {stack.vm}", " · ".join(facts), *_guest_speed(stack.guest_shares[part])]
    return "\n".join(lines)


def _guest_speed(share: float) -> list[str]:
    """How fast the guest runs, where that is not as ever."""
    if share > _AS_EVER:
        return []
    return [f"the guest runs at {SHARE.format(share, digits=2)}" if share else "the guest stands still"]


def _about_saving(series: Series, stack: Stack) -> str:
    saving = next(one for one in (stack.comparison and stack.comparison.savings) or () if one.means == series.label)
    return f"{_about_means(saving)}\n{stack.vm}, simulated alone"


def _about_means(saving: Saving) -> str:
    facts = (
        (saving.total_s, seconds, ""),
        (saving.bytes, BYTES.format, ""),
        (saving.downtime_s, seconds, " of downtime"),
    )
    saved = [f"{words(value)}{what}" for value, words, what in facts if value > 0]
    lost = [f"{words(-value)}{what}" for value, words, what in facts if value < 0]
    parts = [f"saves {', '.join(saved)}"] if saved else []
    parts += [f"costs {', '.join(lost)} more"] if lost else []
    return f"{saving.means}: {', '.join(parts) or 'changes nothing'}"


def _share(part: float, whole: float, whole_text: str) -> str:
    return f"{SHARE.format(part / whole if whole else 0.0, digits=2)} of {whole_text}"


def about_migration(stack: Stack) -> str:
    """A whole migration: where, how, how it ended and, when it did not complete, why."""
    lines = [f"{stack.vm} · {route(stack)}", f"{stack.technique.value} · {stack.outcome.value}"]
    if stack.reason:
        lines.append(stack.reason)
    lines += _felt(stack)
    if stack.reported_total_s is not None:
        lines.append(f"{stack.policy.label} itself reports {_reported(stack)}")
    if stack.comparison is not None:
        lines += _compared(stack.comparison)
    return "\n".join(lines)


def _felt(stack: Stack) -> list[str]:
    """What the migration costs its guest besides its downtime, and when that is over."""
    lines = []
    if stack.lost_work_s > stack.downtime_s * _NOTABLY:
        faults = f", {grouped(stack.network_faults)} waits for a page" if stack.network_faults else ""
        lines.append(f"the guest loses {seconds(stack.lost_work_s)} of its work{faults}")
    if stack.settled_s > stack.total_s * _NOTABLY:
        lines.append(
            f"the source is free after {seconds(stack.total_s)}, the guest settled after {seconds(stack.settled_s)}"
        )
    return lines


def _reported(stack: Stack) -> str:
    figures = ((stack.reported_total_s, "total time"), (stack.reported_downtime_s, "downtime"))
    return ", ".join(f"{what} {seconds(value)}" for value, what in figures if value is not None)


def _compared(comparison: Comparison) -> list[str]:
    """What stands against a plain pre-copy, a line for each means."""
    lines = [f"alone on the network; a {_plain(comparison, Measure.SECONDS)}"]
    lines += map(_about_means, comparison.savings or ())
    if comparison.advance_s:
        cost = f"{seconds(comparison.advance_s)} and {BYTES.format(comparison.advance_bytes)}"
        lines.append(f"the checkpoint cost {cost} in advance")
    return lines


def about_figure(figure: ReferenceFigure, stack: Stack) -> str:
    """A reference figure: its value, how it is known and where it is from."""
    value = BYTES.format(figure.value) if figure.metric is Metric.TRANSFERRED_BYTES else seconds(figure.value)
    return (
        f"{PROVENANCE_TITLES[figure.provenance]} · {stack.vm}\n"
        f"{figure.metric.value} {value}, {figure.provenance.explanation}\n"
        f"Source: {figure.source}"
    )


def summary(stack: Stack) -> str:
    """A migration in one sentence, for a screen reader."""
    down = f", {seconds(stack.downtime_s)} down" if stack.downtime_s > 0 else ""
    return f"{stack.vm} from {stack.source} to {stack.target}: {seconds(stack.total_s)}{down}, {stack.outcome.value}."
