"""The one family of errors that a person can do something about.

Everything below `PlannerError` carries a sentence for the user: what is wrong, where, and what to do. Any other
exception that reaches a user is a bug.
"""


class PlannerError(Exception):
    """Something that the user can mend; `str(error)` is the sentence to show."""


class InvalidValue(PlannerError, ValueError):
    """A value that a domain object refuses.

    `what` names the thing ("host 'alpha'"), `field` the field as a person reads it ("memory"), `why` the reason.
    """

    def __init__(self, what: str, field: str, why: str) -> None:
        super().__init__(f"{what}: {field} {why}")
        self.what = what
        self.field = field
        self.why = why
