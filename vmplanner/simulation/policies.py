"""The hypervisors whose way of migrating is known, as data. Each value's source is in policy_sources.py."""

from vmplanner.domain.plans import Technique
from vmplanner.domain.quantities import MIB, PAGE_BYTES
from vmplanner.domain.topology import PolicyName
from vmplanner.simulation.policy import Policy
from vmplanner.simulation.stop_rules import Adaptive, Rounds, Switchover, Threshold

_QEMU_WINDOW_S = 0.1002

QEMU = Policy(
    PolicyName.QEMU,
    describes="QEMU 10.0",
    stop=Threshold(
        downtime_limit_s=0.3,
        look_every_s=_QEMU_WINDOW_S,
        burst_bytes=2_900_000,
        stalled_rounds=30,
    ),
    page_bytes=PAGE_BYTES + 8,
    zero_page_bytes=9,
    zero_page_cpu_s=4.5e-7,
    hidden_scan_s=0.1,
    setup_s=0.003,
    device_state_bytes=114_000,
    resume_s=0.009,
    window_s=_QEMU_WINDOW_S,
    budget_s=0.1,
    postcopy_resume_s=0.0146,
    preempt_wait_s=0.0007,
    reports=True,
    stop_s=0.002,
    packing_cores=8.0,
    offers=frozenset(Technique),
    offers_options=True,
    flush_bytes=32 * (PAGE_BYTES + 8),
)

XEN_4 = Policy(
    PolicyName.XEN_4,
    describes="Xen 4.7 to 4.20 (libxenguest, migration stream version 2)",
    stop=Rounds(max_rounds=5, target_pages=50),
    page_bytes=PAGE_BYTES + 8,
    zero_page_bytes=PAGE_BYTES + 8,
    zero_page_cpu_s=0.0,
    hidden_scan_s=0.0,
    setup_s=0.05,
    device_state_bytes=200_000,
    resume_s=0.05,
)

XEN_3 = Policy(
    PolicyName.XEN_3,
    describes="Xen 3 as in Clark et al., NSDI 2005",
    # The rates and the 256 KB are the paper's. When a rate rises and what ends the rounds is as in Xen 3's
    # xc_linux_save.c (seen). The paper has it otherwise: it ends when the
    # next rate would pass the highest. Its memory muncher would then have had two live rounds; it had three.
    stop=Adaptive(
        min_bytes_per_s=100e6 / 8,
        max_bytes_per_s=500e6 / 8,
        step_bytes_per_s=50e6 / 8,
        target_bytes=256_000,
        max_rounds=29,
        max_memory_factor=3.0,
        # Seen in xc_linux_save.c: the limit adds up what was not used. With this the 222.5 MB of the memory muncher
        # take 3.5 s, as published.
        catch_up_s=0.09,
    ),
    page_bytes=PAGE_BYTES + 4,
    zero_page_bytes=PAGE_BYTES + 4,
    zero_page_cpu_s=0.0,
    hidden_scan_s=0.0,
    setup_s=0.0,
    device_state_bytes=0,
    resume_s=0.020,
)

VMOTION = Policy(
    PolicyName.VMOTION,
    describes="vMotion of VMware vSphere 5 to 8, as far as it is published; most of its constants are assumptions",
    stop=Switchover(downtime_limit_s=0.5, stalled_rounds=30),
    slows_guest=True,  # seen, since vSphere 5.0: techniques/slow_down.py
    page_bytes=PAGE_BYTES + 16,
    zero_page_bytes=16,
    zero_page_cpu_s=0.0,
    hidden_scan_s=0.0,
    setup_s=1.0,
    device_state_bytes=8 * MIB,
    resume_s=0.2,
)

HYPER_V = Policy(
    PolicyName.HYPER_V,
    describes="Hyper-V of Windows Server 2008 R2, over TCP/IP, uncompressed; most of its constants are assumptions",
    stop=Rounds(max_rounds=10, target_pages=1000),
    # Compression is on by default since 2012 R2 (seen: Msvm_VirtualSystemMigrationServiceSettingData); it is not
    # simulated, and neither is SMB.
    page_bytes=PAGE_BYTES + 8,
    zero_page_bytes=PAGE_BYTES + 8,
    zero_page_cpu_s=0.0,
    hidden_scan_s=0.0,
    setup_s=1.0,
    device_state_bytes=8 * MIB,
    resume_s=1.0,
)

SIMGRID = Policy(
    PolicyName.SIMGRID,
    describes="SimGrid's live-migration plug-in (VmLiveMigration.cpp, 2025), a formula to compare with",
    # Seen in the plug-in: 30 ms of the bandwidth just measured. Its guest writes at a constant rate into a working set
    # of 90 % of the memory by default: a sequential piece. A limit on the rate by TCP's window is not simulated.
    stop=Switchover(downtime_limit_s=0.03, stalled_rounds=30),
    page_bytes=PAGE_BYTES,
    zero_page_bytes=PAGE_BYTES,
    zero_page_cpu_s=0.0,
    hidden_scan_s=0.0,
    setup_s=0.0,
    device_state_bytes=0,
    resume_s=0.0,
    latency_factor=13.01,
    bandwidth_factor=0.97,
    migration_cores=0.0,
    core_bytes_per_s=0.0,
    offers=frozenset({Technique.PRE_COPY}),
)

POLICIES = {policy.name: policy for policy in (QEMU, XEN_4, XEN_3, VMOTION, HYPER_V, SIMGRID)}
