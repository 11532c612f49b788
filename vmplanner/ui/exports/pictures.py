"""Charts as pictures: drawn afresh off the screen, whole, with a title and in a theme of their own, whatever a window
happens to show of them.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import shiboken6
from attrs import evolve, frozen
from pyqtgraph import ScatterPlotItem
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractScrollArea, QGraphicsView, QWidget

from vmplanner.analysis.link_loads import link_loads
from vmplanner.domain.quantities import format_duration
from vmplanner.planning.scheduling.timing import timing
from vmplanner.ui.canvas.export import drawing_picture
from vmplanner.ui.charts import host_bars
from vmplanner.ui.charts.accuracy_chart import AccuracyChart
from vmplanner.ui.charts.export import Order
from vmplanner.ui.charts.host_bars import HostBars
from vmplanner.ui.charts.host_uses import fullest_s, host_uses
from vmplanner.ui.charts.load_chart import LoadChart
from vmplanner.ui.charts.time_axis import TimeAxis
from vmplanner.ui.charts.time_stack_picture import Title
from vmplanner.ui.charts.timeline import Timeline
from vmplanner.ui.charts.timeline_legend import TimelineLegend
from vmplanner.ui.charts.wall_clock import wall_clock_of
from vmplanner.ui.exports.subject import Subject, predictions
from vmplanner.ui.picture_files import Picture, drawn_in
from vmplanner.ui.theme import Theme, base_font

_MARGIN_PX = 16
_TITLE_PX = 64
_SMALL_PX = 26
_PLOT_SHAPE = 0.56
_MOST_LINKS = 8
# Before the axis begins: a picture has no cursor.
_NO_MOMENT = -1.0
_NO_GROUND = QWidget.RenderFlag.DrawChildren


@frozen
class Paper:
    """What a picture is drawn on: the theme 'light' or 'dark', the width in pixels at scale 1, and whether the title
    stands in it.
    """

    theme_name: str = "light"
    width_px: int = 1200
    has_title: bool = True

    @property
    def title_px(self) -> int:
        return _TITLE_PX if self.has_title else 0


USUAL = Paper()
MakePicture = Callable[[Subject, Paper], AbstractContextManager[Picture]]


def stacks(subject: Subject, paper: Paper) -> AbstractContextManager[Picture]:
    """The time stacks, looked at as the subject's view says, beside the figures that are known of its first run."""
    results = {result.migration_id: result for result in subject.run.results}
    known = [one for one in subject.project.figures if one.migration_id in results]
    figures = tuple(figure for figure in known if figure.is_of(results[figure.migration_id]))
    order = Order(
        subject.runs,
        figures,
        subject.view,
        subject.comparisons,
        subject.profiles,
        paper.theme_name,
        paper.width_px,
        paper.has_title,
    )
    return order.picture()


def drawing(subject: Subject, paper: Paper) -> AbstractContextManager[Picture]:
    """The topology, as large as it is."""
    return drawing_picture(subject.project, paper.theme_name)


def timeline(subject: Subject, paper: Paper) -> AbstractContextManager[Picture]:
    """The migrations over time."""
    plan, run = subject.plan, subject.run
    is_whole = {result.migration_id for result in run.results} == {migration.id for migration in plan.migrations}
    times = timing(subject.project, plan, run) if is_whole and plan.migrations else None
    clock = wall_clock_of(subject.project, plan)
    pinned = {migration.id for migration in plan.migrations if migration.is_pinned}

    def make() -> list[QWidget]:
        chart, marks = Timeline(may_shift=False), TimelineLegend()
        critical = times.critical if times else frozenset()
        limits_s = {move.id: move.time_limit_s for move in plan.migrations if move.time_limit_s is not None}
        chart.show_run(run, pinned, critical, times.slack_s if times else {}, clock, limits_s)
        chart.axis.moment_s = _NO_MOMENT
        marks.show_legend(run.results, pinned=bool(pinned), critical=bool(critical), clock=clock)
        return [chart, marks]

    below = f"Timeline of {run.plan_name} · all done after {format_duration(run.makespan_s)}"
    return _widget_picture(Title(run.name, below), paper, make)


def links(subject: Subject, paper: Paper) -> AbstractContextManager[Picture]:
    """What the busiest links carry over time, and how many migrations run at once."""
    run = subject.run

    def make() -> list[QWidget]:
        axis = TimeAxis()
        ruler = Timeline(axis=axis, may_shift=False)
        ruler.show_run(evolve(run, results=()), clock=wall_clock_of(subject.project, subject.plan))
        axis.cover(run.makespan_s)
        axis.moment_s = _NO_MOMENT
        axis.widen(paper.width_px)
        charts = [LoadChart(axis) for _ in range(1 + _MOST_LINKS)]
        charts[0].show_count(run.results, subject.plan.max_concurrent)
        loads = link_loads(subject.project, run.results)[:_MOST_LINKS]
        for chart, load in zip(charts[1:], loads, strict=False):
            chart.show_link(load)
        for chart in charts:
            chart.setFixedHeight(chart.sizeHint().height())
        return [ruler, *charts[: 1 + len(loads)]]

    below = f"What links carry, the busiest first, and how many moves run at once · {run.plan_name}"
    return _widget_picture(Title(run.name, below), paper, make)


