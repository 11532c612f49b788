"""A report as a file: one web page with its pictures inside, or PDF pages with the same content.

Needs a QApplication that the caller has made (see ui.headless).
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from attrs import evolve

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.results import Run
from vmplanner.interchange.files.whole import write_whole
from vmplanner.interchange.report import Figure, as_html, as_paper
from vmplanner.ui.exports.charts import CHARTS
from vmplanner.ui.exports.pictures import Paper
from vmplanner.ui.exports.report_contents import MOST_ROWS, Case, case_of, report_of
from vmplanner.ui.exports.report_pages import pages
from vmplanner.ui.exports.subject import Subject
from vmplanner.ui.picture_files import Picture

FORMATS = {"html": "Web page", "pdf": "PDF document"}
"""What a report can be written as: the ending of the file, and how a person calls it."""

_PAPER = Paper(width_px=900, has_title=False)
_CAPTIONS = {
    "topology": "Hosts with their virtual machines, and the links between them. Dashed arrows are planned moves.",
    "timeline": "The predicted course of the plan.",
    "time-stacks": "What each move spends its time on, one bar for each machine.",
    "hosts": "The memory taken on each host before the plan, when the fullest host is fullest, and after it.",
    "accuracy": "Each mark is a real migration; on the line the prediction was right.",
}


def export_report(project: Project, plan: Plan, path: Path, format: str, *, now: datetime) -> None:
    """Write the report on a plan as one of FORMATS. The file takes the place of an older one only when it is complete.
    Raises PlannerError where the format is unknown or the file can't be written.
    """
    write_whole(path, rendered_report(project, plan, format, now=now), "The report")


def rendered_report(project: Project, plan: Plan, format: str, *, now: datetime) -> bytes:
    """The bytes that export_report writes."""
    if format not in FORMATS:
        raise PlannerError(f"'{format}' is not a format for a report; use {', '.join(FORMATS)}.")
    case = case_of(project, plan)
    with _pictures(case) as pictures:
        figures = {
            name: Figure(name, picture.size.width(), picture.size.height(), _CAPTIONS[name])
            for name, picture in pictures.items()
        }
        report = report_of(case, figures, now)
        if format == "html":
            drawings = {name: picture.svg().decode() for name, picture in pictures.items()}
            return as_html(report, drawings).encode()
        return pages(as_paper(report), report.title, f"{project.name}, {now:%d %B %Y}", pictures)


@contextmanager
def _pictures(case: Case) -> Iterator[dict[str, Picture]]:
    """The pictures that there are, while they can be drawn."""
    with ExitStack() as open_pictures:
        found = {}
        for name in _CAPTIONS:
            subject = _subject(case)
            has_place = name != "topology" or case.project.hosts
            if has_place and (subject.runs[0].results or name in ("topology", "accuracy")):
                found[name] = open_pictures.enter_context(CHARTS[name].picture(subject, _PAPER))
        yield found


def _subject(case: Case) -> Subject:
    """The plan with as many migrations of its forecast as a page holds."""
    forecast = case.forecast or Run("none", "None", case.plan.name, "simulation", case.plan.starts_at or datetime.min)
    longest = sorted(forecast.results, key=lambda result: -result.total_s)[:MOST_ROWS]
    shown = [result for result in forecast.results if result in longest]
    return Subject(case.project, case.plan, [evolve(forecast, name=case.plan.name, results=shown)])
