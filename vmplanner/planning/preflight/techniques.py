"""Whether the technique and its options are there at the source's hypervisor, and go together.

What does not go together is from QEMU 10.0's migration/options.c, for compression threads from that of 8.2 (seen),
which refuses them with XBZRLE as 7.2 does not; QEMU has none since 9.1 (the removal seen, its version recalled).
Post-copy needs QEMU 2.5 (seen in Nova's settings), and preempt 7.1 (recalled from its QAPI schema). Guests with pages
of 1 GiB wait for a whole one at each fault of a post-copy (recalled). The balloon driver that gives memory up, or tells
which is free, comes with the guest tools.
"""

from vmplanner.domain.plans import Compression, Technique
from vmplanner.domain.platform import PageSize, version_key
from vmplanner.domain.project import Change
from vmplanner.domain.quantities import format_duration
from vmplanner.domain.topology import PolicyName
from vmplanner.planning.preflight.rules import Finding, Findings, Move, Severity, move_rule
from vmplanner.simulation.policies import POLICIES

_LEAST_POST_COPY_VERSION = "2.5"
_LEAST_PREEMPT_VERSION = "7.1"
_FIRST_VERSION_WITHOUT_THREADS = "9.1"
_FIRST_VERSION_WITH_THREADS_ALONE = "8.2"
_FAULTING = (Technique.POST_COPY, Technique.HYBRID)


def _check_offered(move: Move) -> Findings:
    technique, source = move.migration.technique, move.source
    if technique not in POLICIES[source.policy].offers:
        message = f"{move.machine.name} is to move by {technique.value}, which {source.policy.label} does not have"
        yield Finding(Severity.BLOCKS, move.machine.id, message, "choose another technique", _by_pre_copy(move))


def _check_options_offered(move: Move) -> Findings:
    options, source = move.migration.options, move.source
    copies = options.xbzrle_cache_bytes or options.channels or options.compress_threads
    helped = options.auto_converge or copies or options.free_page_hints
    if helped and not POLICIES[source.policy].offers_options:
        yield Finding(
            Severity.BLOCKS,
            move.machine.id,
            f"{move.machine.name} is to move with options of QEMU, which {source.policy.label} does not have",
            "turn auto-converge, XBZRLE, channels, compression threads and hints off",
            move.with_options(
                f"Turn QEMU's options off for {move.machine.name}",
                auto_converge=False,
                xbzrle_cache_bytes=0,
                channels=0,
                compress_threads=0,
                free_page_hints=False,
                compression=Compression.NONE,
            ),
        )


def _check_combination(move: Move) -> Findings:
    """What QEMU refuses or leaves out when it is asked for both."""
    options, technique, name = move.migration.options, move.migration.technique, move.machine.name
    if options.channels and options.xbzrle_cache_bytes:
        yield Finding(
            Severity.BLOCKS,
            move.machine.id,
            f"{name} is to move over several channels and with XBZRLE, which do not go together",
            "set the channels or the XBZRLE cache to 0",
            move.with_options(f"Turn XBZRLE off for {name}", xbzrle_cache_bytes=0),
        )
    if options.channels and technique in _FAULTING:
        yield Finding(
            Severity.BLOCKS,
            move.machine.id,
            f"{name} is to move by {technique.value} over several channels, which do not go together",
            "set the channels to 0",
            move.with_options(f"Move {name} in one stream", channels=0, compression=Compression.NONE),
        )
    if options.free_page_hints and technique in _FAULTING:
        yield Finding(
            Severity.WARNS,
            move.machine.id,
            f"{name} is to move by {technique.value}, for which QEMU takes no free-page hints",
            "turn the hints off, or choose pre-copy",
            move.with_options(f"Turn free-page hints off for {name}", free_page_hints=False),
        )
    if options.compression is not Compression.NONE and not options.channels:
        yield Finding(
            Severity.WARNS,
            move.machine.id,
            f"{name} is to be packed with {options.compression.value}, which needs channels",
            "set the channels to 2 or more, or the packing to none",
            move.with_options(f"Move {name} over 2 channels", channels=2)
            if not options.xbzrle_cache_bytes and technique not in _FAULTING
            else move.with_options(f"Turn the packing off for {name}", compression=Compression.NONE),
        )


