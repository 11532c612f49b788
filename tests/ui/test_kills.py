"""A process that is killed at any moment leaves a whole document, and all work but the command in flight.

`python tests/durability/kills.py` does the same three hundred times.
"""

import random

import pytest

from tests.durability.kills import kill_some


@pytest.mark.timeout(300)
def test_a_killed_process_costs_the_command_in_flight_at_most() -> None:
    found = kill_some(15, random.randrange(10**6), at_once=3)
    assert len(found) == 15
    assert any(each.was_recovered for each in found)
    assert sum(each.commands for each in found) > 50
