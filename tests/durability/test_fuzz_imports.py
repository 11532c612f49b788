"""Corrupted imports never harm. `python tests/durability/fuzz_imports.py` reads 20,000."""

import random
from pathlib import Path

from tests.durability.fuzz_imports import fuzz


def test_a_corrupted_import_gives_an_inventory_or_a_sentence(tmp_path: Path) -> None:
    outcomes = fuzz(400, random.randrange(10**6), tmp_path)
    assert outcomes.total() == 400
    assert outcomes["refused with a sentence"] > 20
    assert outcomes["read, with problems told"] > 100
