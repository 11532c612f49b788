"""Techniques and options: versions of QEMU, huge pages, the balloon."""

from tests.planning.preflight.cases import BLOCKS, GIGANTIC, HUGE, NO_TOOLS, WARNS, Broken
from vmplanner.domain.plans import Options, Technique
from vmplanner.domain.platform import (
    GuestNeeds,
    HostFacts,
)
from vmplanner.domain.quantities import GIB

CASES = [
    Broken(
        "post-copy-version",
        BLOCKS,
        "by post-copy, which needs QEMU 2.5, and alpha has 2.4.1",
        {"technique": Technique.POST_COPY, "source": HostFacts(hypervisor_version="2.4.1")},
        {"technique": Technique.POST_COPY, "source": HostFacts(hypervisor_version="2.5")},
        {"technique": Technique.POST_COPY},
    ),
    Broken(
        "threads-version",
        BLOCKS,
        "by compression threads, which QEMU has not had since 9.1, and alpha has 9.1.0",
        {"options": Options(compress_threads=2), "source": HostFacts(hypervisor_version="9.1.0")},
        {"options": Options(compress_threads=2), "source": HostFacts(hypervisor_version="9.0.4")},
        {"options": Options(compress_threads=2)},
    ),
    Broken(
        "threads-version",
        BLOCKS,
        "by compression threads, which QEMU has not had since 9.1, and beta has 10.0",
        {"options": Options(compress_threads=2), "target": HostFacts(hypervisor_version="10.0")},
        {"source": HostFacts(hypervisor_version="10.0"), "target": HostFacts(hypervisor_version="10.0")},
        {"options": Options(compress_threads=2)},
    ),
    Broken(
        "threads-version",
        BLOCKS,
        "with XBZRLE, which do not go together since QEMU 8.2, and alpha has 8.2.1",
        {
            "options": Options(compress_threads=2, xbzrle_cache_bytes=GIB),
            "source": HostFacts(hypervisor_version="8.2.1"),
        },
        {
            "options": Options(compress_threads=2, xbzrle_cache_bytes=GIB),
            "source": HostFacts(hypervisor_version="7.2"),
        },
        {"options": Options(compress_threads=2, xbzrle_cache_bytes=GIB)},
    ),
    Broken(
        "threads-combination",
        BLOCKS,
        "over several channels and with compression threads, which do not go together",
        {"options": Options(compress_threads=2, channels=2)},
        {"options": Options(compress_threads=2)},
        {"options": Options(channels=2)},
    ),
    Broken(
        "threads-combination",
        BLOCKS,
        "with preempt and with compression threads, which do not go together",
        {"options": Options(compress_threads=2, preempt=True), "technique": Technique.HYBRID},
        {"options": Options(compress_threads=2)},
        {"options": Options(preempt=True), "technique": Technique.HYBRID},
    ),
    Broken(
        "threads-combination",
        WARNS,
        "by hybrid with compression threads: after the switch QEMU packs one page at a time",
        {"options": Options(compress_threads=2), "technique": Technique.HYBRID},
        {"options": Options(compress_threads=2), "technique": Technique.CHECKPOINT},
        {"technique": Technique.HYBRID},
    ),
    Broken(
        "gigantic-pages",
        WARNS,
        "web-1 has pages of 1 GiB: by post-copy it stands still",
        {"technique": Technique.POST_COPY, "needs": GIGANTIC},
        {"technique": Technique.POST_COPY, "needs": HUGE},
        {"technique": Technique.POST_COPY},
    ),
    Broken(
        "balloon",
        WARNS,
        "without a balloon driver it can't give up what nobody needs",
        {"technique": Technique.CHECKPOINT, "needs": NO_TOOLS},
        {"technique": Technique.CHECKPOINT, "needs": GuestNeeds(guest_tools=True)},
        {"technique": Technique.CHECKPOINT},
    ),
    Broken(
        "balloon",
        WARNS,
        "it can't tell which memory is free",
        {"options": Options(free_page_hints=True), "needs": NO_TOOLS},
        {"options": Options(free_page_hints=True), "needs": GuestNeeds(guest_tools=True)},
        {"options": Options(free_page_hints=True)},
    ),
]
