"""JSON as values, and the few questions that readers ask of values of which nothing is sure."""

import json
from typing import Any, NoReturn

from vmplanner.domain.errors import PlannerError
from vmplanner.interchange.inventory import brief

MOST_CHARACTERS = 16 * 1024**2


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
    """The objects of a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text_of(value: Any) -> str:
    """Text or a number as text; "" for anything else."""
    return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""


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
