"""Links as people name them: by their ends."""

from collections import Counter

from vmplanner.domain.project import Project


def link_names(project: Project) -> dict[str, str]:
    """'alpha - core' by the link's id, with the id where several links have the same ends."""
    ends = {link.id: frozenset((link.end_a_id, link.end_b_id)) for link in project.links.values()}
    parallel = Counter(ends.values())
    names = {}
    for link in project.links.values():
        a, b = (node.name if (node := project.node(end)) else end for end in (link.end_a_id, link.end_b_id))
        names[link.id] = f"{a} - {b} ({link.id})" if parallel[ends[link.id]] > 1 else f"{a} - {b}"
    return names
