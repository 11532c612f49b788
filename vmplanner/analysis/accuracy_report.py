"""What `vmplanner validate` prints: for people as tables, for scripts as JSON values."""

from collections.abc import Iterable
from typing import Any

from attrs import asdict
from tabulate import tabulate

from vmplanner.analysis.measured_runs import group_title
from vmplanner.analysis.published import Comparison
from vmplanner.analysis.validate import WORST, Case, Summary, Validation
from vmplanner.domain.quantities import BYTES, format_duration
from vmplanner.domain.results import Provenance

_HEADERS = ("group", "runs", "total time", "p90", "downtime", "in ms", "transferred", "p90", "converges")


def percent(share: float | None, *, signed: bool = False) -> str:
    """A fraction as a percentage with one decimal; a dash where there is none."""
    return "-" if share is None else f"{100 * share:{'+' if signed else ''}.1f} %"


def as_json(validation: Validation) -> dict[str, Any]:
    """Summaries and cases. Errors are fractions, signed in the cases (predicted / measured - 1); `apart` sums up the
    runs that can't judge a prediction, which are in no group.
    """
    return {
        "overall": asdict(validation.overall),
        "groups": {name: asdict(summary) for name, summary in validation.groups.items()},
        "apart": asdict(validation.apart_summary),
        "cases": [_case_as_json(case) for case in validation.cases],
    }


def _case_as_json(case: Case) -> dict[str, Any]:
    run = case.run
    return {
        "name": run.name,
        "group": run.group,
        "flags": list(run.flags),
        "apart": not case.is_good,
        "not_simulated": case.why_not,
        "predicted": asdict(case.prediction) if case.prediction else None,
        "measured": {
            "converged": run.converged,
            "total_s": run.total_s,
            "downtime_s": run.downtime_s,
            "transferred_bytes": run.transferred_bytes,
        },
        "errors": {
            "total_time": case.total_error,
            "downtime": case.downtime_error,
            "downtime_ms": None if case.downtime_error_s is None else 1000 * case.downtime_error_s,
            "transferred": case.transferred_error,
            "convergence_right": case.answered_right,
        },
    }


def as_text(validation: Validation) -> str:
    """The groups, the worst cases, and what is not in them."""
    rows = [_summary_row(group_title(name), summary) for name, summary in validation.groups.items()]
    rows.append(_summary_row("overall", validation.overall))
    parts = [
        "Predicted against measured: median and 90th percentile (p90) of the absolute error, and the share of right "
        "answers\nto whether the migration converges",
        _table(_HEADERS, rows),
    ]
    if validation.worst:
        worst = [_case_row(case) for case in validation.worst]
        parts += [f"The worst {min(WORST, len(worst))}", _table(_CASE_HEADERS, worst)]
    if validation.apart:
        apart = [(*_case_row(case), " ".join(case.run.spoiled_by)) for case in validation.apart]
        parts += ["Apart, in no group: runs that can't judge a prediction", _table((*_CASE_HEADERS, "flags"), apart)]
    left_out = [(case.run.name, case.why_not) for case in validation.not_simulated]
    if left_out:
        parts += ["Not simulated", tabulate(left_out, tablefmt="plain", disable_numparse=True)]
    return "\n\n".join(parts)


_CASE_HEADERS = ("run", "total time", "measured", "error", "downtime", "measured", "transferred", "error", "converges")


def _summary_row(name: str, summary: Summary) -> tuple[str, ...]:
    milliseconds = summary.downtime_median_error_ms
    left_out = f" (of {summary.n + summary.not_simulated})" if summary.not_simulated else ""
    return (
        name,
        f"{summary.n}{left_out}",
        percent(summary.total_time_median_error),
        percent(summary.total_time_p90_error),
        percent(summary.downtime_median_error),
        "-" if milliseconds is None else f"{milliseconds:.0f}",
        percent(summary.transferred_median_error),
        percent(summary.transferred_p90_error),
        percent(summary.convergence_accuracy),
    )


def _case_row(case: Case) -> tuple[str, ...]:
    run, prediction = case.run, case.prediction
    answer = {True: "right", False: "wrong", None: "-"}[case.answered_right]
    return (
        run.name,
        "-" if prediction is None else _seconds(prediction.total_s if prediction.converged else None),
        _seconds(run.total_s),
        percent(case.total_error, signed=True),
        "-" if prediction is None else _seconds(prediction.downtime_s if prediction.converged else None),
        _seconds(run.downtime_s),
        "-" if prediction is None else BYTES.format(prediction.transferred_bytes),
        percent(case.transferred_error, signed=True),
        answer,
    )


def _seconds(value: float | None) -> str:
    return "never" if value is None else format_duration(value)


def published_as_json(comparisons: Iterable[Comparison]) -> dict[str, Any]:
    """Each published figure with the simulated one, both in base units (seconds, bytes, rounds)."""
    return {
        "figures": [
            {
                "case": one.case,
                "figure": one.figure.metric,
                "round": one.figure.round,
                "published": one.figure.value,
                "simulated": one.simulated,
                "error": one.error,
                "not_simulated": one.why_not,
                "known": one.figure.provenance,
                "source": one.figure.source,
            }
            for one in comparisons
        ]
    }


def published_as_text(comparisons: Iterable[Comparison]) -> str:
    """A row for each published figure, and below what their sources are."""
    comparisons = list(comparisons)
    rows = [
        (
            one.case,
            one.figure.label,
            one.figure.metric.shown(one.figure.value),
            one.why_not if one.simulated is None else one.figure.metric.shown(one.simulated),
            percent(one.error, signed=True),
            one.figure.provenance.value,
        )
        for one in comparisons
    ]
    headers = ("migration", "figure", "published", "simulated", "difference", "known")
    sources = dict.fromkeys(f"{one.case}: {one.figure.source} ({one.figure.provenance})" for one in comparisons)
    known = {one.figure.provenance for one in comparisons}
    words = [f"{each.value}: {each.explanation}" for each in Provenance if each in known]
    return "\n\n".join([_table(headers, rows, words=2), "\n".join(words), "Sources", "\n".join(sources)])


def _table(headers: tuple[str, ...], rows: list[Any], *, words: int = 1) -> str:
    """Columns of words to the left, of figures to the right."""
    sides = ("left",) * words + ("right",) * (len(headers) - words)
    return tabulate(rows, headers=headers, colalign=sides, disable_numparse=True)
