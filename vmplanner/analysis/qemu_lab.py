"""The guest and the network of our measured runs, as a project: what is known of a run before it starts.

One guest for all runs, an idle Linux with one process that writes. Its constants were measured once and hold for every
run; none is fitted to a single one.
"""

from collections.abc import Callable

from attrs import evolve

from vmplanner.analysis.measured_runs import MeasuredRun
from vmplanner.domain.errors import InvalidValue, PlannerError
from vmplanner.domain.machines import HotCold, Pattern, Piece, PieceKind, Profile, Sequential, Uniform, VirtualMachine
from vmplanner.domain.plans import Compression, Migration, Options, Plan, Technique
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import MIB, PAGE_BYTES
from vmplanner.domain.topology import Host, Link

# What Linux fills at boot: a fixed part, and the descriptors of its pages. A process takes some of that back.
_BOOT_PAGES = 17_700
_BOOT_PAGES_PER_MIB = 4.33
_REUSED_PAGES = 2_200

# An idle guest dirties 73 pages in 0.6 s and 89 in 3.8 s.
_IDLE_PAGES = 90
_IDLE_WRITES_PER_S = 250.0

# A page of each content, its size divided by its size when packed at level 1, from the bytes of packed runs; "half" is
# half text, half random. Channels pack a page with those before it, threads pack it alone.
_ZLIB_RATIO = {"random": 1.0, "partial": 1.0, "half": 1.9, "text": 20.0, "zero": 1000.0, "kernel": 3.1}
_ZSTD_RATIO = {"random": 1.0, "partial": 1.0, "half": 1.97, "text": 70.0, "zero": 1000.0, "kernel": 2.5}
_THREADS_RATIO = {"random": 1.0, "partial": 1.0, "half": 1.74, "text": 15.1, "zero": 1000.0, "kernel": 2.53}
# The share of a page's bytes that a write of each kind changes: 8 bytes, or as much as a sender of differences finds;
# zeros written over zeros change nothing.
_REWRITE_SHARE = {"partial": 8 / PAGE_BYTES, "text": 75 / PAGE_BYTES, "half": 0.35, "random": 0.75, "zero": 0.0}

# Runs that catch up on the writes of a stall leave 90 % of their CPU idle; the others lose those writes, as a guest
# does that needs all of its CPU.
_SPARE_CPU_USE = 0.1
_LONGEST_LOST_STALL_MS = 10

# What packing by zlib got of the two cores, with one thread and with two: 0.53 to 0.65 of a core. The guest, the target
# that unpacks, and other work had the rest. Packing by zstd was never what bound.
_PACKING_CORES = 0.56

# A loopback that is not shaped, where the emulation sends as fast as it can: 1.32 ms for each MB of the last pass (the
# median slope between two of 50 capped runs).
UNSHAPED_BYTES_PER_S = 0.75e9
_LATENCY_S = 20e-6

# What the simulation has no model for, and which runs have it.
_NOT_SIMULATED: tuple[tuple[str, Callable[[MeasuredRun], bool]], ...] = (
    ("compression threads after a switch to post-copy", lambda run: bool(run.compress_threads and run.postcopy_after)),
    ("compression threads at level 0", lambda run: bool(run.compress_threads) and not run.compress_level),
)


def not_simulated(run: MeasuredRun) -> str:
    """What of the run the simulation can't do, in words; empty where it can do all."""
    return ", ".join(what for what, has in _NOT_SIMULATED if has(run))


def project(run: MeasuredRun) -> Project:
    """The run as a project whose plan has this one migration. Raises PlannerError where the row contradicts itself."""
    try:
        machine = VirtualMachine(
            "guest", run.name, "source", run.mem_mib * MIB, 1, profile=profile(run), cpu_use=cpu_use(run)
        )
        source = Host("source", "source", policy_values={"packing_cores": _PACKING_CORES})
        hosts = source, Host("target", "target")
        return Project.of(*hosts, network(run), machine, Plan("plan", run.name, (migration(run),)))
    except InvalidValue as error:
        raise PlannerError(f"{run.where}: {error}") from None


