"""A run as the drawing shows it: links carry their load, and VMs are on their new hosts once their guests run there."""

from PySide6.QtCore import QObject

from vmplanner.domain.project import Project
from vmplanner.domain.results import Phase
from vmplanner.engine.runner import JobState
from vmplanner.simulation.network import DirectedLink, Network
from vmplanner.ui.canvas.scene import TopologyScene
from vmplanner.ui.document import Document
from vmplanner.ui.run_monitor import Job, RunMonitor

_AFTER_THE_SWITCH = (Phase.POST_COPY, Phase.DEFLATE)


class RunPicture(QObject):
    """Follows `monitor` while a run is under way. When it is over the drawing shows the project as it is again."""

    def __init__(self, scene: TopologyScene, document: Document, monitor: RunMonitor) -> None:
        super().__init__(scene)
        self._scene = scene
        self._document = document
        self._monitor = monitor
        self._project = Project()
        self._network = Network(self._project)
        monitor.reset.connect(self._begin)
        monitor.updated.connect(self._follow)

    def _begin(self) -> None:
        self._project = self._document.project if self._monitor.is_running else Project()
        self._network = Network(self._project)
        self._follow()

    def _follow(self) -> None:
        jobs = self._monitor.jobs if self._monitor.is_running else {}
        moves = {move.id: move for move in self._project.plan.migrations if move.id in jobs}
        sources = self._project.sources_of(self._project.plan) if moves else {}
        arrived: dict[str, str] = {}
        used: dict[DirectedLink, float] = {}
        for move_id, move in moves.items():
            job = jobs[move_id]
            if _runs_at_target(job):
                arrived[move.vm_id] = move.target_id
            route = self._network.route(sources[move_id], move.target_id) if job.bytes_per_s else None
            for link in route.links if route is not None else ():
                used[link] = used.get(link, 0.0) + job.bytes_per_s
        loads: dict[str, float] = {}
        for (link_id, _), bytes_per_s in used.items():
            share = bytes_per_s / self._project.links[link_id].bandwidth_bytes_per_s
            loads[link_id] = max(loads.get(link_id, 0.0), min(1.0, share))
        self._scene.show_loads(loads)
        self._scene.show_arrived(arrived)


def _runs_at_target(job: Job) -> bool:
    return job.state is JobState.COMPLETED or (job.state is JobState.RUNNING and job.phase in _AFTER_THE_SWITCH)
