"""How many pre-copy scenarios a second the vectorised model works through, on one core.

    python tests/perf/scenarios.py [--json] [--n 1000000] [--all-patterns]

Random profiles of four pieces, one of them memory that was never touched, QEMU's policy, up to 30 rounds. Patterns are
uniform, sequential and hot/cold; with --all-patterns Zipf, power laws and a measured curve too.
"""

import argparse
import json
import resource
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from vmplanner.domain.machines import MeasuredCurve
from vmplanner.domain.quantities import MIB
from vmplanner.simulation.scenarios import Outcomes, PatternCode, Scenarios, pre_copy_outcomes

ROUNDS = 30
RUNS = 3
SIMPLE = (PatternCode.UNIFORM, PatternCode.SEQUENTIAL, PatternCode.HOT_COLD)
CURVE = MeasuredCurve([(0.05, 40), (0.5, 300), (5, 900), (60, 1500)])


def random_scenarios(count: int, seed: int = 1, pieces: int = 4, patterns: Sequence[PatternCode] = SIMPLE) -> Scenarios:
    """Guests of some 10 MiB to 4 GiB on links of 0.25 to 10 Gbit/s; one in three pieces is not written at all."""
    dice = np.random.default_rng(seed)
    shape = (count, pieces)
    zero_share = dice.choice([0.0, 0.0, 0.3], shape)
    writes_per_s = 10 ** dice.uniform(0, 4.5, shape) * (dice.random(shape) < 2 / 3)
    zero_share[:, -1], writes_per_s[:, -1] = 1.0, 0.0
    return Scenarios(
        pages=np.floor(2 ** dice.uniform(8, 18, shape)),
        writes_per_s=writes_per_s,
        pattern=dice.choice(list(patterns), shape),
        zero_share=zero_share,
        hot_size_share=dice.uniform(0.02, 0.5, shape),
        hot_write_share=dice.uniform(0.5, 1.0, shape),
        exponent=np.random.default_rng(seed).uniform(0.3, 1.0, shape),
        curve=np.zeros(shape, dtype=np.intp),
        curves=(CURVE,),
        bandwidth_bytes_per_s=10 ** dice.uniform(7.5, 9.1, count),
        max_bandwidth_bytes_per_s=dice.choice([np.inf, 32 * MIB, 64 * MIB, 128 * MIB], count),
        downtime_limit_s=dice.uniform(0.1, 0.5, count),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--n", type=int, default=1_000_000, help="number of scenarios")
    parser.add_argument("--all-patterns", action="store_true", help="with the patterns that take longer, too")
    options = parser.parse_args()
    scenarios = random_scenarios(options.n, patterns=list(PatternCode) if options.all_patterns else SIMPLE)
    seconds = []
    for _ in range(RUNS):
        began = time.perf_counter()
        outcomes = pre_copy_outcomes(scenarios, max_rounds=ROUNDS)
        seconds.append(time.perf_counter() - began)
    report(options.n / statistics.median(seconds), outcomes, as_json=options.json)


def report(scenarios_per_s: float, outcomes: Outcomes, *, as_json: bool) -> None:
    figures = {
        "scenarios_per_s": round(scenarios_per_s),
        "scenarios": len(outcomes.rounds),
        "converged": round(float(outcomes.converged.mean()), 4),
        "mean_rounds": round(float(outcomes.rounds.mean()), 2),
        "peak_memory_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    if as_json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name.replace('_', ' '):>16}  {value:,}")


if __name__ == "__main__":
    main()
