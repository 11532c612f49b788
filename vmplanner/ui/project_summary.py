"""What the inspector shows while nothing is selected: what the project holds."""

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from vmplanner.domain import edits
from vmplanner.domain.project import Project
from vmplanner.domain.results import Provenance
from vmplanner.ui.labels import WrappedLabel
from vmplanner.ui.place_form import memory_told


class ProjectSummary(QWidget):
    """Counts, notes, and where figures to compare with are from; built anew when the project changes."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(10)
        counts = (
            edits.count(len(project.hosts), "host"),
            edits.count(len(project.machines), "VM"),
            edits.count(len(project.plan.migrations), "planned move"),
            edits.count(len(project.runs), "run"),
        )
        self._note(" · ".join(text.replace(" ", "\N{NO-BREAK SPACE}") for text in counts))
        if project.hosts:
            self._note(memory_told(project, {*project.hosts}))
        if project.notes:
            self._note(project.notes)
        if project.figures:
            heading = QLabel("PUBLISHED AND MEASURED FIGURES")
            heading.setProperty("role", "section")
            self._layout.addWidget(heading)
            self._note(f"{len(project.figures)} figures stand beside the simulated ones on the page Time stacks.")
            for provenance in dict.fromkeys(figure.provenance for figure in project.figures):
                self._note(f"{provenance.value}: {Provenance(provenance).explanation}.")
        where = "on the canvas or in the outline" if project.hosts else "on the canvas"
        self._note(f"Select something {where} to edit it here.")

    def _note(self, text: str) -> None:
        label = WrappedLabel(text)
        label.setProperty("role", "muted")
        self._layout.addWidget(label)
