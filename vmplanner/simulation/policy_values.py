"""The values of a policy that a user may set otherwise for one host, and the policy with what was set.

Which they are, what they mean and what they can be stands with the fields of Policy (policy.py) and of its stop
rule (stop_rules.py).
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from attrs import evolve, fields, fields_dict, frozen

from vmplanner.domain import checks
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.topology import Host, PolicyName
from vmplanner.simulation.about import About, about_of
from vmplanner.simulation.policies import POLICIES
from vmplanner.simulation.policy import Policy
from vmplanner.simulation.policy_sources import ASSUMED, SOURCES
from vmplanner.simulation.stop_rules import StopRule


@frozen
class PolicyValue:
    """A value that a user may set: the name of its field, what the policy itself has there (base units), and where
    that is from.
    """

    name: str
    about: About
    default: float
    is_whole: bool
    source: str

    @property
    def is_assumed(self) -> bool:
        return self.source.startswith(ASSUMED)

    def shown(self, value: float) -> str:
        """A value as a person reads it."""
        return self.about.quantity.format(value, digits=4)


def values_of(policy: Policy) -> tuple[PolicyValue, ...]:
    """What can be set for a host with this policy, its stop rule's values first."""
    return tuple(chain(_values_in(policy.stop, policy.name), _values_in(policy, policy.name)))


def policy_of(host: Host) -> Policy:
    """The policy of a host, with the values that were set for it. Raises InvalidValue for one that it can't have."""
    policy = POLICIES[host.policy]
    values: dict[str, Any] = {name: _checked(host, name, value) for name, value in host.policy_values}
    of_stop = {name: values.pop(name) for name in fields_dict(type(policy.stop)) if name in values}
    return evolve(policy, stop=evolve(policy.stop, **of_stop), **values)


def with_value(host: Host, name: str, value: float | None) -> Host:
    """The host with another value of its policy; None gives the policy's own back. Raises InvalidValue."""
    return host.with_policy_value(name, None if value is None else _checked(host, name, value))


def misfits(host: Host) -> tuple[InvalidValue, ...]:
    """What is wrong with the values that were set for a host: its policy may have changed since, or a file have bad
    ones.
    """
    return tuple(refusal for name, value in host.policy_values if (refusal := _refusal(host, name, value)))


def fitting(host: Host) -> Host:
    """The host without the values that its policy can't have."""
    return evolve(host, policy_values=[pair for pair in host.policy_values if _refusal(host, *pair) is None])


def _values_in(part: Policy | StopRule, policy: PolicyName) -> Iterator[PolicyValue]:
    for attribute in fields(type(part)):
        about, own = about_of(attribute), getattr(part, attribute.name)
        if about is not None and (own or not about.if_used):
            source = SOURCES[policy][attribute.name]
            yield PolicyValue(attribute.name, about, own, is_whole=attribute.type is int, source=source)


def _checked(host: Host, name: str, value: float) -> float:
    refusal = _refusal(host, name, value)
    if refusal is not None:
        raise refusal
    return round(value) if float(value).is_integer() else value


def _refusal(host: Host, name: str, value: float) -> InvalidValue | None:
    """Why a host can't have a value, if it can't."""
    found = next((each for each in values_of(POLICIES[host.policy]) if each.name == name), None)
    if found is None:
        return InvalidValue(checks.describe(host), checks.label(name), f"is no value of {host.policy.label}")
    about, words = found.about, found.about.label.lower()
    if not about.at_least <= value <= about.at_most:
        limits = f"between {found.shown(about.at_least)} and {found.shown(about.at_most)}"
        return InvalidValue(checks.describe(host), words, f"must be {limits}, not {found.shown(value)}")
    if found.is_whole and not float(value).is_integer():
        return InvalidValue(checks.describe(host), words, f"must be a whole number, not {value:g}")
    return None
