"""`vmplanner show`: what is in a project file, as text or JSON."""

import json
from pathlib import Path
from typing import Any

import click
from tabulate import tabulate

from vmplanner.cli.arguments import as_json_option, file_argument
from vmplanner.cli.results import result_as_json
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import BYTES, BYTES_PER_S, SHARE, format_duration
from vmplanner.domain.topology import Host
from vmplanner.domain.windows import shown_time, zone_name


@click.command("show")
@file_argument
@as_json_option
def show_project(file: Path, as_json: bool) -> None:
    """Print what is in FILE: hosts, virtual machines, the plan and the runs."""
    from vmplanner.store import project_file

    project = project_file.load(file)
    click.echo(json.dumps(_project_as_json(project), indent=1) if as_json else _project_as_text(project))


def _project_as_json(project: Project) -> dict[str, Any]:
    plan = project.plan
    return {
        "name": project.name,
        "hosts": [
            {
                "id": host.id,
                "name": host.name,
                "policy": host.policy,
                "policy_values": dict(host.policy_values),
                "memory_bytes": host.memory_bytes,
                "cores": host.cores,
            }
            for host in project.hosts.values()
        ],
        "switches": [{"id": switch.id, "name": switch.name} for switch in project.switches.values()],
        "links": [
            {
                "id": link.id,
                "ends": [link.end_a_id, link.end_b_id],
                "bandwidth_bytes_per_s": link.bandwidth_bytes_per_s,
                "latency_s": link.latency_s,
                "background_share": link.background_share,
                "loss_share": link.loss_share,
            }
            for link in project.links.values()
        ],
        "machines": [
            {
                "id": machine.id,
                "name": machine.name,
                "host": machine.host_id,
                "memory_bytes": machine.memory_bytes,
                "vcpus": machine.vcpus,
                "profile": machine.profile.name,
            }
            for machine in project.machines.values()
        ],
        "plan": {
            "name": plan.name,
            "starts_at": plan.starts_at.isoformat() if plan.starts_at else None,
            "window_s": plan.window_s,
            "max_concurrent": plan.max_concurrent,
            "max_concurrent_per_host": plan.max_concurrent_per_host,
            "migrations": [
                {"id": m.id, "vm": m.vm_id, "target": m.target_id, "technique": m.technique} for m in plan.migrations
            ],
        },
        "windows": [
            {
                "id": window.id,
                "name": window.name,
                "kind": window.kind,
                "starts_at": window.starts_at.isoformat(),
                "time_zone": zone_name(window.starts_at.tzinfo),
                "duration_s": window.duration_s,
                "recurrence": window.recurrence,
                "applies_to": list(window.applies_to),
            }
            for window in project.windows.values()
        ],
        "runs": [
            {
                "run": run.name,
                "backend": run.backend,
                "started_at": run.started_at.isoformat(),
                "makespan_s": run.makespan_s,
                "migrations": [result_as_json(result) for result in run.results],
            }
            for run in project.runs
        ],
    }


def _policy_value_rows(host: Host) -> list[tuple[str, str, str, str]]:
    """What was set for a host in the place of its policy's own values."""
    from vmplanner.simulation.policies import POLICIES
    from vmplanner.simulation.policy_values import values_of

    known = {value.name: value for value in values_of(POLICIES[host.policy])}
    return [
        (host.name, found.about.label, found.shown(value), found.shown(found.default))
        if (found := known.get(name))
        else (host.name, name, f"{value:g}", f"{host.policy.label} has none")
        for name, value in host.policy_values
    ]


def _project_as_text(project: Project) -> str:
    hosts = [
        (
            host.name,
            host.policy.label,
            BYTES.format(host.memory_bytes),
            BYTES.format(sum(machine.memory_bytes for machine in project.machines_on(host.id))),
            len(project.machines_on(host.id)),
        )
        for host in project.hosts.values()
    ]
    machines = [
        (
            machine.name,
            project.hosts[machine.host_id].name,
            BYTES.format(machine.memory_bytes),
            machine.profile.name,
            project.hosts[migration.target_id].name if (migration := project.plan.migration_of(machine.id)) else "",
        )
        for machine in project.machines.values()
    ]
    links = [
        (
            *(node.name if (node := project.node(end)) else end for end in (link.end_a_id, link.end_b_id)),
            BYTES_PER_S.format(link.bandwidth_bytes_per_s),
            format_duration(link.latency_s),
            SHARE.format(link.background_share),
            SHARE.format(link.loss_share),
        )
        for link in project.links.values()
    ]
    runs = [
        (run.name, run.backend, f"{run.started_at:%Y-%m-%d %H:%M}", format_duration(run.makespan_s))
        for run in project.runs
    ]
    windows = [
        (
            window.name,
            window.kind.value,
            ", ".join(getattr(project.thing(each), "name", each) for each in window.applies_to) or "everything",
            shown_time(window.starts_at),
            format_duration(window.duration_s),
            window.recurrence or "once",
        )
        for window in project.windows.values()
    ]
    plan_start = [(project.plan.name, shown_time(project.plan.starts_at))] if project.plan.starts_at else []
    policy_values = [row for host in project.hosts.values() for row in _policy_value_rows(host)]
    sections = (
        ("hosts", ("host", "hypervisor", "memory", "used", "VMs"), hosts),
        ("policy values", ("host", "policy value", "set to", "default"), policy_values),
        ("links", ("from", "to", "bandwidth", "latency", "other traffic", "packet loss"), links),
        ("virtual machines", ("VM", "host", "memory", "profile", "moves to"), machines),
        ("windows", ("window", "kind", "for", "from", "length", "repeats"), windows),
        ("plan", ("plan", "starts at"), plan_start),
        ("runs", ("run", "backend", "started", "makespan"), runs),
    )
    tables = [tabulate(rows, headers=headers, disable_numparse=True) for _, headers, rows in sections if rows]
    return "\n\n".join([project.name, *tables])