def _check_threads_version(move: Move) -> Findings:
    options, name = move.migration.options, move.machine.name
    if not options.compress_threads or move.source.policy is not PolicyName.QEMU:
        return
    for host in (move.source, move.target):
        version = host.facts.hypervisor_version
        if not version:
            continue
        if version_key(version) >= version_key(_FIRST_VERSION_WITHOUT_THREADS):
            yield Finding(
                Severity.BLOCKS,
                move.machine.id,
                f"{name} is to be packed by compression threads, which QEMU has not had since "
                f"{_FIRST_VERSION_WITHOUT_THREADS}, and {host.name} has {version}",
                "set the threads to 0; channels can pack too",
                _without_threads(move),
            )
        elif options.xbzrle_cache_bytes and version_key(version) >= version_key(_FIRST_VERSION_WITH_THREADS_ALONE):
            yield Finding(
                Severity.BLOCKS,
                move.machine.id,
                f"{name} is to move with compression threads and with XBZRLE, which do not go together since QEMU "
                f"{_FIRST_VERSION_WITH_THREADS_ALONE}, and {host.name} has {version}",
                "set the threads or the XBZRLE cache to 0",
                _without_threads(move),
            )


def _check_threads_combination(move: Move) -> Findings:
    """What QEMU refuses beside compression threads, whatever its version, or does otherwise than the simulation."""
    options, technique, name = move.migration.options, move.migration.technique, move.machine.name
    if not options.compress_threads:
        return
    if options.channels:
        yield Finding(
            Severity.BLOCKS,
            move.machine.id,
            f"{name} is to move over several channels and with compression threads, which do not go together",
            "set the channels or the threads to 0",
            _without_threads(move),
        )
    if technique in _FAULTING and options.preempt:
        yield Finding(
            Severity.BLOCKS,
            move.machine.id,
            f"{name} is to move with preempt and with compression threads, which do not go together",
            "set the threads to 0, or turn preempt off",
            _without_threads(move),
        )
    elif technique in _FAULTING:
        yield Finding(
            Severity.WARNS,
            move.machine.id,
            f"{name} is to move by {technique.value} with compression threads: after the switch QEMU packs one page at "
            "a time, and the simulation none",
            "set the threads to 0, or choose pre-copy",
            _without_threads(move),
        )


def _check_idle_options(move: Move) -> Findings:
    """Options that do nothing as the rest is set."""
    migration, name = move.migration, move.machine.name
    options = migration.options
    for_after = options.preempt or options.prepaging or options.postcopy_bytes_per_s is not None
    if for_after and migration.technique not in _FAULTING:
        yield Finding(
            Severity.WARNS,
            move.machine.id,
            f"{name} is to move by {migration.technique.value}: preempt, pre-paging and a cap for post-copy act after "
            "a switch to that only",
            "turn them off, or choose post-copy or hybrid",
            move.with_options(
                f"Turn off what is set for post-copy of {name}",
                preempt=False,
                prepaging=False,
                postcopy_bytes_per_s=None,
            ),
        )
    if options.cache_read_bytes_per_s is not None and not options.drop_cache:
        yield Finding(
            Severity.WARNS,
            move.machine.id,
            f"{name} has a rate for reading its page cache again, and is not to drop it",
            "drop the page cache too, or leave the rate empty",
            move.with_options(f"Leave the cache of {name} alone", cache_read_bytes_per_s=None),
        )
    after_s, limit_s = options.switch_after_s, migration.time_limit_s
    if migration.technique is Technique.HYBRID and after_s is not None and limit_s is not None and after_s >= limit_s:
        yield Finding(
            Severity.WARNS,
            move.machine.id,
            f"{name} is to switch to post-copy after {format_duration(after_s)}, and is given up after "
            f"{format_duration(limit_s)}",
            "switch earlier, or give it more time",
            move.with_options(f"Switch {name} at half of its time", switch_after_s=limit_s / 2),
        )


