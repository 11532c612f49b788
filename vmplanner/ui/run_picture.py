"""A run as the drawing shows it: arrows fill, links carry their load, and VMs are on their new hosts once their guests
run there.
"""

from PySide6.QtCore import QObject

from vmplanner.domain.project import Project
from vmplanner.domain.results import Phase
from vmplanner.engine.jobs import JobState
from vmplanner.simulation.network import DirectedLink, Network
from vmplanner.ui.canvas.scene import TopologyScene
from vmplanner.ui.document import Document
from vmplanner.ui.job import Job
from vmplanner.ui.run_control import RunControl

_AFTER_THE_SWITCH = (Phase.POST_COPY, Phase.DEFLATE)


class RunPicture(QObject):
    """Follows the monitor of `runs` while a run is under way. When it is over VMs and links are shown as they are
    again; the arrows tell what came of their moves until the run is outdated.
    """

    def __init__(self, scene: TopologyScene, document: Document, runs: RunControl) -> None:
        super().__init__(scene)
        self._scene = scene
        self._document = document
        self._runs = runs
        self._monitor = monitor = runs.monitor
        self._project = Project()
        self._network = Network(self._project)
        monitor.reset.connect(self._begin)
        monitor.updated.connect(self._follow)
        monitor.updated.connect(self._fill_arrows)
        runs.outdated.connect(self._fill_arrows)

    def _begin(self) -> None:
        self._project = self._document.project if self._monitor.is_running else Project()
        self._network = Network(self._project)
        self._follow()

    @property
    def _is_seen(self) -> bool:
        """While a run goes on there is news all the time: nobody misses what is drawn at the next one."""
        return not self._monitor.is_running or any(view.isVisible() for view in self._scene.views())

    def _follow(self) -> None:
        if not self._is_seen:
            return
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

    def _fill_arrows(self) -> None:
        if not self._is_seen:
            return
        for job in self._monitor.jobs.values():
            share, state = None if job.state is JobState.QUEUED else job.share_done, job.state.value
            if self._runs.is_outdated and job.state.is_final:
                share, state = None, ""  # what has come of it holds no longer
            self._scene.show_progress(job.migration_id, share, state)


def _runs_at_target(job: Job) -> bool:
    return job.state is JobState.COMPLETED or (job.state is JobState.RUNNING and job.phase in _AFTER_THE_SWITCH)