def profile(run: MeasuredRun) -> Profile:
    """What is in the guest's memory; what the pieces leave of it was never touched."""
    boot_pages = round(_BOOT_PAGES + _BOOT_PAGES_PER_MIB * run.mem_mib)
    if run.fill_mib or run.ws_mib or run.junk_mib:
        boot_pages -= _REUSED_PAGES
    ratio = ratios(run)
    pieces = (
        Piece(
            "kernel",
            PieceKind.KERNEL,
            (boot_pages - _IDLE_PAGES) * PAGE_BYTES,
            compression_ratio=ratio["kernel"],
        ),
        Piece(
            "idle kernel's writes",
            PieceKind.KERNEL,
            _IDLE_PAGES * PAGE_BYTES,
            _IDLE_WRITES_PER_S,
            compression_ratio=ratio["kernel"],
        ),
        Piece(
            "fill",
            PieceKind.HEAP,
            run.fill_mib * MIB,
            zero_share=float(run.fill_kind == "zero"),
            compression_ratio=ratio[run.fill_kind],
        ),
        Piece("freed memory", PieceKind.FREE, run.junk_mib * MIB),
        Piece(
            "working set",
            PieceKind.HOT_SET,
            run.ws_mib * MIB,
            run.writes_pages_per_s,
            pattern(run),
            zero_share=float(run.kind == "zero"),
            rewrite_share=_REWRITE_SHARE[run.kind],
            compression_ratio=ratio[run.kind],
        ),
    )
    return Profile("Measured guest", tuple(piece for piece in pieces if piece.size_bytes))


def ratios(run: MeasuredRun) -> dict[str, float]:
    """By what the run's packing makes a page of each content smaller."""
    if run.compress_threads:
        return _THREADS_RATIO
    return _ZSTD_RATIO if run.multifd == "zstd" else _ZLIB_RATIO


def pattern(run: MeasuredRun) -> Pattern:
    """The order of the working set's writes."""
    patterns: dict[str, Pattern] = {"seq": Sequential(), "uni": Uniform(), "hot": HotCold(0.1, 0.9)}
    return patterns[run.pattern]


def cpu_use(run: MeasuredRun) -> float:
    """The share of its CPU that the guest needs for its writes."""
    return 1.0 if run.debt_ms < _LONGEST_LOST_STALL_MS else _SPARE_CPU_USE


def network(run: MeasuredRun) -> Link:
    """The loopback between the two emulators."""
    bandwidth = run.link_mib * MIB or UNSHAPED_BYTES_PER_S
    return Link("loopback", "source", "target", bandwidth, _LATENCY_S)


def migration(run: MeasuredRun) -> Migration:
    """What QEMU was asked to do."""
    return Migration(
        "run",
        "guest",
        "target",
        technique(run),
        max_bandwidth_bytes_per_s=run.bandwidth_mib * MIB,
        downtime_limit_s=run.downtime_limit_ms / 1000,
        time_limit_s=run.limit_s,
        options=options(run),
    )


def technique(run: MeasuredRun) -> Technique:
    if run.stop_first:
        return Technique.STOP_AND_COPY
    return Technique.HYBRID if run.postcopy_after else Technique.PRE_COPY


def options(run: MeasuredRun) -> Options:
    """What the copy did besides."""
    asked = Options(
        xbzrle_cache_bytes=run.xbzrle_cache_mib * MIB,
        channels=run.multifd_channels if run.multifd else 0,
        compression=Compression(run.multifd or Compression.NONE),
        compress_threads=run.compress_threads,
        compress_level=run.compress_level or 1,
        free_page_hints=run.free_page_hint,
        switch_after_rounds=max(1, run.postcopy_after),
        preempt=run.postcopy_preempt,
        postcopy_bytes_per_s=run.bandwidth_mib * MIB if run.postcopy_after else None,
    )
    if not run.auto_converge:
        return asked
    return evolve(
        asked,
        auto_converge=True,
        throttle_initial=run.throttle_initial / 100,
        throttle_increment=run.throttle_increment / 100,
        throttle_max=run.max_throttle / 100,
    )
