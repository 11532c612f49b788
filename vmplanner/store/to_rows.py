"""A project as rows of the project file's tables. The way back is from_rows.py."""

import json
from collections.abc import Iterator

from vmplanner.domain.groups import Group
from vmplanner.domain.machines import VirtualMachine
from vmplanner.domain.plans import Plan
from vmplanner.domain.project import COLLECTIONS, Project, Thing
from vmplanner.domain.rules import CpuLimit, Headroom, Limit, Priority, Rule, Spare, members
from vmplanner.domain.topology import Host, Link, Storage, Switch
from vmplanner.domain.windows import Window
from vmplanner.store.pattern_rows import pattern_columns
from vmplanner.store.platform_rows import Row, device_rows, disk_rows, host_columns, machine_columns
from vmplanner.store.run_rows import run_rows
from vmplanner.store.window_rows import time_columns, window_rows

Rows = Iterator[tuple[str, Row]]


def rows_of(project: Project) -> dict[str, list[Row]]:
    """The rows of every table that is not empty, by table, each table after those it refers to."""
    rows: dict[str, list[Row]] = {}
    for table, row in _all_rows(project):
        rows.setdefault(table, []).append(row)
    return rows


def thing_rows(thing: Thing, position: int) -> Rows:
    """The rows of one thing, its own first, and then those of its parts. `position` is its place among its like."""
    match thing:
        case Host():
            return _host_rows(thing, position)
        case Switch():
            return _switch_rows(thing, position)
        case Storage():
            return _storage_rows(thing, position)
        case Link():
            return _link_rows(thing, position)
        case VirtualMachine():
            return _machine_rows(thing, position)
        case Plan():
            return _plan_rows(thing, position)
        case Group():
            return _group_rows(thing, position)
        case Window():
            return window_rows(thing, position)
        case _:
            return _rule_rows(thing, position)


def _all_rows(project: Project) -> Rows:
    yield "project", {"name": project.name, "notes": project.notes}
    for collection in COLLECTIONS:
        for position, thing in enumerate(getattr(project, collection).values(), start=1):
            yield from thing_rows(thing, position)
    yield from _figure_rows(project)
    for position, run in enumerate(project.runs, start=1):
        yield from run_rows(run, position)


def _host_rows(host: Host, position: int) -> Rows:
    yield (
        "hosts",
        {
            "id": host.id,
            "position": position,
            "name": host.name,
            "policy": host.policy.value,
            "memory_bytes": host.memory_bytes,
            "cores": host.cores,
            "canvas_x": host.position.x,
            "canvas_y": host.position.y,
            **host_columns(host.facts),
            "uuid": host.uuid,
            "address": host.access.address,
            "migration_address": host.access.migration_address,
        },
    )
    for name, value in host.policy_values:
        yield "host_policy_values", {"host_id": host.id, "name": name, "value": float(value)}
    for row in device_rows(host.facts.devices):
        yield "host_devices", {"host_id": host.id, **row}


def _storage_rows(storage: Storage, position: int) -> Rows:
    yield (
        "storages",
        {
            "id": storage.id,
            "position": position,
            "name": storage.name,
            "capacity_bytes": storage.capacity_bytes,
            "canvas_x": storage.position.x,
            "canvas_y": storage.position.y,
        },
    )


def _switch_rows(switch: Switch, position: int) -> Rows:
    yield (
        "switches",
        {
            "id": switch.id,
            "position": position,
            "name": switch.name,
            "canvas_x": switch.position.x,
            "canvas_y": switch.position.y,
        },
    )


def _link_rows(link: Link, position: int) -> Rows:
    yield (
        "links",
        {
            "id": link.id,
            "position": position,
            "end_a_id": link.end_a_id,
            "end_b_id": link.end_b_id,
            "bandwidth_bytes_per_s": link.bandwidth_bytes_per_s,
            "latency_s": link.latency_s,
            "background_share": link.background_share,
            "loss_share": link.loss_share,
        },
    )


def _machine_rows(machine: VirtualMachine, position: int) -> Rows:
    yield (
        "virtual_machines",
        {
            "id": machine.id,
            "position": position,
            "name": machine.name,
            "host_id": machine.host_id,
            "memory_bytes": machine.memory_bytes,
            "vcpus": machine.vcpus,
            "cpu_use": machine.cpu_use,
            "profile": machine.profile.name,
            **machine_columns(machine.needs),
            "uuid": machine.uuid,
        },
    )
    for row in device_rows(machine.needs.devices):
        yield "virtual_machine_devices", {"virtual_machine_id": machine.id, **row}
    for row in disk_rows(machine.needs.disks):
        yield "disks", {"virtual_machine_id": machine.id, **row}
    for place, piece in enumerate(machine.profile.pieces, start=1):
        yield (
            "pieces",
            {
                "virtual_machine_id": machine.id,
                "position": place,
                "name": piece.name,
                "kind": piece.kind.value,
                "size_bytes": piece.size_bytes,
                "write_rate_pages_per_s": piece.write_rate_pages_per_s,
                **pattern_columns(piece.pattern),
                "zero_share": piece.zero_share,
                "rewrite_share": piece.rewrite_share,
                "compression_ratio": piece.compression_ratio,
                "source": piece.source,
            },
        )


