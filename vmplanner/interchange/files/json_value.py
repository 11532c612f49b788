"""JSON as values, and the few questions that readers ask of values of which nothing is sure."""

import json
from typing import Any, NoReturn

from vmplanner.domain.errors import PlannerError
from vmplanner.interchange.inventory import MOST_THINGS, brief

# Empty objects in a list take some thirty times their text in memory.
MOST_CHARACTERS = 8 * 1024**2


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def json_of(text: str) -> Any:
    """The value. Raises PlannerError for what is no JSON, or too large."""
    if len(text) > MOST_CHARACTERS:
        raise PlannerError(f"it has more than {MOST_CHARACTERS // 1024**2} million characters; export it in parts")
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise PlannerError("its values are nested too deep; export it again") from None
    except ValueError as error:
        raise PlannerError(f"it is not JSON ({brief(error)}); export it again") from None


def record(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def records(value: Any) -> list[dict[str, Any]]:
    """The objects of a list. Raises PlannerError for more than anyone has."""
    if isinstance(value, list) and len(value) > MOST_THINGS:
        raise PlannerError(f"it lists more than {MOST_THINGS:,} things; export it in parts")
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text_of(value: Any) -> str:
    """Text or a number as text; "" for anything else. JSON can hold halves of characters, which no file can."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return str(value).encode("utf-8", "replace").decode()


def whole_of(value: Any, times: int = 1) -> int | None:
    """A number of at least 0, or text that is one, `times` something as a whole number; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if isinstance(value, str) and len(value) > 30:
        return None
    try:
        number = float(value) * times
        return round(number) if 0 <= number < 2**62 else None
    except (ValueError, OverflowError):
        return None
