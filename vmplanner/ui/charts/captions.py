"""What the chart says in words: at the end of a bar, in its legend and under the cursor."""

from collections.abc import Sequence
from typing import Literal

from attrs import frozen

from vmplanner.analysis.compare import Comparison, Saving
from vmplanner.analysis.part_sentences import sentence_about
from vmplanner.analysis.stack_series import Series
from vmplanner.analysis.stack_view import Grouping, Measure, Sorting, Split
from vmplanner.analysis.time_stacks import Stack, TimeStacks
from vmplanner.domain.edits import count
from vmplanner.domain.quantities import BYTES, BYTES_PER_S, SHARE, format_duration, grouped
from vmplanner.domain.results import Metric, MigrationResult, Outcome, Phase, Provenance, ReferenceFigure

EMPTY = "No run yet. Run the plan to see where the time goes."

SPLIT_TITLES = {
    Split.PHASE: "By phase",
    Split.PIECE: "By piece of data",
    Split.ROUND: "By round",
    Split.PHASE_PIECE: "By phase and piece",
}
MEASURE_TITLES = {
    Measure.SECONDS: "Seconds",
    Measure.BYTES: "Bytes",
    Measure.SHARE: "Share of total",
    Measure.DOWNTIME: "Downtime",
}
GROUP_TITLES = {
    Grouping.MIGRATION: "Each migration",
    Grouping.VM: "By VM",
    Grouping.SOURCE: "By source host",
    Grouping.TARGET: "By target host",
    Grouping.TECHNIQUE: "By technique",
    Grouping.RUN: "By run",
    Grouping.PROFILE: "By profile",
}
SORTING_TITLES = {
    Sorting.PLAN: "Plan order",
    Sorting.LONGEST: "Longest first",
    Sorting.NAME: "By name",
    Sorting.DOWNTIME: "Most downtime first",
}
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
    role: Literal["text", "muted", "good", "warn", "bad"]


def seconds(value: float) -> str:
    """A duration; nothing at all is '0 s', whatever the smallest unit."""
    return format_duration(value) if value > 0 else "0 s"


def amount(value: float, measure: Measure) -> str:
    """A total in the measure's unit; a share is one of the total time."""
    return BYTES.format(value) if measure is Measure.BYTES else seconds(value)


def in_legend(series: Series) -> str:
    """A series in the legend, where 'round 2' follows 'pre-copy round 1'."""
    if series.is_saving:
        return f"saved: {series.label}"
    return series.label.removeprefix(f"{Phase.PRE_COPY.value} ") if series.round > 1 else series.label


def difference(stack: Stack, base: Stack | None, measure: Measure, *, is_short: bool = False) -> Words | None:
    """How much more or less it is than what it is compared with: '+1.2 s (+14 %)'; short, '+14 %'. It is good only
    where it costs neither time nor downtime.
    """
    if base is None:
        return None
    ours, theirs = stack.total(measure), base.total(measure)
    change = ours - theirs
    if abs(change) <= _WORTH_A_WORD * max(ours, theirs):
        return Words("· the same" if is_short else "· no difference", "muted")
    sign = "+" if change > 0 else "−"
    role: Literal["good", "warn", "bad"] = "bad" if change > 0 else "warn" if _is_worse(stack, base) else "good"
    percent = f"{sign}{SHARE.format(abs(change) / theirs, digits=2)}" if theirs > 0 else ""
    if is_short and percent:
        return Words(f"· {percent}", role)
    return Words(f"· {sign}{amount(abs(change), measure)}{f' ({percent})' if percent else ''}", role)


def _is_worse(stack: Stack, base: Stack) -> bool:
    """Whether it takes longer, or its guests stand still for longer."""
    return any(_is_more(ours, theirs) for ours, theirs in _costs(stack, base))


def _costs(stack: Stack, base: Stack) -> tuple[tuple[float, float], ...]:
    return (stack.total_s, base.total_s), (stack.downtime_s, base.downtime_s)


def _is_more(ours: float, theirs: float) -> bool:
    return ours - theirs > _WORTH_A_WORD * max(ours, theirs)


def _downtime(stack: Stack, base: Stack | None, *, is_short: bool) -> Words | None:
    """'· 210 ms down (+150 ms)'; short, only how it differs: '· +150 ms down'."""
    ours, theirs = stack.downtime_s, base.downtime_s if base is not None else stack.downtime_s
    is_same = not _is_more(ours, theirs) and not _is_more(theirs, ours)
    if (is_short and is_same) or (is_same and not ours):
        return None
    changed = f"{'+' if ours > theirs else '−'}{seconds(abs(ours - theirs))}"
    if is_short:
        return Words(f"· {changed} down", "bad" if ours > theirs else "good")
    return Words(f"· {seconds(ours)} down{'' if is_same else f' ({changed})'}", "bad" if ours >= theirs else "good")