def hosts(subject: Subject, paper: Paper) -> AbstractContextManager[Picture]:
    """The memory of the hosts before the plan, when they are fullest, and after it."""
    project, plan, run = subject.project, subject.plan, subject.run
    moment_s = fullest_s(project, plan, run)

    def make() -> list[QWidget]:
        chart = HostBars()
        chart.show_uses(host_uses(project, plan, run, moment_s), f"at {format_duration(moment_s)}, the fullest moment")
        chart.setFixedHeight(host_bars.AXIS_PX + host_bars.ROW_PX * len(project.hosts))
        return [chart]

    return _widget_picture(Title(run.name, f"Memory of the hosts · {run.plan_name}"), paper, make)


@contextmanager
def accuracy(_subject: Subject, paper: Paper) -> Iterator[Picture]:
    """Predicted against measured, of the measurements that come with the program."""
    cases = predictions().good
    below = f"Total time of {len(cases)} real migrations, on logarithmic axes; dotted: 10 % more or less"
    title = Title("Predicted against measured", below)
    with drawn_in(paper.theme_name) as theme:
        chart = AccuracyChart()
        try:
            chart.show_cases(cases)
            chart.resize(paper.width_px - 2 * _MARGIN_PX, round(paper.width_px * _PLOT_SHAPE))
            chart.grab(QRect(0, 0, 1, 1))  # works the layout out, though nothing is on a screen
            plot, marks = QRectF(chart.plot.geometry()), chart.legend.geometry()
            size = QSize(paper.width_px, paper.title_px + chart.height() + _MARGIN_PX)

            def paint(painter: QPainter) -> None:
                _draw_marks_as_shapes(chart.plot, painter.transform().m11())
                chart.plot.scene().render(painter, plot.translated(_MARGIN_PX, paper.title_px), chart.plot.sceneRect())
                corner = QPoint(2 * _MARGIN_PX, paper.title_px + marks.top())
                chart.legend.render(painter, corner, renderFlags=_NO_GROUND)

            yield _titled(title, paper, size, theme, paint)
        finally:
            shiboken6.delete(chart)


def _draw_marks_as_shapes(plot: QGraphicsView, scale: float) -> None:
    """Marks of pyqtgraph are pixels else, and of the same size in pixels at every scale."""
    for item in plot.scene().items():
        if isinstance(item, ScatterPlotItem):
            item.setExportMode(True, {"antialias": True, "resolutionScale": scale})


@contextmanager
def _widget_picture(title: Title, paper: Paper, make: Callable[[], list[QWidget]]) -> Iterator[Picture]:
    """Widgets above each other, below a title. They go at the end: the garbage collector may run in another thread."""
    with drawn_in(paper.theme_name) as theme:
        widgets = make()
        try:
            for widget in widgets:
                _unfold(widget, paper.width_px)
            size = QSize(paper.width_px, paper.title_px + sum(widget.height() for widget in widgets) + _MARGIN_PX)

            def paint(painter: QPainter) -> None:
                top = paper.title_px
                for widget in widgets:
                    painter.setClipRect(0, top, widget.width(), widget.height())
                    widget.render(painter, QPoint(0, top), renderFlags=_NO_GROUND)
                    top += widget.height()

            yield _titled(title, paper, size, theme, paint)
        finally:
            for widget in widgets:
                shiboken6.delete(widget)


def _unfold(widget: QWidget, width_px: int) -> None:
    """Give a widget the width, and the height at which nothing has to be scrolled."""
    widget.resize(width_px, _SMALL_PX if isinstance(widget, QAbstractScrollArea) else widget.height())
    widget.grab(QRect(0, 0, 1, 1))  # works the layout out, though nothing is on a screen
    if isinstance(widget, QAbstractScrollArea):
        widget.viewport().setAutoFillBackground(False)
        widget.resize(width_px, widget.height() + widget.verticalScrollBar().maximum())
        widget.grab(QRect(0, 0, 1, 1))


def _titled(title: Title, paper: Paper, size: QSize, theme: Theme, paint: Callable[[QPainter], None]) -> Picture:
    """A picture of `size` with its title; `paint` paints what is below it, in pixels at scale 1."""

    def paint_all(painter: QPainter, area: QRectF) -> None:
        painter.save()
        painter.translate(area.topLeft())
        painter.scale(area.width() / size.width(), area.height() / size.height())
        if paper.has_title:
            _paint_title(painter, title, theme)
        paint(painter)
        painter.restore()

    return Picture(size, theme.surface, paint_all, title.text, title.below)


def _paint_title(painter: QPainter, title: Title, theme: Theme) -> None:
    for y, text, font, colour in (
        (14, title.text, base_font(16, bold=True), theme.text),
        (34, title.below, base_font(12), theme.muted),
    ):
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(QPointF(_MARGIN_PX, _MARGIN_PX + y), text)
