"""Small fleets under random rules, and a check of placements that shares no code with the planner."""

from collections.abc import Mapping

from attrs import evolve
from hypothesis import strategies as st

from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.platform import HostFacts, HostLimits
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.quantities import GIB
from vmplanner.domain.rules import (
    Affinity,
    AntiAffinity,
    CpuLimit,
    Headroom,
    NeverOn,
    OnlyOn,
    Order,
    Pinned,
    Rule,
    Spare,
)
from vmplanner.domain.topology import Host, Link, PolicyName, Switch
from vmplanner.planning.placement.costs import Cost
from vmplanner.planning.placement.place import Placement


def fleet(hosts: Mapping[str, int], vms: Mapping[str, tuple[str, int]], *rules: Rule) -> Project:
    """Hosts with GiB of memory around one switch; VMs with their host and GiB. Names are ids."""
    return Project.of(
        Switch("core", "core"),
        *(Host(name, name, memory_bytes=size * GIB, cores=8) for name, size in hosts.items()),
        *(Link(f"link-{name}", name, "core") for name in hosts),
        *(VirtualMachine(name, name, host, memory_bytes=size * GIB) for name, (host, size) in vms.items()),
        *rules,
    )


def costs(project: Project) -> dict[str, Cost]:
    """A second for each GiB."""
    return {vm.id: Cost(vm.memory_bytes / GIB, 0.1) for vm in project.machines.values()}


def without_rules(project: Project, *names: str) -> Project:
    kept = [rule for rule in project.rules.values() if rule.name not in names]
    return Project.of(
        *project.switches.values(),
        *project.hosts.values(),
        *project.links.values(),
        *project.machines.values(),
        *kept,
    )


@st.composite
def fleets(draw: st.DrawFn) -> Project:
    """2 to 4 hosts, up to 6 VMs of 1 to 5 GiB that fit where they are, and up to 5 rules. One host may have another
    hypervisor, one a limit on its VMs and vCPUs.
    """
    count = draw(st.integers(2, 4))
    names = [f"h{n}" for n in range(count)]
    hosts = {name: draw(st.integers(6, 12)) for name in names}
    free = dict(hosts)
    vms: dict[str, tuple[str, int]] = {}
    for n in range(draw(st.integers(1, 6))):
        host, size = draw(st.sampled_from(names)), draw(st.integers(1, 5))
        if free[host] >= size:
            free[host] -= size
            vms[f"v{n}"] = host, size
    rules: list[Rule] = []
    if vms:
        some = st.lists(st.sampled_from(sorted(vms)), min_size=1, max_size=3, unique=True)
        places = st.lists(st.sampled_from(names), min_size=1, unique=True)
        for n in range(draw(st.integers(0, 5))):
            i = f"rule-{n}"
            rules.append(
                draw(
                    st.one_of(
                        st.builds(Affinity, st.just(i), st.just(i), some),
                        st.builds(AntiAffinity, st.just(i), st.just(i), some),
                        st.builds(OnlyOn, st.just(i), st.just(i), some, places),
                        st.builds(NeverOn, st.just(i), st.just(i), some, places),
                        st.builds(Pinned, st.just(i), st.just(i), some),
                        st.builds(Spare, st.just(i), st.just(i), places | st.just([])),
                        st.builds(Headroom, st.just(i), st.just(i), places | st.just([]), st.sampled_from([0.1, 0.4])),
                        st.builds(CpuLimit, st.just(i), st.just(i), places, st.sampled_from([0.5, 1.0])),
                        st.builds(Order, st.just(i), st.just(i), some, some),
                    )
                )
            )
    project = fleet(hosts, vms, *rules)
    changes = []
    if draw(st.booleans()):
        odd = project.hosts[draw(st.sampled_from(names))]
        changes.append(Edit(odd, evolve(odd, policy=PolicyName.XEN_4)))
    if draw(st.booleans()):
        limited = project.applied(Change("", changes)).hosts[draw(st.sampled_from(names))]
        limits = HostLimits(max_vms=draw(st.integers(0, 4)), max_vcpus=draw(st.none() | st.integers(0, 8)))
        changes.append(Edit(limited, evolve(limited, facts=HostFacts(limits=limits))))
    return project.applied(Change("", changes))