def ending(
    stack: Stack,
    measure: Measure,
    base: Stack | None = None,
    figures: Sequence[ReferenceFigure] = (),
    *,
    is_short: bool = False,
) -> tuple[Words, ...]:
    """What stands after a bar: '12.4 s', '· 210 ms down', '· not converged'; short, only what it comes to. What broke
    off is not compared.
    """
    words = [Words(amount(stack.total(measure), measure), "text")]
    compared = difference(stack, base, measure, is_short=is_short)
    if compared is not None and all(result.converged for result in stack.results):
        words.append(compared)
    if len(figures) == 1 and not is_short and (off := _off(figures[0], stack)):
        words.append(Words(f"· {figures[0].provenance.value} {amount(figures[0].value, measure)} ({off})", "muted"))
    in_time = measure in (Measure.SECONDS, Measure.SHARE)
    down = _downtime(stack, base, is_short=is_short) if in_time else None
    if down is not None:
        words.append(down)
    if stack.settled_s > stack.total_s * _NOTABLY and in_time and not is_short:
        words.append(Words(f"· settled after {seconds(stack.settled_s)}", "muted"))
    words += _outcomes(stack)
    if stack.comparison is not None and not is_short:
        if stack.comparison.advance_s:
            words.append(Words(f"· and {_advance(stack.comparison, measure)} in advance", "text"))
        words.append(Words(f"· {_plain(stack.comparison, measure)}", "muted"))
    return tuple(words)


def _outcomes(stack: Stack) -> list[Words]:
    """What became of a migration, or of how many of a group it became something else than planned."""
    words = []
    outcomes = [result.outcome for result in stack.results]
    for outcome in (one for one in Outcome if one is not Outcome.COMPLETED):
        number = outcomes.count(outcome)
        if number:
            is_bad = outcome in (Outcome.FAILED, Outcome.LOST)
            text = outcome.value if stack.only else f"{number} {outcome.value}"
            words.append(Words(f"· {text}", "bad" if is_bad else "warn"))
    forced = sum(result.is_forced for result in stack.results)
    if forced:
        words.append(Words(f"· {'' if stack.only else f'{forced} '}forced to stop", "warn"))
    return words


def _advance(comparison: Comparison, measure: Measure) -> str:
    return BYTES.format(comparison.advance_bytes) if measure is Measure.BYTES else seconds(comparison.advance_s)


def _plain(comparison: Comparison, measure: Measure) -> str:
    plain = comparison.plain
    if not plain.converged:
        return "plain pre-copy would not converge"
    total = BYTES.format(plain.transferred_bytes) if measure is Measure.BYTES else seconds(plain.total_s)
    return f"plain pre-copy {total}{' (forced to stop)' if plain.is_forced else ''}"


def about_part(stacks: TimeStacks, index: int, part: int) -> str:
    """One part of one stack: its name, then seconds, bytes, pages, share and average rate, and what it means."""
    stack, series, measure = stacks.stacks[index], stacks.series[part], stacks.view.measure
    if series.is_saving:
        return _about_saving(series, stack)
    spent_s, moved_bytes, pages = stack.seconds[part], stack.bytes[part], stack.pages[part]
    facts = [seconds(spent_s)]
    if moved_bytes:
        facts.append(BYTES.format(moved_bytes))
    if pages:
        facts.append(f"{grouped(pages)} pages")
    if measure is Measure.BYTES:
        facts.append(_share(moved_bytes, stack.total_bytes, BYTES.format(stack.total_bytes)))
    elif measure is Measure.DOWNTIME:
        facts.append(f"{_share(stack.down_s[part], stack.downtime_s, seconds(stack.downtime_s))} down")
    else:
        facts.append(_share(spent_s, stack.settled_s, seconds(stack.settled_s)))
    if moved_bytes and spent_s > 0:
        facts.append(BYTES_PER_S.format(moved_bytes / spent_s))
    lines = [f"{series.label} · {stack.label}", " · ".join(facts), *_guest_speed(stack.guest_shares[part])]
    said = sentence_about(series, stack.results)
    return "\n".join([*lines, said] if said else lines)


