"""What a person can take out of the window: charts and their data, the drawing, the inventory, the plan, a report.

Charts are drawn as the pages show them, but whole and in a theme of their own.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from vmplanner.domain.errors import PlannerError
from vmplanner.interchange import tables_out
from vmplanner.ui.dialogs import messages
from vmplanner.ui.dialogs.choose_file import file_to_write
from vmplanner.ui.dialogs.export_chart import ExportChart
from vmplanner.ui.document import Document
from vmplanner.ui.exports import plan_files, report_files
from vmplanner.ui.exports.charts import CHARTS, FORMATS, Chart, copy_chart, copy_table, export_chart
from vmplanner.ui.exports.pictures import USUAL, Paper
from vmplanner.ui.exports.subject import Subject, forecast_run
from vmplanner.ui.files import file_name, with_suffix
from vmplanner.ui.pages.stacks_page import StacksPage

_SHOWN_MS = 8000
_INVENTORY = {"xlsx": "Workbook"}
_CHART_FAILED = "The chart could not be exported"


class Exporter(QObject):
    """Works on the document as the window shows it. `tell` gets what was done, and for how long to show it."""

    def __init__(
        self, document: Document, stacks_page: StacksPage, window: QWidget, tell: Callable[[str, int], None]
    ) -> None:
        super().__init__(window)
        self._document, self._page, self._window, self._tell = document, stacks_page, window, tell

    # What the actions do

    def chart(self, name: str = "time-stacks", *, is_forecast: bool = False) -> None:
        """Choose a chart, what of it and how, then save or copy it."""
        ExportChart(self._window, self, CHARTS[name], is_forecast=is_forecast).open()

    def inventory(self) -> None:
        """Write hosts, VMs and links as tables that can be changed and imported again."""
        project = self._document.project
        found = self._file("Export the inventory", f"{file_name(project.name)} - inventory", _INVENTORY)
        if found is not None:
            write = partial(tables_out.write_workbook, project, found[0])
            self._do(write, f"Exported to {found[0]}", "The inventory could not be exported")

    def calendar(self) -> None:
        """Write the plan as a calendar, which needs to know when it starts."""
        if self._document.project.plan.starts_at is None:
            refusal = "It does not say when it starts. Set its start on the page Plan first."
            messages.tell_error(self._window, "The plan could not be exported", refusal)
            return
        self._plan("ics")

    def script(self) -> None:
        """Write the plan as a script to be read."""
        self._plan("sh")

    def report(self) -> None:
        """Write a report on the plan."""
        project = self._document.project
        found = self._file("Write a report", f"{file_name(project.name)} - report", report_files.FORMATS)
        if found is not None:
            write = partial(report_files.export_report, project, project.plan, *found, now=_now())
            self._do(write, f"Wrote {found[0]}", "The report could not be written")

    # Charts

    @property
    def has_run(self) -> bool:
        """Whether the page Time stacks shows a run."""
        return bool(self._page.chart.runs)

    def subject(self, chart: Chart, *, is_forecast: bool = False) -> Subject:
        """What a chart is drawn of: the runs that the page Time stacks shows, or the forecast of the plan where it
        shows none or that is asked for. Raises PlannerError where there is no plan either.
        """
        project, shown = self._document.project, self._page.chart
        if not chart.of_runs:
            return Subject(project, project.plan, ())
        if is_forecast or not self.has_run:
            return Subject(project, project.plan, (forecast_run(project, project.plan),), shown.view)
        return Subject(project, project.plan, shown.runs, shown.view, shown.comparisons)

    def save_chart(
        self, chart: Chart, format: str, *, is_forecast: bool = False, paper: Paper = USUAL, scale: float = 2.0
    ) -> bool:
        """Ask for a file and write a chart there; True when it is written."""
        name = f"{file_name(self._document.project.name)} - {chart.title.lower()}"
        found = self._file(f"Export: {chart.title}", name, {format: FORMATS[format]})
        if found is None:
            return False
        path = found[0]

        def write() -> None:
            export_chart(chart, self.subject(chart, is_forecast=is_forecast), path, format, paper=paper, scale=scale)

        return self._do(write, f"Exported to {path}", _CHART_FAILED)

    def copy_chart(self, chart: Chart, *, is_forecast: bool = False, paper: Paper = USUAL) -> None:
        """Put a chart on the clipboard."""

        def copy() -> None:
            copy_chart(chart, self.subject(chart, is_forecast=is_forecast), paper)

        self._do(copy, f"Copied the chart {chart.title.lower()}", _CHART_FAILED)

    def copy_table(self, chart: Chart, *, is_forecast: bool = False) -> None:
        """Put the data of a chart on the clipboard."""

        def copy() -> None:
            copy_table(chart, self.subject(chart, is_forecast=is_forecast))

        self._do(copy, f"Copied the data of {chart.title.lower()}", _CHART_FAILED)

    def serve(self, page: StacksPage) -> None:
        """Fill the menu of its button Export, and offer the same on its chart."""
        chart, menu = CHARTS["time-stacks"], page.export_button.menu()
        for format, words in FORMATS.items():
            menu.addAction(f"{words}...", partial(self.save_chart, chart, format))
        menu.addSeparator()
        menu.addAction("Copy chart", partial(self.copy_chart, chart))
        menu.addAction("Copy table", partial(self.copy_table, chart))
        menu.addSeparator()
        menu.addAction("More choices...", self.chart)
        self.offer(page.chart, chart.name)

    def offer(self, widget: QWidget, name: str, *, is_forecast: bool = False) -> None:
        """A context menu on a chart: copy it, copy its data, export it."""
        chart = CHARTS[name]

        def show(point: QPoint) -> None:
            menu = QMenu(widget)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addAction("Copy chart", lambda: self.copy_chart(chart, is_forecast=is_forecast))
            menu.addAction("Copy table", lambda: self.copy_table(chart, is_forecast=is_forecast))
            menu.addSeparator()
            menu.addAction("Export...", lambda: self.chart(name, is_forecast=is_forecast))
            menu.popup(widget.mapToGlobal(point))

        widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        widget.customContextMenuRequested.connect(show)

    # Files

    def _plan(self, format: str) -> None:
        project = self._document.project
        name = f"{file_name(project.name)} - {file_name(project.plan.name)}"
        found = self._file("Export the plan", name, {format: plan_files.FORMATS[format]})
        if found is not None:
            write = partial(plan_files.export_plan, project, project.plan, *found, now=_now())
            self._do(write, f"Exported to {found[0]}", "The plan could not be exported")

    def _file(self, title: str, name: str, formats: Mapping[str, str]) -> tuple[Path, str] | None:
        """The file that the person chose, and its format: the one that its name ends in, or else the first."""
        usual = next(iter(formats))
        kinds = ";;".join(f"{words} (*.{ending})" for ending, words in formats.items())
        chosen = file_to_write(self._window, title, Path(f"{name}.{usual}"), kinds)
        if not chosen:
            return None
        path = with_suffix(chosen, f".{usual}")
        if str(path) != chosen and not messages.may_replace(self._window, path):
            return None
        ending = path.suffix.removeprefix(".").lower()
        return path, ending if ending in formats else usual

    def _do(self, work: Callable[[], None], told: str, failed: str) -> bool:
        """Work under a waiting cursor; what goes wrong is told in a message. True when it is done."""
        refusal = None
        QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        try:
            work()
        except PlannerError as error:
            refusal = str(error)
        finally:
            QGuiApplication.restoreOverrideCursor()
        if refusal is not None:
            messages.tell_error(self._window, failed, refusal)
            return False
        self._tell(told, _SHOWN_MS)
        return True


def _now() -> datetime:
    return datetime.now().astimezone()
