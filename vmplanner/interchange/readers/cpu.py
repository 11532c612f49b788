"""What a hypervisor says of a host's processor, as the domain has it."""

import re

from vmplanner.domain.platform import Cpu, CpuVendor

# The flags that each level of the x86-64 psABI adds, as Linux spells them.
_LEVELS = (
    frozenset({"cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"}),
    frozenset({"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "xsave"}),
    frozenset({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}),
)
_TYPE_LEVEL = re.compile(r"x86-64-v([1-4])")


def level_of_flags(flags: frozenset[str]) -> int:
    """The x86-64 level of a processor with all of these flags; 0 when there are none."""
    if not flags:
        return 0
    level = 1
    for needed in _LEVELS:
        if not needed <= flags:
            break
        level += 1
    return level


def level_of_type(cpu_type: str) -> int:
    """The level in a CPU type of QEMU such as 'x86-64-v2-AES'; 0 for others."""
    match = _TYPE_LEVEL.match(cpu_type)
    return int(match[1]) if match else 0


def cpu_of(model: str, vendor: str = "", flags: str = "") -> Cpu:
    """The processor; vendor from its own field ('GenuineIntel') or else from the model's name."""
    named = f"{vendor} {model}".casefold()
    known = CpuVendor.INTEL if "intel" in named else CpuVendor.AMD if "amd" in named else None
    features = frozenset(flag for flag in flags.split()[:1000] if len(flag) <= 40 and flag.isprintable())
    model = " ".join(model.split())[:200]
    return Cpu(known, model if model.isprintable() else "", level_of_flags(features), features)


def version_in(text: str) -> str:
    """The first version number in a text: '7.0.3' of 'VMware ESXi 7.0.3 build-19193900'; "" when there is none."""
    match = re.search(r"[0-9]{1,9}(?:\.[0-9]{1,9})+", text[:300])
    return match.group() if match else ""
