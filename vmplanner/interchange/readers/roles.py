"""What a device of a network plan is for vmplanner: a host, a switch or a storage, told by words that people use."""

import re
from typing import Literal

Kind = Literal["host", "switch", "storage"]
_WORDS: dict[Kind, str] = {
    "storage": "storage nas san array filer datastore",
    "switch": "switch router firewall leaf spine tor core access distribution aggregation gateway",
    "host": "host server hypervisor compute node esx esxi kvm xen blade",
}


def kind_of(role: str) -> Kind | None:
    """The kind that a role such as 'Access Switch' stands for; None for one that is neither, such as 'PDU'."""
    words = set(re.split(r"[^a-z0-9]+", role.casefold()))
    words |= {word[:-1] for word in words if word.endswith("s") and len(word) > 4}
    words |= {word[:-2] for word in words if word.endswith("es") and len(word) > 4}
    return next((kind for kind, known in _WORDS.items() if words & set(known.split())), None)
