"""Writing the time stacks that are shown to a file that the person chooses."""

from pathlib import Path

from PySide6.QtWidgets import QWidget

from vmplanner.analysis.time_stacks import Measure, Split
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.ui.charts.export import export_time_stacks
from vmplanner.ui.dialogs import messages
from vmplanner.ui.dialogs.choose_file import file_to_write
from vmplanner.ui.files import file_name, with_suffix
from vmplanner.ui.pages.stacks_page import StacksPage


def export_shown_stacks(window: QWidget, project: Project, page: StacksPage, file_format: str) -> Path | None:
    """Asks for a file and writes it as 'png', 'svg' or 'csv'; None when nothing is shown or written."""
    run, chart = page.run, page.chart
    if run is None:
        return None
    name = Path(f"{file_name(project.name)} - {run.name} - time stacks.{file_format}")
    chosen = file_to_write(window, "Export the time stacks", name, f"{file_format.upper()} (*.{file_format})")
    if not chosen:
        return None
    path = with_suffix(chosen, f".{file_format}")
    if str(path) != chosen and not messages.may_replace(window, path):
        return None
    by, measure = Split(chart.split.value), Measure(chart.measure.value)
    try:
        export_time_stacks(
            run, project.figures, path, file_format, by=by, measure=measure, comparisons=chart.comparisons
        )
    except PlannerError as error:
        messages.tell_error(window, "The chart could not be exported", str(error))
        return None
    return path
