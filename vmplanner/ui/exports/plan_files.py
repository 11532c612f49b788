"""The plan as a file for other programs: a calendar, or a script to be read. Knows nothing of Qt."""

from datetime import datetime
from pathlib import Path

from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.interchange.files.whole import write_whole
from vmplanner.interchange.plan_calendar import plan_as_calendar
from vmplanner.interchange.plan_script import plan_as_script
from vmplanner.planning.forecast import checked
from vmplanner.ui.exports.subject import forecast_run, simulation

FORMATS = {"ics": "Calendar", "sh": "Shell script to be read"}
"""What a plan can be written as: the ending of the file, and how a person calls it."""


def export_plan(project: Project, plan: Plan, path: Path, format: str, *, now: datetime) -> None:
    """Write a plan as one of FORMATS. Raises PlannerError where there is nothing to write, a calendar is asked for and
    the plan does not say when it starts, or the file can't be written.
    """
    if format == "ics":
        content = plan_as_calendar(project, plan, forecast_run(project, plan), now)
    else:
        found = checked(project, plan, simulation(project))
        content = plan_as_script(project, plan, found.forecast.run if found.forecast else None).encode()
    write_whole(path, content, "The plan")
