"""CPU vendors, levels, features and models."""

from tests.planning.preflight.cases import BLOCKS, SEES_ALL, WARNS, Broken, cpu
from vmplanner.domain.platform import (
    CpuVendor,
    GuestNeeds,
)
from vmplanner.domain.topology import PolicyName

CASES = [
    Broken(
        "cpu-vendor",
        BLOCKS,
        "web-1 runs on Intel and beta has AMD",
        {"source": cpu(vendor=CpuVendor.INTEL), "target": cpu(vendor=CpuVendor.AMD)},
        {"source": cpu(vendor=CpuVendor.INTEL), "target": cpu(vendor=CpuVendor.INTEL)},
    ),
    Broken(
        "cpu-level",
        BLOCKS,
        "web-1 was started with x86-64-v3 and beta has x86-64-v2",
        {"needs": GuestNeeds(cpu_level=3), "target": cpu(level=2)},
        {"needs": GuestNeeds(cpu_level=3), "target": cpu(level=4)},
    ),
    Broken(
        "cpu-level",
        BLOCKS,
        "x86-64-v4 and beta has x86-64-v3",
        {"needs": SEES_ALL, "source": cpu(level=4), "target": cpu(level=3)},
        {"needs": SEES_ALL, "source": cpu(level=3), "target": cpu(level=3)},
    ),
    Broken(
        "cpu-features",
        BLOCKS,
        "web-1 uses 1 of 2 CPU features that beta lacks: avx512f",
        {"needs": GuestNeeds(cpu_features={"aes", "avx512f"}), "target": cpu("aes")},
        {"needs": GuestNeeds(cpu_features={"aes", "avx512f"}), "target": cpu("aes", "avx512f", "avx2")},
    ),
    Broken(
        "cpu-features",
        BLOCKS,
        "lacks: avx2",
        {"needs": SEES_ALL, "source": cpu("aes", "avx2"), "target": cpu("aes")},
        {"source": cpu("aes", "avx2"), "target": cpu("aes")},
    ),
    Broken(
        "cpu-extra-features",
        WARNS,
        "beta has 1 CPU features that alpha has not (avx2)",
        {"needs": SEES_ALL, "source": cpu("aes"), "target": cpu("aes", "avx2")},
        {"source": cpu("aes"), "target": cpu("aes", "avx2")},
    ),
    Broken(
        "cpu-extra-features",
        BLOCKS,
        "beta has aes, which alpha has not: vSphere refuses that",
        {"policy": PolicyName.VMOTION, "needs": SEES_ALL, "source": cpu("x"), "target": cpu("x", "aes")},
        {"policy": PolicyName.VMOTION, "needs": SEES_ALL, "source": cpu("x"), "target": cpu("x")},
    ),
    Broken(
        "cpu-model",
        WARNS,
        "a Xeon 4110, and beta has a EPYC 7302",
        {"needs": SEES_ALL, "source": cpu(model="Xeon 4110"), "target": cpu(model="EPYC 7302")},
        {"source": cpu(model="Xeon 4110"), "target": cpu(model="EPYC 7302")},
    ),
]
