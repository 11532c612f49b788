"""The table of a run's migrations: what its columns show of each."""

from vmplanner.domain.quantities import BYTES, BYTES_PER_S, SHARE, format_duration
from vmplanner.engine.jobs import JobState
from vmplanner.ui.job import Job
from vmplanner.ui.job_words import about_margin, left_text, meaning, tries
from vmplanner.ui.tables.rows import Column

_ROLES = {
    JobState.QUEUED: "muted",
    JobState.CANCELLING: "warn",
    JobState.COMPLETED: "good",
    JobState.NOT_CONVERGED: "warn",
    JobState.CANCELLED: "muted",
    JobState.SKIPPED: "muted",
    JobState.FAILED: "bad",
    JobState.LOST: "bad",
    JobState.UNKNOWN: "bad",
}


def _phase(job: Job) -> str:
    if job.phase is None or job.state.is_final:
        return ""
    return f"{job.phase.value}, round {job.round}" if job.round else job.phase.value


def _guest(job: Job) -> str:
    """How fast the guest runs now, as the tip of its phase."""
    return f"{_phase(job)}; the guest runs at {SHARE.format(job.guest_share, digits=2)}" if _phase(job) else ""


def _remaining(job: Job) -> str:
    return BYTES.format(job.remaining_bytes) if job.remaining_bytes and not job.state.is_final else ""


def _sent(job: Job) -> str:
    return f"{BYTES.format(job.sent_bytes)} sent so far" if job.sent_bytes else ""


def _rate(job: Job) -> str:
    return BYTES_PER_S.format(job.bytes_per_s) if job.bytes_per_s else ""


def _downtime(job: Job) -> str:
    return format_duration(job.downtime_s) if job.downtime_s else ""


def _time(job: Job) -> str:
    """How long it took, or while it runs how much is left of that."""
    if job.state.is_final:
        return "" if job.started_s is None else f"took {format_duration(job.at_s - job.started_s)}"
    return "never" if job.is_hopeless else left_text(job)


def _about_time(job: Job) -> str:
    return f"{_time(job)}\n{about_margin()}" if job.eta_margin_s is not None and not job.is_hopeless else ""


COLUMNS = (
    Column("VM", lambda job: job.vm),
    Column("Move", lambda job: f"{job.source}  →  {job.target}"),
    Column(
        "State",
        lambda job: f"{job.state.value}, forced" if job.is_forced else job.state.value,
        124,
        role_of=lambda job: "warn" if job.is_forced else _ROLES.get(job.state, "accent"),
        tip_of=lambda job: "\n".join(filter(None, (meaning(job), tries(job)))),
    ),
    Column("Progress", lambda _job: "", 148, tip_of=lambda job: job.progress_text),
    Column("Phase", _phase, 164, tip_of=_guest),
    Column("Remaining", _remaining, 96, right=True, tip_of=_sent, about="What is still to be sent in this round"),
    Column("Rate", _rate, 104, right=True),
    Column("Downtime", _downtime, 92, right=True, about="How long the VM has run nowhere so far"),
    Column(
        "Time",
        _time,
        196,
        right=True,
        tip_of=_about_time,
        about="What is left by the prediction and by what is done so far and, in the end, what it took",
    ),
)
PROGRESS_COLUMN = 3
# Columns that a table below a width does without: phase, remaining, rate and downtime.
SPARED = {4: 700, 5: 840, 6: 840, 7: 760}