def _plan_rows(plan: Plan, position: int) -> Rows:
    yield (
        "plans",
        {
            "id": plan.id,
            "position": position,
            "name": plan.name,
            "max_concurrent": plan.max_concurrent,
            "max_concurrent_per_host": plan.max_concurrent_per_host,
            **time_columns(plan.starts_at),
            "window_s": plan.window_s,
        },
    )
    for place, migration in enumerate((*plan.migrations, *plan.excluded), start=1):
        options = migration.options
        yield (
            "migrations",
            {
                "plan_id": plan.id,
                "position": place,
                "id": migration.id,
                "virtual_machine_id": migration.vm_id,
                "target_id": migration.target_id,
                "technique": migration.technique.value,
                "max_bandwidth_bytes_per_s": migration.max_bandwidth_bytes_per_s,
                "downtime_limit_s": migration.downtime_limit_s,
                "time_limit_s": migration.time_limit_s,
                "earliest_start_s": migration.earliest_start_s,
                "is_pinned": int(migration.is_pinned),
                "is_excluded": int(place > len(plan.migrations)),
                "after_ids": json.dumps(migration.after, ensure_ascii=False),
                "priority": migration.priority,
                "auto_converge": int(options.auto_converge),
                "throttle_initial": options.throttle_initial,
                "throttle_increment": options.throttle_increment,
                "throttle_max": options.throttle_max,
                "xbzrle_cache_bytes": options.xbzrle_cache_bytes,
                "channels": options.channels,
                "compression": options.compression.value,
                "compress_threads": options.compress_threads,
                "compress_level": options.compress_level,
                "free_page_hints": int(options.free_page_hints),
                "switch_after_rounds": options.switch_after_rounds,
                "switch_after_s": options.switch_after_s,
                "preempt": int(options.preempt),
                "prepaging": int(options.prepaging),
                "postcopy_bytes_per_s": options.postcopy_bytes_per_s,
                "checkpoint_age_s": options.checkpoint_age_s,
                "checkpoint_bytes_per_s": options.checkpoint_bytes_per_s,
                "drop_cache": int(options.drop_cache),
                "cache_read_bytes_per_s": options.cache_read_bytes_per_s,
            },
        )
    for place, failure in enumerate(plan.failures, start=1):
        yield (
            "failures",
            {
                "plan_id": plan.id,
                "position": place,
                "kind": failure.kind,
                "thing_id": failure.thing_id,
                "at_s": float(failure.at_s),
            },
        )


def _figure_rows(project: Project) -> Rows:
    for position, figure in enumerate(project.figures, start=1):
        yield (
            "reference_figures",
            {
                "position": position,
                "migration_id": figure.migration_id,
                "metric": figure.metric.value,
                "round": figure.round,
                "value": figure.value,
                "provenance": figure.provenance.value,
                "source": figure.source,
            },
        )
        yield "reference_figure_techniques", {"position": position, "technique": figure.technique.value}


def _group_rows(group: Group, position: int) -> Rows:
    yield (
        "groups",
        {
            "id": group.id,
            "position": position,
            "name": group.name,
            "kind": group.kind.value,
            "parent_id": group.parent_id,
            "frame_x": group.frame.x if group.frame else None,
            "frame_y": group.frame.y if group.frame else None,
            "frame_width": group.frame.width if group.frame else None,
            "frame_height": group.frame.height if group.frame else None,
            "is_collapsed": int(group.is_collapsed),
        },
    )
    for place, member_id in enumerate(group.member_ids, start=1):
        yield "group_members", {"group_id": group.id, "position": place, "member_id": member_id}


def _rule_rows(rule: Rule, position: int) -> Rows:
    yield (
        "rules",
        {
            "id": rule.id,
            "position": position,
            "name": rule.name,
            "kind": rule.kind,
            "count": rule.count if isinstance(rule, (Spare, Limit)) else None,
            "share": rule.share if isinstance(rule, Headroom) else None,
            "vcpus_per_core": rule.vcpus_per_core if isinstance(rule, CpuLimit) else None,
            "per": rule.per.value if isinstance(rule, Limit) else None,
            "priority": rule.priority if isinstance(rule, Priority) else None,
        },
    )
    named = [(role, member_id) for role, ids in members(rule).items() for member_id in ids]
    for place, (role, member_id) in enumerate(named, start=1):
        yield "rule_members", {"rule_id": rule.id, "position": place, "role": role, "member_id": member_id}
