"""The choice of an order in which moves start, by the names of the list rules."""

from vmplanner.planning.scheduling.lists import ListRule
from vmplanner.ui.fields import ChoiceField

RULES: tuple[tuple[ListRule | None, str], ...] = (
    (None, "Soonest"),
    *((rule, f"{rule.value[:1].upper()}{rule.value[1:]}") for rule in ListRule),
)
SOONEST = "tries several orders, and takes the one that is done first"


def rule_field() -> ChoiceField:
    """Emits the rule, or None for the soonest."""
    tip = "\n".join(f"{title}: {rule.explanation if rule else SOONEST}" for rule, title in RULES)
    return ChoiceField("Order of the moves", RULES, tip)
