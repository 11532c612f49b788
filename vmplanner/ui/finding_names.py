"""Everything in a project that has a name, and which of it a few typed letters mean. Knows nothing of Qt."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from attrs import frozen

from vmplanner.domain.project import Project
from vmplanner.ui.names import ARROW

Named = TypeVar("Named")


@frozen
class Name:
    """`ids` are what is selected for it: a group stands for its hosts and VMs."""

    name: str
    kind: str
    ids: tuple[str, ...]


def names(project: Project) -> list[Name]:
    """The names of hosts, VMs, switches, storages, groups, links and planned moves."""
    found = [Name(host.name, "Host", (host.id,)) for host in project.hosts.values()]
    found += [Name(machine.name, "VM", (machine.id,)) for machine in project.machines.values()]
    found += [Name(switch.name, "Switch", (switch.id,)) for switch in project.switches.values()]
    found += [Name(storage.name, "Storage", (storage.id,)) for storage in project.storages.values()]
    for group in project.groups.values():
        ids = project.hosts_in([group.id]) or project.machines_in([group.id])
        if ids:
            found.append(Name(group.name, group.kind.value.capitalize(), tuple(ids)))
    for link in project.links.values():
        ends = [node.name for end in (link.end_a_id, link.end_b_id) if (node := project.node(end)) is not None]
        found.append(Name(" - ".join(ends), "Link", (link.id,)))
    for move in project.plan.migrations:
        name = f"{project.machines[move.vm_id].name} {ARROW} {project.hosts[move.target_id].name}"
        found.append(Name(name, "Planned move", (move.id,)))
    return found


def matching(typed: str, named: Iterable[tuple[str, Named]]) -> list[Named]:
    """Those whose text has each typed word, the best first: whole texts, then beginnings, then words that begin so,
    then words with the letters anywhere, then letters in their order.
    """
    words = typed.casefold().split()
    scored = [(score, place, each) for place, (text, each) in enumerate(named) if (score := _score(words, text)) > 0]
    return [each for _score, _place, each in sorted(scored, key=lambda found: (-found[0], found[1]))]


def _score(words: Sequence[str], text: str) -> int:
    """How well a text fits; 0: not at all."""
    text = text.casefold()
    if " ".join(words) == text:
        return 100 * len(words) + 100
    scores = [_word_score(word, text) for word in words]
    return sum(scores) if scores and all(scores) else 0


def _word_score(word: str, text: str) -> int:
    if text.startswith(word):
        return 80
    at = text.find(word)
    if at > 0:
        return 60 if not text[at - 1].isalnum() else 40
    letters = iter(text)
    return 10 if len(word) > 2 and all(letter in letters for letter in word) else 0
