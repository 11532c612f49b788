"""Why there is no placement: a smallest set of rules that can't be kept together, by name.

Rules are left out one after the other, in large pieces first; one that may be left out and there still is no placement
has no part in the conflict. Without any one of those that remain there is a placement.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

Each = TypeVar("Each")


def smallest_conflict(
    requirements: Sequence[Each], can_be_kept: Callable[[tuple[Each, ...]], bool]
) -> tuple[Each, ...]:
    """A set of requirements that can't be kept, each of whose smaller sets can; empty when not even none can be."""
    if not can_be_kept(()):
        return ()
    conflict = tuple(requirements)
    size = max(1, len(conflict) // 2)
    while True:
        start = 0
        while start < len(conflict):
            rest = conflict[:start] + conflict[start + size :]
            if can_be_kept(rest):
                start += size
            else:
                conflict = rest
        if size == 1:
            return conflict
        size = size // 2
