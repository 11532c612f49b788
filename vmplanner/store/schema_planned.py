"""The tables of a project file that hold what is planned: the topology, the VMs, the plans, and what rules them."""

PLANNED = """
CREATE TABLE project (
    name TEXT NOT NULL,
    notes TEXT NOT NULL
) STRICT;

CREATE TABLE hosts (
    id TEXT PRIMARY KEY NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    policy TEXT NOT NULL, -- whose rules it follows when it migrates: qemu, xen-4, vmotion, ...
    memory_bytes INTEGER NOT NULL,
    cores INTEGER NOT NULL,
    canvas_x REAL NOT NULL, -- its centre on the canvas, in pixels at zoom 1
    canvas_y REAL NOT NULL,
    platform TEXT, -- from here on, what is empty (or 0 for the level) is not known; vsphere, xcp-ng, xl, libvirt, ...
    hypervisor_version TEXT NOT NULL,
    cpu_vendor TEXT, -- intel, amd
    cpu_model TEXT NOT NULL,
    cpu_level INTEGER NOT NULL, -- 1 to 4 for x86-64-v1 to v4
    cpu_features TEXT NOT NULL, -- a JSON list
    machine_types TEXT NOT NULL, -- a JSON list
    networks TEXT NOT NULL, -- a JSON list: VM networks or bridges
    numa_node_bytes TEXT NOT NULL, -- a JSON list: the memory of each node
    free_2mib_pages INTEGER,
    free_1gib_pages INTEGER,
    free_disk_bytes INTEGER, -- for local disks
    max_outgoing INTEGER, -- migrations at the same time; empty: no limit
    max_incoming INTEGER,
    max_vms INTEGER, -- by licence, say; empty: no limit
    max_vcpus INTEGER,
    uuid TEXT NOT NULL, -- what its hypervisor calls it by
    address TEXT NOT NULL, -- for ssh; empty: it is drawn only
    migration_address TEXT NOT NULL -- what other hosts know it by; empty: as the address says
) STRICT;

CREATE TABLE host_policy_values (
    host_id TEXT NOT NULL REFERENCES hosts (id),
    name TEXT NOT NULL, -- such as downtime_limit_s: what takes the place of the policy's own
    value REAL NOT NULL,
    PRIMARY KEY (host_id, name)
) STRICT;

CREATE TABLE host_devices (
    host_id TEXT NOT NULL REFERENCES hosts (id),
    position INTEGER NOT NULL,
    kind TEXT NOT NULL, -- pci, vgpu, sr-iov, usb
    name TEXT NOT NULL,
    count INTEGER NOT NULL, -- free to be handed to VMs
    can_migrate INTEGER NOT NULL, -- 0 or 1: whether its driver can move its state
    PRIMARY KEY (host_id, position)
) STRICT;

CREATE TABLE storages (
    id TEXT PRIMARY KEY NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    capacity_bytes INTEGER NOT NULL,
    canvas_x REAL NOT NULL,
    canvas_y REAL NOT NULL
) STRICT;

CREATE TABLE switches (
    id TEXT PRIMARY KEY NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    canvas_x REAL NOT NULL,
    canvas_y REAL NOT NULL
) STRICT;

CREATE TABLE links (
    id TEXT PRIMARY KEY NOT NULL,
    position INTEGER NOT NULL,
    end_a_id TEXT NOT NULL, -- the id of a host, of a switch or of a storage
    end_b_id TEXT NOT NULL,
    bandwidth_bytes_per_s REAL NOT NULL, -- in each direction
    latency_s REAL NOT NULL,
    background_share REAL NOT NULL, -- of the bandwidth, taken by other traffic in either direction
    loss_share REAL NOT NULL -- of the packets, lost in either direction
) STRICT;

CREATE TABLE virtual_machines (
    id TEXT PRIMARY KEY NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    host_id TEXT NOT NULL REFERENCES hosts (id),
    memory_bytes INTEGER NOT NULL,
    vcpus INTEGER NOT NULL,
    cpu_use REAL NOT NULL, -- the share of its CPUs' time that it uses
    profile TEXT NOT NULL,
    cpu_passthrough INTEGER NOT NULL, -- 0 or 1: whether it sees all that its host's CPU has
    cpu_level INTEGER NOT NULL, -- as for hosts; 0: not known
    cpu_features TEXT NOT NULL, -- a JSON list
    machine_type TEXT NOT NULL,
    networks TEXT NOT NULL, -- a JSON list
    numa_nodes INTEGER NOT NULL,
    page_size TEXT NOT NULL, -- of its memory at the host: 4 KiB, 2 MiB, 1 GiB
    guest_tools INTEGER, -- 0 or 1; empty: not known
    uuid TEXT NOT NULL -- what its hypervisor calls it by; empty: not known
) STRICT;

CREATE TABLE virtual_machine_devices (
    virtual_machine_id TEXT NOT NULL REFERENCES virtual_machines (id),
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    count INTEGER NOT NULL,
    can_migrate INTEGER NOT NULL,
    PRIMARY KEY (virtual_machine_id, position)
) STRICT;

CREATE TABLE disks (
    virtual_machine_id TEXT NOT NULL REFERENCES virtual_machines (id),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    storage_id TEXT REFERENCES storages (id), -- empty: on a disk of its host
    snapshots INTEGER NOT NULL,
    PRIMARY KEY (virtual_machine_id, position)
) STRICT;

CREATE TABLE pieces (
    virtual_machine_id TEXT NOT NULL REFERENCES virtual_machines (id),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    write_rate_pages_per_s REAL NOT NULL, -- page writes; distinct pages of one second for a power law or measured curve
    pattern TEXT NOT NULL, -- uniform, sequential, hot/cold, zipf, power law, measured curve
    hot_size_share REAL, -- of the size; for hot/cold only
    hot_write_share REAL, -- of the writes; for hot/cold only
    exponent REAL, -- for zipf and power law only
    points TEXT, -- a JSON list of [seconds, distinct pages]; for measured curve only
    zero_share REAL NOT NULL,
    rewrite_share REAL NOT NULL, -- of a page's bytes, changed by a write
    compression_ratio REAL NOT NULL, -- a page's size by its size when packed
    source TEXT NOT NULL,
    PRIMARY KEY (virtual_machine_id, position)
) STRICT;

CREATE TABLE plans (
    id TEXT PRIMARY KEY NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    max_concurrent INTEGER NOT NULL,
    max_concurrent_per_host INTEGER NOT NULL,
    starts_at TEXT, -- ISO 8601 with its offset: when a run is to begin; empty: not said
    time_zone TEXT, -- such as Europe/Berlin or +01:00: the zone that starts_at is meant in
    window_s REAL -- how long after its start it is to be done; empty: not said
) STRICT;

CREATE TABLE migrations (
    plan_id TEXT NOT NULL REFERENCES plans (id),
    position INTEGER NOT NULL,
    id TEXT NOT NULL,
    virtual_machine_id TEXT NOT NULL REFERENCES virtual_machines (id),
    target_id TEXT NOT NULL REFERENCES hosts (id),
    technique TEXT NOT NULL,
    max_bandwidth_bytes_per_s REAL, -- empty: as much as the network gives
    downtime_limit_s REAL, -- empty: the policy's own
    time_limit_s REAL, -- empty: until the policy gives up
    earliest_start_s REAL NOT NULL, -- on the run's clock
    is_pinned INTEGER NOT NULL, -- 0 or 1: its start is kept when the plan is scheduled anew
    is_excluded INTEGER NOT NULL, -- 0 or 1: it is left out of the plan, and may be included again
    after_ids TEXT NOT NULL, -- a JSON list: the migrations of the plan that must have completed before
    priority INTEGER NOT NULL, -- of two that could start, the one with the higher does
    auto_converge INTEGER NOT NULL, -- 0 or 1
    throttle_initial REAL NOT NULL,
    throttle_increment REAL NOT NULL,
    throttle_max REAL NOT NULL,
    xbzrle_cache_bytes INTEGER NOT NULL, -- 0: off
    channels INTEGER NOT NULL, -- 0: one stream
    compression TEXT NOT NULL, -- none, zlib, zstd
    compress_threads INTEGER NOT NULL, -- 0: off
    compress_level INTEGER NOT NULL, -- 1 to 9
    free_page_hints INTEGER NOT NULL, -- 0 or 1
    switch_after_rounds INTEGER NOT NULL, -- for hybrid only
    switch_after_s REAL, -- for hybrid only; empty: after rounds alone
    preempt INTEGER NOT NULL, -- 0 or 1; for post-copy and hybrid only
    prepaging INTEGER NOT NULL, -- 0 or 1; for post-copy and hybrid only
    postcopy_bytes_per_s REAL, -- for post-copy and hybrid only; empty: no cap after the switch
    checkpoint_age_s REAL, -- empty: no checkpoint
    checkpoint_bytes_per_s REAL, -- empty: as fast as the copy
    drop_cache INTEGER NOT NULL, -- 0 or 1
    cache_read_bytes_per_s REAL, -- empty: reading it again is not counted
    PRIMARY KEY (plan_id, position)
) STRICT;

CREATE TABLE failures ( -- that simulated runs of a plan are to try
    plan_id TEXT NOT NULL REFERENCES plans (id),
    position INTEGER NOT NULL,
    kind TEXT NOT NULL, -- link down, host down, abort
    thing_id TEXT NOT NULL, -- the id of a link, a host, or a migration of the plan
    at_s REAL NOT NULL, -- on the run's clock
    PRIMARY KEY (plan_id, position)
) STRICT;

CREATE TABLE groups (
    id TEXT PRIMARY KEY NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL, -- site, rack, group
    parent_id TEXT, -- the group that it is part of; empty: none
    frame_x REAL, -- the upper left corner and the least size of its box on the canvas; empty: it follows its members
    frame_y REAL,
    frame_width REAL,
    frame_height REAL,
    is_collapsed INTEGER NOT NULL -- 0 or 1: whether it is drawn as one card
) STRICT;

CREATE TABLE group_members (
    group_id TEXT NOT NULL REFERENCES groups (id),
    position INTEGER NOT NULL,
    member_id TEXT NOT NULL, -- the id of a host or of a virtual machine
    PRIMARY KEY (group_id, position)
) STRICT;

CREATE TABLE rules (
    id TEXT PRIMARY KEY NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL, -- affinity, anti-affinity, only on, never on, pinned, spare, headroom, cpu limit, order, limit,
        -- priority
    count INTEGER, -- for spare: hosts; for limit: migrations at the same time
    share REAL, -- for headroom: of a host's memory
    vcpus_per_core REAL, -- for cpu limit
    per TEXT, -- for limit: host, rack, site, link, plan
    priority INTEGER -- for priority: the higher moves first; without a rule 0
) STRICT;

CREATE TABLE rule_members (
    rule_id TEXT NOT NULL REFERENCES rules (id),
    position INTEGER NOT NULL,
    role TEXT NOT NULL, -- vms, hosts, first (those that the vms wait for)
    member_id TEXT NOT NULL, -- the id of a virtual machine, a host, or a group of them
    PRIMARY KEY (rule_id, position)
) STRICT;

CREATE TABLE windows (
    id TEXT PRIMARY KEY NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL, -- maintenance, blackout, cut-over
    starts_at TEXT NOT NULL, -- ISO 8601 with its offset: from when on
    time_zone TEXT NOT NULL, -- such as Europe/Berlin or +01:00: the clock by which it repeats
    duration_s REAL NOT NULL,
    recurrence TEXT NOT NULL -- an RRULE of RFC 5545; empty: once
) STRICT;

-- A window without members is for everything.
CREATE TABLE window_members (
    window_id TEXT NOT NULL REFERENCES windows (id),
    position INTEGER NOT NULL,
    member_id TEXT NOT NULL, -- the id of a host, a virtual machine, or a group of them
    PRIMARY KEY (window_id, position)
) STRICT;
"""
