"""The charts there are, by name: how each is drawn, and its data. Menus and the command line both read this table."""

from collections.abc import Callable
from pathlib import Path

from attrs import frozen
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from vmplanner.domain.errors import PlannerError
from vmplanner.interchange.files.whole import write_whole
from vmplanner.interchange.table_files import TABLE_FORMATS, Table, as_text
from vmplanner.ui.exports import pictures, tables
from vmplanner.ui.exports.pictures import USUAL, MakePicture, Paper
from vmplanner.ui.exports.subject import Subject
from vmplanner.ui.picture_files import PICTURE_FORMATS

FORMATS = {
    "svg": "SVG drawing",
    "pdf": "PDF page",
    "png": "PNG picture",
    "csv": "CSV table",
    "xlsx": "XLSX workbook",
    "parquet": "Parquet table",
}
"""What a chart can be written as: the ending of the file, and how a person calls it."""

_COPY_SCALE = 2.0


@frozen
class Chart:
    """`name` is that of the command line, `title` that of menus. One `of_runs` shows what has run, or else what will;
    the others show the project, or nothing of it. `shown` is the table that a person sees in the chart, for the
    clipboard, where that is not `table`.
    """

    name: str
    title: str
    picture: MakePicture
    table: Callable[[Subject], Table]
    of_runs: bool = True
    shown: Callable[[Subject], Table] | None = None


CHARTS = {
    chart.name: chart
    for chart in (
        Chart("time-stacks", "Time stacks", pictures.stacks, tables.segments, shown=tables.stacks),
        Chart("timeline", "Timeline", pictures.timeline, tables.migrations),
        Chart("link-load", "Load of the links", pictures.links, tables.links),
        Chart("hosts", "Memory of the hosts", pictures.hosts, tables.hosts),
        Chart("topology", "Topology", pictures.drawing, tables.drawing, of_runs=False),
        Chart("accuracy", "Accuracy of the model", pictures.accuracy, tables.accuracy, of_runs=False),
    )
}


def export_chart(
    chart: Chart, subject: Subject, path: Path, format: str, *, paper: Paper = USUAL, scale: float = 2.0
) -> None:
    """Write a chart, or its data, in one of FORMATS. `scale` is for PNG; tables take no notice of paper and scale.

    Pictures need a QApplication that the caller has made (see ui.headless). The file takes the place of an older one
    only when it is complete. Raises PlannerError where there is nothing to draw, the picture would be too large, the
    library for Parquet is missing or the file can't be written.
    """
    write_whole(path, rendered(chart, subject, format, paper=paper, scale=scale), chart.title)


def rendered(chart: Chart, subject: Subject, format: str, *, paper: Paper = USUAL, scale: float = 2.0) -> bytes:
    """The bytes that export_chart writes."""
    if format in TABLE_FORMATS:
        return TABLE_FORMATS[format](chart.table(subject))
    if format not in PICTURE_FORMATS:
        raise PlannerError(f"'{format}' is not a format for charts; use {', '.join(FORMATS)}.")
    with chart.picture(subject, paper) as picture:
        return picture.rendered(format, scale)


def copy_chart(chart: Chart, subject: Subject, paper: Paper = USUAL) -> None:
    """Put a chart on the clipboard: as pixels, and as SVG for programs that take it. Raises PlannerError."""
    content = QMimeData()
    with chart.picture(subject, paper) as picture:
        content.setImageData(picture.image(_COPY_SCALE))
        content.setData("image/svg+xml", picture.svg())
    QGuiApplication.clipboard().setMimeData(content)


def copy_table(chart: Chart, subject: Subject) -> None:
    """Put what a chart shows on the clipboard as a table, as spreadsheets take it. Raises PlannerError."""
    QGuiApplication.clipboard().setText(as_text((chart.shown or chart.table)(subject)))
