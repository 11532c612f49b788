"""Below the chart of time stacks: what stood out, the numbers of a comparison, what changed, the known figures."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QTabWidget, QToolButton, QWidget

from vmplanner.analysis.sentences import Sentence
from vmplanner.domain.results import ReferenceFigure, Run
from vmplanner.ui.pages.differences import ChangedInputs, DeltaTable
from vmplanner.ui.pages.known_figures import KnownFigures
from vmplanner.ui.pages.run_sentences import RunSentences

_LEAST_PX = 120
_USUAL_PX = 140
_ANY_HEIGHT_PX = 16_777_215


class RunFacts(QTabWidget):
    """Tabs, of which only those are there that have something to say. `opener` makes room for the chart. Signal:
    `toggled(height)` with the pixels that it wants.
    """

    toggled = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.sentences, self.deltas = RunSentences(), DeltaTable()
        self.inputs, self.figures = ChangedInputs(), KnownFigures()
        self.setDocumentMode(True)
        self.setAccessibleName("About the run")
        for widget, title in (
            (self.sentences, "What stood out"),
            (self.deltas, "Differences"),
            (self.inputs, "Changed inputs"),
            (self.figures, "Known figures"),
        ):
            self.addTab(widget, title)
        self.is_open = True
        self.opener = QToolButton()
        self.opener.clicked.connect(lambda: self._open(not self.is_open))
        self.setCornerWidget(self.opener, Qt.Corner.TopRightCorner)
        self.tabBarClicked.connect(lambda _index: None if self.is_open else self._open(True))
        self.show_runs((), ())
        self._open(True)

    def show_runs(self, runs: Sequence[Run], figures: Sequence[ReferenceFigure]) -> None:
        """Compare the further ones with the first."""
        self.deltas.show_runs(runs)
        self.inputs.show_runs(runs)
        self.figures.show_figures(runs[0] if runs else None, figures)
        self._offer(self.deltas, "Differences", len(runs) > 1)
        self._offer(self.inputs, f"Changed inputs ({self.inputs.number})", len(runs) > 1)
        self._offer(self.figures, f"Known figures ({self.figures.known})", bool(self.figures.known))

    def say(self, words: str) -> None:
        """Say one thing in place of sentences."""
        self.sentences.show_words(words)
        self._offer(self.sentences, "What stood out", True)

    def show_sentences(self, sentences: Sequence[Sentence]) -> None:
        self.sentences.show_sentences(sentences)
        self._offer(self.sentences, f"What stood out ({len(sentences)})", bool(sentences))

    def _offer(self, page: QWidget, title: str, is_there: bool) -> None:
        index = self.indexOf(page)
        self.setTabText(index, title)
        self.setTabVisible(index, is_there)
        # Without anything to say all the room is the chart's.
        self.setVisible(any(self.isTabVisible(each) for each in range(self.count())))

    def _open(self, is_open: bool) -> None:
        self.is_open = is_open
        closed_px = self.tabBar().sizeHint().height() + 2
        self.setMinimumHeight(_LEAST_PX if is_open else closed_px)
        self.setMaximumHeight(_ANY_HEIGHT_PX if is_open else closed_px)
        self.opener.setText("Hide" if is_open else "Show")
        self.opener.setToolTip(f"{self.opener.text()} what is said about the run")
        self.opener.setAccessibleName(f"{self.opener.text()} the facts about the run")
        self.toggled.emit(_USUAL_PX if is_open else closed_px)
