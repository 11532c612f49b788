"""Where each value of each policy is from, as a person is told it: first how it is known, then from what.

measured   by us, with QEMU 10.0.2 under its own emulation, one vCPU, 107 migrations of a small Linux guest
seen       read in the source that is named
recalled   known from it but not looked up
derived    worked out from what is published
assumed    nobody told; a guess to be replaced by whoever knows better
rule       the planner's own, with no counterpart in the hypervisor
"""

from collections.abc import Mapping

from vmplanner.domain.topology import PolicyName

ASSUMED = "assumed"

_STALLED = "rule: the planner's own; the hypervisor never gives up"
_ANY = {
    "latency_factor": "assumed: a request and its answer",
    "bandwidth_factor": "assumed: a sender can use all of a link",
    "migration_cores": "assumed: half of the cores of a host that has two processors with 32 each",
    "core_bytes_per_s": "assumed: 16 Gbit/s by one thread over TCP",
}
_NOT_SENT_APART = "seen: pages of zeros are sent like any other"

_QEMU = {
    "downtime_limit_s": "seen: the default of downtime-limit (qapi/migration.json)",
    "look_every_s": "measured: one look at the start of a window; the timer of 100 ms is 0.2 ms late on the average",
    "burst_bytes": "measured, on shaped links: the step in which a full socket takes data again",
    "stalled_rounds": _STALLED,
    "page_bytes": "measured: 4104 bytes for each page with content, exact in all idle runs",
    "zero_page_bytes": "measured, exact: 8 bytes of header and one of content",
    "zero_page_cpu_s": "measured: 0.44 µs; 0.85 where other work kept the processors busy",
    "hidden_scan_s": "measured: the window; 86 ms where the sender waits for a shaped network",
    "setup_s": "measured, the median",
    "device_state_bytes": "measured: 113,400 to 114,600 bytes",
    "resume_s": "measured: from the stop to the resume, less the last pass; 7 ms on a fast link, 10 on a slow one",
    "window_s": "seen: BUFFER_DELAY in migration/migration.h is 100 ms; measured: its timer is 0.2 ms late",
    "budget_s": "seen: BUFFER_DELAY in migration/migration.h",
    "flush_bytes": "measured: the budget of a window is counted at each flush of 32 pages",
    "postcopy_resume_s": "measured: the target loads the devices' state and registers its memory for faults",
    "preempt_wait_s": "measured: 0.6 to 0.8 ms",
    "stop_s": "measured, with the devices' state",
    "packing_cores": "assumed: a host can spare one for each thread that QEMU 7.2 has by default",
}
_XEN_4 = {
    "max_rounds": "seen: SPP_MAX_ITERATIONS in xg_sr_save.c",
    "target_pages": "seen: SPP_TARGET_DIRTY_COUNT in xg_sr_save.c",
    "page_bytes": "seen: stream version 2 has an 8-byte frame number a page, and 16 bytes for 1,024 pages",
    "zero_page_bytes": "seen: stream version 2 sends the content of every page that is populated",
    "zero_page_cpu_s": _NOT_SENT_APART,
    "setup_s": "assumed: xl's handshake",
    "device_state_bytes": "assumed: vCPU, HVM and device-model records",
    "resume_s": "assumed: devices connect again, the target unpauses",
}
_XEN_3 = {
    "min_bytes_per_s": "seen: Clark et al., NSDI 2005",
    "max_bytes_per_s": "seen: Clark et al., NSDI 2005",
    "step_bytes_per_s": "seen: Clark et al., NSDI 2005",
    "target_bytes": "seen: Clark et al., NSDI 2005",
    "max_rounds": "seen: xc_linux_save.c",
    "max_memory_factor": "seen: xc_linux_save.c",
    "catch_up_s": "derived: 18.2 MB need 291 ms at 500 Mbit/s, and SPECweb99's last pass took 201 ms",
    "page_bytes": "seen: a 4-byte frame number a page",
    "zero_page_bytes": _NOT_SENT_APART,
    "zero_page_cpu_s": _NOT_SENT_APART,
    "setup_s": "seen: the paper's times begin with the first page",
    "device_state_bytes": "assumed: none; it is part of the time to resume",
    "resume_s": "derived: the geometric mean of 9 ms for SPECweb99 and 40 ms for Quake 3",
}
_VMOTION = {
    "downtime_limit_s": "recalled: it switches over when the rest fits into half a second. Seen: the goal is to stun "
    "the guest for less than a second (mysticmarvin.eu, vSphere 7: new logic for vMotion)",
    "stalled_rounds": _STALLED,
    "page_bytes": "assumed: the stream is not published",
    "zero_page_bytes": "assumed: a page that was never touched has no memory behind it",
    "zero_page_cpu_s": "assumed: none",
    "setup_s": "assumed: checks, the VM's shell at the target, page traces",
    "device_state_bytes": "assumed: the checkpoint of devices and video memory",
    "resume_s": "assumed: from the last byte to the guest's first instruction",
}
_HYPER_V = {
    "max_rounds": "seen: up to 10 passes (Directions on Microsoft, Live Migration Switch Over, 2009); a handbook for "
    "Windows Server 2016 has 5 since 2012 R2",
    "target_pages": 'assumed after "so small that it can be copied in milliseconds" (windowsitpro)',
    "page_bytes": "assumed: the stream is not published",
    "zero_page_bytes": "assumed: every page in use is copied",
    "zero_page_cpu_s": "assumed: none",
    "setup_s": "assumed: connection, the VM's shell at the target, its memory",
    "device_state_bytes": "assumed: devices and video memory",
    "resume_s": 'assumed after a blackout of 1 to 2 s in all "for a well converged migration" '
    "(anystackarchitect.com, Live Migration Internals, 2025)",
}
_SIMGRID = {
    "downtime_limit_s": "seen: VmLiveMigration.cpp",
    "stalled_rounds": _STALLED,
    "page_bytes": "seen: VmLiveMigration.cpp counts bytes of memory alone",
    "zero_page_bytes": "seen: VmLiveMigration.cpp knows no pages of zeros",
    "zero_page_cpu_s": "seen: VmLiveMigration.cpp knows no pages of zeros",
    "setup_s": "seen: one message; it acknowledges the move at the end, when the guest runs already",
    "device_state_bytes": "seen: VmLiveMigration.cpp has none",
    "resume_s": "seen: VmLiveMigration.cpp has none",
    "latency_factor": "seen: the network model LV08 (Models.rst)",
    "bandwidth_factor": "seen: the network model LV08 (Models.rst)",
}

SOURCES: Mapping[PolicyName, Mapping[str, str]] = {
    PolicyName.QEMU: _ANY | _QEMU,
    PolicyName.XEN_4: _ANY | _XEN_4,
    PolicyName.XEN_3: _ANY | _XEN_3,
    PolicyName.VMOTION: _ANY | _VMOTION,
    PolicyName.HYPER_V: _ANY | _HYPER_V,
    PolicyName.SIMGRID: _ANY | _SIMGRID,
}
"""By policy, and by the name of the value's field."""
