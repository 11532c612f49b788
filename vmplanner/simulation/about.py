"""What a person must know of a value of a policy to set another in its place: kept in the metadata of its field."""

from typing import Any

from attrs import Attribute, frozen

from vmplanner.domain.quantities import Quantity

_KEY = "about"


@frozen
class About:
    """A value's name, what it means, and from where to where it can go (base units of `quantity`). With `if_used`, a
    policy that has 0 there has no such value.
    """

    label: str
    meaning: str
    quantity: Quantity
    at_least: float
    at_most: float
    if_used: bool


def about(
    label: str,
    quantity: Quantity,
    meaning: str,
    *,
    at_least: float = 0.0,
    at_most: float,
    if_used: bool = False,
) -> dict[Any, Any]:
    """The metadata of a field that a user may set."""
    return {_KEY: About(label, meaning, quantity, at_least, at_most, if_used)}


def about_of(attribute: "Attribute[Any]") -> About | None:
    """What there is to know of a field; None for one that nobody may set."""
    found = attribute.metadata.get(_KEY)
    assert found is None or isinstance(found, About)
    return found
