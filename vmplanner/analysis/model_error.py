"""How far a predicted total time may be off, for an estimate to say so: by the shipped measured migrations."""

from functools import cache

from vmplanner.analysis.measured_runs import shipped_runs
from vmplanner.analysis.validate import Summary, validate


@cache
def measured_error() -> Summary:
    """The errors of the predictions of all shipped measured runs that can judge one. The first call predicts them all,
    which takes some tenths of a second.
    """
    return validate(shipped_runs()).overall
