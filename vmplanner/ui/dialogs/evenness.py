"""How even a plan leaves the hosts: how full the fullest and the emptiest are, before it and after it."""

from collections.abc import Mapping

from vmplanner.domain.plans import Plan
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import SHARE


def told_evenness(project: Project, plan: Plan) -> str:
    """'Memory of the hosts: 12 % to 71 % full now, 40 % to 44 % afterwards.'; nothing where there is no host."""
    if not project.hosts:
        return ""
    before = {machine.id: machine.host_id for machine in project.machines.values()}
    after = before | {migration.vm_id: migration.target_id for migration in plan.migrations}
    return f"Memory of the hosts: {_range(project, before)} full now, {_range(project, after)} afterwards."


def _range(project: Project, host_of: Mapping[str, str]) -> str:
    used = dict.fromkeys(project.hosts, 0)
    for vm_id, host_id in host_of.items():
        used[host_id] += project.machines[vm_id].memory_bytes
    shares = [used[host.id] / host.memory_bytes for host in project.hosts.values()]
    return f"{SHARE.format(min(shares), digits=2)} to {SHARE.format(max(shares), digits=2)}"
