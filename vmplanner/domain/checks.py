"""The attrs validators of the domain: each refuses a value with a sentence that names the thing and the field."""

import math
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from attrs import Attribute

from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.quantities import BYTES, BYTES_PER_S, PAGES_PER_S, format_duration, grouped

Validator = Callable[[Any, "Attribute[Any]", Any], None]

MAX_NAME_LENGTH = 200
_NO_LIMIT = 2**62
_SPELLED = {
    "vms": "VMs",
    "vcpus": "vCPUs",
    "cpu use": "CPU use",
    "cpu level": "CPU level",
    "numa node": "NUMA node",
    "numa nodes": "NUMA nodes",
    "free 2mib pages": "free 2 MiB pages",
    "free 1gib pages": "free 1 GiB pages",
}
_UNITS: dict[str, Callable[[float], str]] = {
    "_pages_per_s": PAGES_PER_S.format,
    "_bytes_per_s": BYTES_PER_S.format,
    "_bytes": BYTES.format,
    "_s": format_duration,
}


def describe(thing: object) -> str:
    """How an error names a thing: its class and, where it has one, its name."""
    kind = type(thing).__name__
    name = getattr(thing, "name", None)
    return f"{kind} '{name}'" if isinstance(name, str) and name else kind


@cache
def label(attribute_name: str) -> str:
    """A field as a person reads it: without its unit suffix and underscores."""
    suffix = next((suffix for suffix in (*_UNITS, "_id") if attribute_name.endswith(suffix)), "")
    words = attribute_name.removesuffix(suffix).replace("_", " ")
    return _SPELLED.get(words, words)


def shown(attribute_name: str, value: float) -> str:
    """A value of a field as a person reads it: with the unit that the field's name ends in."""
    if not value:
        return "0"
    for suffix, written in _UNITS.items():
        if attribute_name.endswith(suffix):
            return written(value)
    return grouped(value) if isinstance(value, int) else f"{value:g}"


def number(*, above: float | None = None, at_least: float | None = None, at_most: float | None = None) -> Validator:
    """A finite number inside the bounds."""

    def check(thing: object, attribute: "Attribute[Any]", value: object) -> None:
        field = label(attribute.name)
        say = partial(shown, attribute.name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise InvalidValue(describe(thing), field, f"must be a number, not {value!r}")
        if above is not None and value <= above:
            raise InvalidValue(describe(thing), field, f"must be more than {say(above)}, not {say(value)}")
        if at_least is not None and value < at_least:
            raise InvalidValue(describe(thing), field, f"must be at least {say(at_least)}, not {say(value)}")
        if at_most is not None and value > at_most:
            raise InvalidValue(describe(thing), field, f"must be at most {say(at_most)}, not {say(value)}")

    return check


def whole(*, at_least: int, at_most: int = _NO_LIMIT) -> Validator:
    """A whole number inside the bounds."""

    def check(thing: object, attribute: "Attribute[Any]", value: object) -> None:
        field = label(attribute.name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidValue(describe(thing), field, f"must be a whole number, not {value!r}")
        if not at_least <= value <= at_most:
            say = partial(shown, attribute.name)
            limits = f"between {say(at_least)} and {say(at_most)}"
            if at_most == _NO_LIMIT and value < at_least:
                limits = f"at least {say(at_least)}"
            raise InvalidValue(describe(thing), field, f"must be {limits}, not {say(value)}")

    return check


def text(*, may_be_empty: bool = False) -> Validator:
    """Text of one line, not empty unless said."""

    def check(thing: object, attribute: "Attribute[Any]", value: object) -> None:
        kind, field = type(thing).__name__, label(attribute.name)
        if not isinstance(value, str):
            raise InvalidValue(kind, field, f"must be text, not {value!r}")
        if not may_be_empty and not value.strip():
            raise InvalidValue(kind, field, "must not be empty")
        if len(value) > MAX_NAME_LENGTH:
            raise InvalidValue(kind, field, f"must have at most {MAX_NAME_LENGTH} characters, not {len(value)}")
        if not value.isprintable() and any(character < " " or character == "\x7f" for character in value):
            raise InvalidValue(kind, field, "must not hold control characters or line breaks")

    return check


def one_of(kind: type) -> Validator:
    """A value of one class (an enumeration, or another domain value)."""

    def check(thing: object, attribute: "Attribute[Any]", value: object) -> None:
        if not isinstance(value, kind):
            raise InvalidValue(describe(thing), label(attribute.name), f"must be a {kind.__name__}, not {value!r}")

    return check
