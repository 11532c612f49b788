"""Corrupted project files never harm. `python tests/durability/fuzz_projects.py` opens 20,000."""

import random
from pathlib import Path

import pytest

from tests.durability.fuzz_projects import fuzz


@pytest.mark.timeout(300)
def test_a_corrupted_file_gives_a_project_or_a_sentence(tmp_path: Path) -> None:
    outcomes = fuzz(300, random.randrange(10**6), tmp_path)
    assert outcomes.total() == 300
    assert outcomes["refused with a sentence"] > 100
