"""Taking a chart out of the window: which one, of what, and how; as a file or on the clipboard."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from vmplanner.ui.exports.charts import CHARTS, FORMATS, Chart
from vmplanner.ui.exports.pictures import Paper
from vmplanner.ui.picture_files import PICTURE_FORMATS

if TYPE_CHECKING:
    from vmplanner.ui.exporter import Exporter

_OF = ["What the page Time stacks shows", "The forecast of the plan"]
_SCALES = (1, 2, 3, 4)
_USUAL_SCALE = 2


class ExportChart(QDialog):
    """Everything is written or copied by `exporter`; the dialog closes when a file is written."""

    def __init__(self, window: QWidget, exporter: "Exporter", chart: Chart, *, is_forecast: bool = False) -> None:
        super().__init__(window)
        self.setWindowTitle("Export a chart")
        self._exporter = exporter
        self.chart = _choice("Chart", [each.title for each in CHARTS.values()], "Which chart")
        self.chart.setCurrentText(chart.title)
        self.of = _choice("Of", _OF, "What has run, or what is predicted")
        self.of.setCurrentIndex(int(is_forecast or not exporter.has_run))
        self.format = _choice("Format", list(FORMATS.values()), "A picture, or the data of the chart as a table")
        self.looks = _choice("Colours", ["Light", "Dark"], "Whatever colours the window has")
        self.scale = _choice("Scale", [f"{scale}x" for scale in _SCALES], "How many pixels a PNG has for one")
        self.scale.setCurrentIndex(_SCALES.index(_USUAL_SCALE))
        form = QFormLayout()
        for field in (self.chart, self.of, self.format, self.looks, self.scale):
            form.addRow(field.accessibleName(), field)
            field.currentIndexChanged.connect(self._refresh)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        role = QDialogButtonBox.ButtonRole.ActionRole
        self.copy_chart = self.buttons.addButton("Copy chart", role)
        self.copy_chart.setToolTip("Put the picture on the clipboard")
        self.copy_chart.clicked.connect(self._copy_chart)
        self.copy_table = self.buttons.addButton("Copy table", role)
        self.copy_table.setToolTip("Put the data on the clipboard, as spreadsheets take it")
        self.copy_table.clicked.connect(self._copy_table)
        self.buttons.accepted.connect(self._save)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(self.buttons)
        self.setMinimumWidth(400)
        self.finished.connect(self.deleteLater)
        self._refresh()

    @property
    def _chart(self) -> Chart:
        return list(CHARTS.values())[self.chart.currentIndex()]

    @property
    def _format(self) -> str:
        return list(FORMATS)[self.format.currentIndex()]

    @property
    def _is_forecast(self) -> bool:
        return self.of.currentIndex() == 1

    @property
    def _paper(self) -> Paper:
        return Paper("dark" if self.looks.currentIndex() else "light")

    def _refresh(self) -> None:
        self.of.setEnabled(self._chart.of_runs and self._exporter.has_run)
        self.looks.setEnabled(self._format in PICTURE_FORMATS)
        self.scale.setEnabled(self._format == "png")

    def _save(self) -> None:
        scale = float(_SCALES[self.scale.currentIndex()])
        exporter, forecast = self._exporter, self._is_forecast
        if exporter.save_chart(self._chart, self._format, is_forecast=forecast, paper=self._paper, scale=scale):
            self.accept()

    def _copy_chart(self) -> None:
        self._exporter.copy_chart(self._chart, is_forecast=self._is_forecast, paper=self._paper)

    def _copy_table(self) -> None:
        self._exporter.copy_table(self._chart, is_forecast=self._is_forecast)


def _choice(name: str, titles: list[str], tip: str) -> QComboBox:
    choice = QComboBox()
    choice.setToolTip(tip)
    choice.setAccessibleName(name)
    choice.addItems(titles)
    return choice