def _guest_speed(share: float) -> list[str]:
    """How fast the guest runs, where that is not as ever."""
    if share > _AS_EVER:
        return []
    return [f"the guest runs at {SHARE.format(share, digits=2)}" if share else "the guest stands still"]


def _about_saving(series: Series, stack: Stack) -> str:
    comparison = stack.comparison
    assert comparison is not None, "a saving is one of a comparison"
    saving = next(one for one in comparison.savings or () if one.means == series.label)
    lines = [_about_means(saving, comparison.plain), f"{stack.label}, simulated alone"]
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


def about_stack(stack: Stack, base: Stack | None = None) -> str:
    """A whole stack: of a migration where, how, how it ended and, when it did not complete, why."""
    result = stack.only
    if result is None:
        lines = [stack.label, count(len(stack.results), "migration")]
        lines.append(f"{seconds(stack.total_s)} · {BYTES.format(stack.total_bytes)} · {seconds(stack.downtime_s)} down")
        lines += [words.text.removeprefix("· ") for words in _outcomes(stack)]
    else:
        forced = " · forced to stop" if result.is_forced else ""
        lines = [f"{result.vm} · {result.source} → {result.target}"]
        lines.append(f"{result.technique.value} · {result.outcome.value}{forced}")
        if result.reason:
            lines.append(result.reason)
    lines += _felt(stack)
    if result is not None and result.reported_total_s is not None:
        lines.append(f"{result.policy.label} itself reports {_reported(result)}")
    if base is not None:
        lines += _beside(stack, base)
    if stack.comparison is not None:
        lines += _compared(stack.comparison)
    return "\n".join(lines)


def _beside(stack: Stack, base: Stack) -> list[str]:
    """How it differs from what it is compared with."""
    told = []
    for measure, what in ((Measure.SECONDS, "total"), (Measure.DOWNTIME, "downtime"), (Measure.BYTES, "sent")):
        words = difference(stack, base, measure)
        assert words is not None, "there is a base"
        told.append(f"{what} {words.text.removeprefix('· ')}")
    return [f"against {base.run if base.run != stack.run else base.label}: {', '.join(told)}"]


def _felt(stack: Stack) -> list[str]:
    """What the migration costs its guest besides its downtime, and when that is over."""
    lines = []
    if stack.lost_work_s > stack.downtime_s * _NOTABLY:
        waits = sum(result.network_faults for result in stack.results)
        faults = f", {grouped(waits)} waits for a page" if waits else ""
        lines.append(f"the guest loses {seconds(stack.lost_work_s)} of its work{faults}")
    if stack.only and stack.settled_s > stack.total_s * _NOTABLY:
        lines.append(
            f"the source is free after {seconds(stack.total_s)}, the guest settled after {seconds(stack.settled_s)}"
        )
    return lines


def _reported(result: MigrationResult) -> str:
    figures = ((result.reported_total_s, "total time"), (result.reported_downtime_s, "downtime"))
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
    """A reference figure: its value, how far the stack is from it, how it is known and where it is from."""
    value = BYTES.format(figure.value) if figure.metric is Metric.TRANSFERRED_BYTES else seconds(figure.value)
    lines = [f"{PROVENANCE_TITLES[figure.provenance]} · {stack.label}"]
    lines.append(f"{figure.metric.value} {value}, {figure.provenance.explanation}")
    if off := _off(figure, stack):
        lines.append(f"the run is {off} off")
    return "\n".join([*lines, f"Source: {figure.source}"])


def _off(figure: ReferenceFigure, stack: Stack) -> str:
    """How far the run is from a figure: '+4.2 %'."""
    ours = figure.metric.simulated(stack.results[0], figure.round)
    if ours is None or not figure.value:
        return ""
    return f"{(ours / figure.value - 1) * 100:+.1f} %".replace("-", "−")


def summary(stacks: Sequence[Stack], index: int) -> str:
    """A stack in one sentence, for a screen reader."""
    stack = stacks[index]
    down = f", {seconds(stack.downtime_s)} down" if stack.downtime_s > 0 else ""
    result = stack.only
    where = f", {stack.detail}" if result is None else f" from {result.source} to {result.target}"
    ended = "" if result is None else f", {result.outcome.value}"
    compared = difference(stack, stacks[stack.base], Measure.SECONDS) if stack.base is not None else None
    beside = f" {compared.text.removeprefix('· ')} against the first run." if compared else ""
    return f"{stack.label}{where}: {seconds(stack.total_s)}{down}{ended}.{beside}"