def broken(project: Project, where: Mapping[str, str], closed: set[str]) -> list[str]:
    """What does not hold when the VMs are on these hosts for good."""
    found = []
    used = {
        host: sum(project.machines[v].memory_bytes for v, h in where.items() if h == host) for host in project.hosts
    }
    for host in project.hosts.values():
        if used[host.id] > host.memory_bytes:
            found.append(f"{host.id} is over full")
        found += over_limits(project, where, host)
        if host.id in closed and used[host.id]:
            found.append(f"{host.id} is not empty")
    for machine in project.machines.values():
        if project.hosts[where[machine.id]].policy is not project.hosts[machine.host_id].policy:
            found.append(f"{machine.id} is on another kind of host")
    for rule in project.rules.values():
        if not _holds(project, rule, where, used, closed):
            found.append(rule.name)
    return found


def over_limits(project: Project, where: Mapping[str, str], host: Host) -> list[str]:
    """What of a host's own limits does not hold when the VMs are on these hosts."""
    limits, there = host.facts.limits, [project.machines[v] for v, h in where.items() if h == host.id]
    found = []
    if limits.max_vms is not None and len(there) > limits.max_vms:
        found.append(f"{host.id} has too many VMs")
    if limits.max_vcpus is not None and sum(vm.vcpus for vm in there) > limits.max_vcpus:
        found.append(f"{host.id} has too many vCPUs")
    return found


def _holds(project: Project, rule: Rule, where: Mapping[str, str], used: Mapping[str, int], closed: set[str]) -> bool:
    hosts = list(rule.hosts or project.hosts) if isinstance(rule, (Spare, Headroom, CpuLimit)) else []
    match rule:
        case Affinity():
            return len({where[v] for v in rule.vms}) == 1
        case AntiAffinity():
            return len({where[v] for v in rule.vms}) == len(rule.vms)
        case OnlyOn():
            return all(where[v] in rule.hosts for v in rule.vms)
        case NeverOn():
            return all(where[v] not in rule.hosts for v in rule.vms)
        case Pinned():
            return all(where[v] == project.machines[v].host_id for v in rule.vms)
        case Spare():
            open_hosts = [project.hosts[h] for h in hosts if h not in closed]
            sizes = sorted((h.memory_bytes for h in open_hosts), reverse=True)
            return sum(used[h.id] for h in open_hosts) <= sum(sizes[rule.count :])
        case Headroom():
            return all(used[h] <= project.hosts[h].memory_bytes * (1 - rule.share) for h in hosts)
        case CpuLimit():
            vcpus = {h: sum(project.machines[v].vcpus for v, at in where.items() if at == h) for h in hosts}
            return all(vcpus[h] <= project.hosts[h].cores * rule.vcpus_per_core for h in hosts)
        case _:
            return True


def walked(project: Project, placement: Placement) -> dict[str, str]:
    """Where the VMs are after all moves. Every move leaves from where its VM is, finds room, and keeps the rules that
    hold for one VM at any time.
    """
    where = {machine.id: machine.host_id for machine in project.machines.values()}
    for stage in placement.stages:
        begun: set[str] = set()
        left = [move.vm_id for move in stage.moves]
        for move in stage.moves:
            left.remove(move.vm_id)
            assert where[move.vm_id] == move.source_id != move.target_id
            begun.add(move.vm_id)
            machine, target = project.machines[move.vm_id], project.hosts[move.target_id]
            others = [v for v, h in where.items() if h == move.target_id]
            used = sum(project.machines[v].memory_bytes for v in others) + machine.memory_bytes
            assert used <= target.memory_bytes
            assert over_limits(project, {**where, move.vm_id: move.target_id}, target) == []
            assert target.policy is project.hosts[move.source_id].policy
            for rule in project.rules.values():
                named = getattr(rule, "vms", ())
                match rule:
                    case AntiAffinity() if move.vm_id in named:
                        assert not set(named) & set(others)
                    case OnlyOn() if move.vm_id in named:
                        assert move.target_id in rule.hosts
                    case NeverOn() if move.vm_id in named:
                        assert move.target_id not in rule.hosts
                    case Pinned():
                        assert move.vm_id not in named
                    case Headroom() if not rule.hosts or move.target_id in rule.hosts:
                        assert used <= target.memory_bytes * (1 - rule.share)
                    case Order() if move.vm_id in rule.vms:
                        assert not (set(rule.first) - {move.vm_id}) & set(left), "it had to wait"
            where[move.vm_id] = move.target_id
    return where
