"""What changed in the inputs between two runs."""

from collections.abc import Iterator

from attrs import frozen

from vmplanner.domain.inputs import Inputs
from vmplanner.domain.results import Run

ABSENT = "-"


@frozen
class InputChange:
    """One property of a thing before and after; ABSENT where one of them does not have it."""

    thing: str
    property: str
    before: str
    after: str


def changes(before: Inputs, after: Inputs) -> list[InputChange]:
    """All that differs, in the order of the inputs. A thing that is only in one of them is one change."""
    return list(_changes(before, after))


def _changes(before: Inputs, after: Inputs) -> Iterator[InputChange]:
    for thing in dict.fromkeys((*before, *after)):
        if thing not in before or thing not in after:
            there = tuple("there" if thing in inputs else ABSENT for inputs in (before, after))
            yield InputChange(thing, "", *there)
            continue
        old, new = before[thing], after[thing]
        for name in dict.fromkeys((*old, *new)):
            if old.get(name) != new.get(name):
                yield InputChange(thing, name, old.get(name, ABSENT), new.get(name, ABSENT))


def inputs_seen(run: Run) -> Inputs:
    """What the results of a run tell of its inputs: all that is known of one whose inputs were not kept."""
    return {
        f"move of {result.vm}": {
            "way": f"{result.source} → {result.target}",
            "technique": result.technique.value,
            "hypervisor": result.policy.label,
        }
        for result in run.results
    }
