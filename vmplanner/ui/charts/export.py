"""The time stacks of runs as a picture of all rows with title and legend.

A picture is drawn afresh, off the screen and in a theme of its own, whatever a window happens to show.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import shiboken6
from attrs import frozen
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter

from vmplanner.analysis.compare import Comparison
from vmplanner.analysis.stack_view import View
from vmplanner.analysis.time_stacks import time_stacks
from vmplanner.domain.results import ReferenceFigure, Run
from vmplanner.ui.charts import captions
from vmplanner.ui.charts.time_stack_picture import TimeStackPicture, Title
from vmplanner.ui.picture_files import Picture, drawn_in


@frozen
class Order:
    """What should be drawn and how. `width_px` is the picture's width at scale 1; its height follows from the rows. All
    further runs are compared with the first. `profiles` names the VMs' profiles, by the VMs' names. The title
    may stand in the picture.
    """

    runs: tuple[Run, ...]
    figures: tuple[ReferenceFigure, ...]
    view: View
    comparisons: Mapping[str, Comparison]
    profiles: Mapping[str, str]
    theme_name: str
    width_px: int
    has_title: bool = True

    @property
    def title(self) -> Title:
        first = self.runs[0]
        what = f"{captions.SPLIT_TITLES[self.view.split]}, {captions.MEASURE_TITLES[self.view.measure]}".lower()
        names = " and ".join(run.name for run in self.runs)
        return Title(names, f"Time stacks of {first.plan_name} · {first.backend} · {what}")

    @contextmanager
    def picture(self) -> Iterator[Picture]:
        """The whole picture, laid out.

        It goes at the end: left to the garbage collector it could be destroyed from another thread, which Qt forbids.
        """
        with drawn_in(self.theme_name) as theme:
            stacks = TimeStackPicture(theme, self.title if self.has_title else None)
            try:
                stacks.set_stacks(time_stacks(self.runs, self.view, self.comparisons, self.profiles), self.figures)
                size = QSize(self.width_px, round(stacks.lay_out(self.width_px)))

                def paint(painter: QPainter, area: QRectF) -> None:
                    stacks.scene().render(painter, area, QRectF(0, 0, size.width(), size.height()))

                yield Picture(size, stacks.backgroundBrush().color(), paint, self.title.text, self.title.below)
            finally:
                shiboken6.delete(stacks)
