"""Where every VM is while a plan goes on, and what that takes of each host."""

from vmplanner.domain.project import Project


class Standing:
    """As drawn at first. `host_of` has the id of each VM's host; `on` the ids of the VMs on each host."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.host_of = {machine.id: machine.host_id for machine in project.machines.values()}
        self.on: dict[str, dict[str, None]] = {host_id: {} for host_id in project.hosts}
        self.used_bytes = dict.fromkeys(project.hosts, 0)
        self.used_vcpus = dict.fromkeys(project.hosts, 0)
        for vm_id, host_id in self.host_of.items():
            self._count(vm_id, host_id, 1)

    def move(self, vm_id: str, host_id: str) -> None:
        """A VM goes to another host."""
        self._count(vm_id, self.host_of[vm_id], -1)
        self.host_of[vm_id] = host_id
        self._count(vm_id, host_id, 1)

    def _count(self, vm_id: str, host_id: str, sign: int) -> None:
        machine = self._project.machines[vm_id]
        self.used_bytes[host_id] += sign * machine.memory_bytes
        self.used_vcpus[host_id] += sign * machine.vcpus
        if sign > 0:
            self.on[host_id][vm_id] = None
        else:
            del self.on[host_id][vm_id]
