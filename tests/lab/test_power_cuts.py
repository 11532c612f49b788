"""A power failure at any moment leaves a whole document, and all work but the command in flight."""

import random

import pytest

from tests.durability.power import cut, power_supply

# Needs a disk that can be copied in an instant, which only an administrator can make.
pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]


def test_a_power_cut_costs_the_command_in_flight_at_most() -> None:
    with power_supply() as disks:
        found = [cut(disks, random.uniform(0, 1.5)) for _ in range(4)]
    assert len(found) == 4
