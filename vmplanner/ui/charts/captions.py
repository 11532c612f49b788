"""What the chart says in words: at the end of a bar, in its legend and under the cursor."""

from typing import Literal

from attrs import frozen

from vmplanner.analysis.compare import Comparison, Saving
from vmplanner.analysis.time_stacks import Measure, Series, Split, Stack, TimeStacks
from vmplanner.domain.quantities import BYTES, BYTES_PER_S, SHARE, format_duration, grouped
from vmplanner.domain.results import Metric, MigrationResult, Outcome, Phase, Provenance, ReferenceFigure

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
# Nor a saving of less than this share of what there is to save.
_WORTH_A_WORD = 1e-4


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
    if stack.is_forced:
        words.append(Words("· forced to stop", "warn"))
    if stack.comparison is not None:
        if stack.comparison.advance_s:
            words.append(Words(f"· and {_advance(stack.comparison, measure)} in advance", "text"))
        words.append(Words(f"· {_plain(stack.comparison, measure)}", "muted"))
    return tuple(words)


def _advance(comparison: Comparison, measure: Measure) -> str:
    return BYTES.format(comparison.advance_bytes) if measure is Measure.BYTES else seconds(comparison.advance_s)


def _plain(comparison: Comparison, measure: Measure) -> str:
    plain = comparison.plain
    if not plain.converged:
        return "plain pre-copy would not converge"
    total = BYTES.format(plain.transferred_bytes) if measure is Measure.BYTES else seconds(plain.total_s)
    return f"plain pre-copy {total}{' (forced to stop)' if plain.is_forced else ''}"


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
    comparison = stack.comparison
    assert comparison is not None, "a saving is one of a comparison"
    saving = next(one for one in comparison.savings or () if one.means == series.label)
    lines = [_about_means(saving, comparison.plain), f"{stack.vm}, simulated alone"]
    return "\n".join([*lines, *_in_advance(comparison)])


def _about_means(saving: Saving, plain: MigrationResult) -> str:
    facts = (
        (saving.total_s, plain.total_s, seconds, ""),
        (saving.bytes, plain.transferred_bytes, BYTES.format, ""),
        (saving.downtime_s, plain.downtime_s, seconds, " of downtime"),
    )
    told = [one for one in facts if abs(one[0]) > _WORTH_A_WORD * one[1]]
    saved = [f"{words(value)}{what}" for value, _, words, what in told if value > 0]
    lost = [f"{words(-value)}{what}" for value, _, words, what in told if value < 0]
    parts = [f"saves {', '.join(saved)}"] if saved else []
    parts += [f"costs {', '.join(lost)} more"] if lost else []
    return f"{saving.means}: {', '.join(parts) or 'changes nothing'}"


def _share(part: float, whole: float, whole_text: str) -> str:
    return f"{SHARE.format(part / whole if whole else 0.0, digits=2)} of {whole_text}"


def about_migration(stack: Stack) -> str:
    """A whole migration: where, how, how it ended and, when it did not complete, why."""
    forced = " · forced to stop" if stack.is_forced else ""
    lines = [f"{stack.vm} · {route(stack)}", f"{stack.technique.value} · {stack.outcome.value}{forced}"]
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
    plain = comparison.plain
    sent = f", {BYTES.format(plain.transferred_bytes)}" if plain.converged else ""
    lines = [f"alone on the network; a {_plain(comparison, Measure.SECONDS)}{sent}"]
    lines += [_about_means(saving, plain) for saving in comparison.savings or ()]
    return [*lines, *_in_advance(comparison)]


def _in_advance(comparison: Comparison) -> list[str]:
    """What a checkpoint cost in advance, and what it comes to in all."""
    if not comparison.advance_s:
        return []
    taken_s, sent = comparison.advance_s - comparison.waiting_s, comparison.advance_bytes
    rate = f" at {BYTES_PER_S.format(sent / taken_s)}" if taken_s > 0 else ""
    wait = f", then a wait of {seconds(comparison.waiting_s)}" if comparison.waiting_s else ""
    lines = [f"in advance: a checkpoint of {BYTES.format(sent)} in {seconds(taken_s)}{rate}{wait}"]
    ours, plain = comparison.migration, comparison.plain
    in_all = f"in all {seconds(ours.total_s)} and {BYTES.format(ours.transferred_bytes)}"
    if plain.converged and ours.converged:
        time_s, size = ours.total_s - plain.total_s, ours.transferred_bytes - plain.transferred_bytes
        longer = f"{seconds(abs(time_s))} {'longer' if time_s > 0 else 'shorter'}"
        in_all += f": {longer} and {BYTES.format(abs(size))} {'more' if size > 0 else 'less'} than a plain pre-copy"
    return [*lines, in_all]


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
