"""How time stacks are looked at: every choice in one value, so that a screen, a file and a report show the same."""

from enum import StrEnum

from attrs import frozen


class Split(StrEnum):
    """What the parts of a stack stand for."""

    PHASE = "phase"
    PIECE = "piece"
    ROUND = "round"
    PHASE_PIECE = "phase x piece"


class Measure(StrEnum):
    """What the length of a part says: seconds, bytes, its share (0 to 1) of the migration's total time, or the seconds
    in which the guest executes nowhere.
    """

    SECONDS = "seconds"
    BYTES = "bytes"
    SHARE = "share"
    DOWNTIME = "downtime"


class Grouping(StrEnum):
    """What one stack stands for: a migration, or all that have something in common."""

    MIGRATION = "migration"
    VM = "VM"
    SOURCE = "source"
    TARGET = "target"
    TECHNIQUE = "technique"
    RUN = "run"
    PROFILE = "profile"


class Sorting(StrEnum):
    """In what order the stacks are."""

    PLAN = "plan order"
    LONGEST = "longest first"
    NAME = "name"
    DOWNTIME = "downtime"


@frozen
class View:
    """`is_log` draws downtimes on a logarithmic axis; other measures have no such axis. With `has_panels` each run has
    a column of its own beside the others (small multiples) instead of a row below; `has_patterns` tells the parts apart
    by patterns besides colours, for print.
    """

    split: Split = Split.PHASE
    measure: Measure = Measure.SECONDS
    group: Grouping = Grouping.MIGRATION
    order: Sorting = Sorting.PLAN
    is_vertical: bool = False
    is_log: bool = False
    has_panels: bool = False
    has_patterns: bool = False

    @property
    def has_log_axis(self) -> bool:
        return self.is_log and self.measure is Measure.DOWNTIME


USUAL = View()