def _check_post_copy_version(move: Move) -> Findings:
    if move.migration.technique not in _FAULTING or move.source.policy is not PolicyName.QEMU:
        return
    options, name = move.migration.options, move.machine.name
    for host in (move.source, move.target):
        version = host.facts.hypervisor_version
        if version and options.preempt and version_key(version) < version_key(_LEAST_PREEMPT_VERSION):
            yield Finding(
                Severity.BLOCKS,
                move.machine.id,
                f"{name} is to move with preempt, which needs QEMU {_LEAST_PREEMPT_VERSION}, and {host.name} has "
                f"{version}",
                f"bring {host.name} to a newer version, or turn preempt off",
                move.with_options(f"Turn preempt off for {name}", preempt=False),
            )
        if version and version_key(version) < version_key(_LEAST_POST_COPY_VERSION):
            yield Finding(
                Severity.BLOCKS,
                move.machine.id,
                f"{name} is to move by {move.migration.technique.value}, which needs QEMU "
                f"{_LEAST_POST_COPY_VERSION}, and {host.name} has {version}",
                f"bring {host.name} to a newer version, or choose pre-copy",
                _by_pre_copy(move),
            )


def _check_gigantic_pages(move: Move) -> Findings:
    if move.migration.technique in _FAULTING and move.machine.needs.page_size is PageSize.GIGANTIC:
        yield Finding(
            Severity.WARNS,
            move.machine.id,
            f"{move.machine.name} has pages of 1 GiB: by {move.migration.technique.value} it stands still until a "
            "whole one has come, at each first touch",
            "choose pre-copy, or start the VM again with pages of 2 MiB",
            _by_pre_copy(move),
        )


def _check_balloon(move: Move) -> Findings:
    if move.machine.needs.guest_tools is not False:
        return
    if move.migration.technique is Technique.CHECKPOINT:
        yield Finding(
            Severity.WARNS,
            move.machine.id,
            f"{move.machine.name} has no guest tools: without a balloon driver it can't give up what nobody needs, and "
            f"{Technique.CHECKPOINT.value} moves all of it",
            "install the tools in the guest, or choose pre-copy",
            _by_pre_copy(move),
        )
    if move.migration.options.free_page_hints:
        yield Finding(
            Severity.WARNS,
            move.machine.id,
            f"{move.machine.name} has no guest tools: without a balloon driver it can't tell which memory is free",
            "install the tools in the guest, or turn the hints off",
            move.with_options(f"Turn free-page hints off for {move.machine.name}", free_page_hints=False),
        )


def _without_threads(move: Move) -> Change:
    return move.with_options(f"Turn compression threads off for {move.machine.name}", compress_threads=0)


def _by_pre_copy(move: Move) -> Change | None:
    """The fix that is nearly always there."""
    if Technique.PRE_COPY not in POLICIES[move.source.policy].offers:
        return None
    return move.changed(f"Move {move.machine.name} by pre-copy", technique=Technique.PRE_COPY)


RULES = (
    move_rule("technique", "The source's hypervisor has the technique", _check_offered),
    move_rule("options", "The source's hypervisor has the options", _check_options_offered),
    move_rule("combination", "Technique and options go together", _check_combination),
    move_rule("threads-version", "Both hosts have the compression threads that are asked for", _check_threads_version),
    move_rule("threads-combination", "Compression threads go with the other options", _check_threads_combination),
    move_rule("idle-options", "Every option that is set does something", _check_idle_options),
    move_rule("post-copy-version", "Both hosts are new enough for post-copy", _check_post_copy_version),
    move_rule("gigantic-pages", "Post-copy moves pages that come quickly", _check_gigantic_pages),
    move_rule("balloon", "The guest can give memory up where it is asked to", _check_balloon),
)
