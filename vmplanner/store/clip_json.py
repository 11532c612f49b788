"""A copied part of a project as text on the clipboard: the same JSON as a whole project's, which other programs read.

Besides the tables there is "context": the ids of things that were not copied, and are there because others name them.
What is pasted may come from anywhere, so all of it is checked.
"""

import json
from typing import Any

from vmplanner.domain.clips import Clip
from vmplanner.domain.errors import PlannerError
from vmplanner.store import project_json

CONTEXT = "context"
_MOST_CHARACTERS = project_json.MOST_BYTES


def as_json(clip: Clip) -> str:
    """The clip as JSON."""
    value: dict[str, Any] = json.loads(project_json.as_json(clip.part))
    value["tables"] = {table: rows for table, rows in value["tables"].items() if rows}
    return json.dumps({**value, CONTEXT: sorted(clip.context)}, indent=1)


def clip_of_json(text: str) -> Clip:
    """The clip that text describes; a whole project is one too. Raises PlannerError for any other text."""
    if len(text) > _MOST_CHARACTERS:
        raise PlannerError("The clipboard holds too much to be pasted here; open it as a file instead")
    if f'"{project_json.KEY}"' not in text[:200]:
        raise PlannerError("The clipboard holds nothing that can be pasted here; copy hosts or VMs first")
    try:
        part = project_json.project_of_json(text)
    except PlannerError as error:
        raise PlannerError(f"What the clipboard holds can't be pasted: {error}") from error
    context = json.loads(text).get(CONTEXT, [])
    if not isinstance(context, list) or not all(isinstance(each, str) for each in context):
        raise PlannerError(
            f'What the clipboard holds can\'t be pasted: "{CONTEXT}" must be a list of ids; copy it again'
        )
    return Clip(part, frozenset(each for each in context if part.node(each) is not None))
