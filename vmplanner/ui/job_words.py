"""A migration of a run in words: what its state means, where its VM is now, and its log."""

import math
from collections.abc import Iterator

from vmplanner.analysis.model_error import measured_error
from vmplanner.domain.quantities import BYTES, BYTES_PER_S, SHARE, format_duration
from vmplanner.engine.jobs import JobState
from vmplanner.ui.job import Job, Pass


def clock(seconds: float) -> str:
    """A time on the run's clock: '12.4 s'."""
    return format_duration(seconds) if seconds else "0 s"


def meaning(job: Job) -> str:
    """What the state of a migration means, and where its VM is now."""
    vm, source, target = job.vm, job.source, job.target
    # What the reason says of where the VM is stands here in full.
    reason = job.reason.partition(f"; {vm} ")[0]
    why = f" ({reason})" if reason and reason != job.state.value else ""
    stays = f"{vm} runs on {source} as before"
    if job.started_s is None and job.state.is_final:
        words = {
            JobState.SKIPPED: f"Skipped: it was left out of this run. {vm} has not moved and runs on {source}. Those "
            "that were to come after it did not wait for it.",
            JobState.FAILED: f"Failed before anything moved{why}. {stays}.",
            JobState.LOST: f"Lost{why}: {vm} runs nowhere.",
        }
        return words.get(job.state, f"Cancelled before anything moved{why}. {stays}.")
    back = f"It was rolled back: {stays}, and what had been copied to {target} is thrown away."
    match job.state:
        case JobState.QUEUED:
            return f"Queued: it waits for its turn. {vm} runs on {source}."
        case JobState.RUNNING:
            return f"Running: {vm} is on its way from {source} to {target}."
        case JobState.CANCELLING:
            return f"Cancelling: it stops as soon as it can. If {vm} has switched to {target} already, it completes."
        case JobState.COMPLETED if job.is_forced:
            return f"Completed, but forced: {job.reason}. {vm} runs on {target}."
        case JobState.COMPLETED:
            return f"Completed: {vm} runs on {target}, and {source} is free of it."
        case JobState.CANCELLED:
            return f"Cancelled: it was stopped because somebody asked for it{why}. {back}"
        case JobState.NOT_CONVERGED:
            return f"Not converged: {vm} wrote its memory faster than it could be sent{why}. {back}"
        case JobState.FAILED:
            return f"Failed: something that it needs went wrong{why}. {back}"
        case JobState.LOST:
            return f"Lost{why}: {vm} runs nowhere, and can't be rolled back. Start it anew or from a backup."
        case _:
            return f"Not known{why}: look on {source} and on {target} where {vm} runs before you start it anywhere."


def log_of(job: Job) -> Iterator[str]:
    """The log of a migration, a line for each thing that happened to it, after its time on the run's clock."""
    lines = [(mark.at_s, _mark(job, mark.state, mark.reason)) for mark in job.marks]
    lines += [(each.began_s, _pass(each, is_open=_is_open(job, each))) for each in job.passes]
    # Sorting keeps the marks before the passes of the same time, but the end comes last.
    if job.state.is_final and job.marks:
        last = lines.pop(len(job.marks) - 1)
        lines = [*sorted(lines, key=lambda line: line[0]), last]
    else:
        lines.sort(key=lambda line: line[0])
    yield from (f"{clock(at_s):>10}   {text}" for at_s, text in lines)
    if job.state.is_final:
        yield f"{'':>10}   {meaning(job)}"
    if job.tries > 1:
        yield f"{'':>10}   {tries(job)}"


def tries(job: Job) -> str:
    """How often it was tried, and what was sent for nothing; '' where it was tried once."""
    if job.tries < 2:
        return ""
    return f"Tried {job.tries} times; {BYTES.format(job.earlier_bytes)} were sent in earlier tries."


def log_text(job: Job) -> str:
    """The whole log, for the panel and for copying."""
    return "\n".join([f"{job.vm}, {job.source} → {job.target}: {job.state.value}", *log_of(job)])


def left_text(job: Job) -> str:
    """'12 s ± 1 s left'."""
    eta_s, margin_s = job.eta_s, job.eta_margin_s
    if eta_s is None:
        return ""
    return f"{give_or_take(eta_s, margin_s)} left"


def give_or_take(seconds: float, margin_s: float | None) -> str:
    """A time with what it may be off by: '12 s ± 1 s', or 'less than 2 s' where it may be over at once."""
    if margin_s and margin_s >= seconds:
        return f"less than {format_duration(_rounded_up(seconds + margin_s))}"
    # More than one digit of a margin says nothing.
    return clock(seconds) if not margin_s else f"{clock(seconds)} ± {format_duration(float(f'{margin_s:.1g}'))}"


def _rounded_up(seconds: float) -> float:
    """To one digit."""
    digit = 10.0 ** math.floor(math.log10(seconds))
    return math.ceil(seconds / digit) * digit


def about_margin() -> str:
    """Where what follows the ± comes from."""
    error = measured_error()
    if error.total_time_p90_error is None:
        return ""
    return (
        f"± as measured: of {error.n} migrations, nine of ten took no more than "
        f"{SHARE.format(error.total_time_p90_error, digits=2)} longer or shorter than predicted."
    )


def _mark(job: Job, state: JobState, reason: str) -> str:
    if state is JobState.RUNNING:
        return f"started, from {job.source} to {job.target}"
    return reason if reason.startswith(state.value) else f"{state.value}{': ' if reason else ''}{reason}"


def _is_open(job: Job, one: Pass) -> bool:
    return not job.state.is_final and one is job.passes[-1] and job.phase is not None


def _pass(one: Pass, *, is_open: bool) -> str:
    name = f"{one.phase.value}, round {one.round}" if one.round else one.phase.value
    seconds = one.at_s - one.began_s
    facts = [format_duration(seconds)] if seconds > 0 else []
    if one.bytes:
        facts.insert(0, BYTES.format(one.bytes))
        facts += [f"at {BYTES_PER_S.format(one.bytes / seconds)}"] if seconds > 0 else []
    told = f"{name}: {', '.join(facts)}" if facts else name
    return f"{told}, so far" if is_open else told
