"""Which links of the drawing a migration goes over. Simulated or real, limits on links are counted by the drawing."""

from vmplanner.domain.project import Project
from vmplanner.simulation.network import Network


class DrawnLinks:
    """Routes of one project at a time: a network is worth keeping while the project is the same."""

    def __init__(self) -> None:
        self._network: tuple[Project, Network] | None = None

    def between(self, project: Project, source_id: str, target_id: str) -> frozenset[str]:
        """The ids of the links between two hosts; none where there is no way."""
        if self._network is None or self._network[0] is not project:
            self._network = project, Network(project)
        route = self._network[1].route(source_id, target_id)
        return frozenset(link_id for link_id, _ in route.links) if route is not None else frozenset()
