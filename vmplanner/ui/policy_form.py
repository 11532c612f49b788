"""The values of a host's policy: folded away until asked for, since the policy's own are good for most hosts."""

from PySide6.QtWidgets import QPushButton

from vmplanner.domain import edits
from vmplanner.domain.topology import Host
from vmplanner.simulation.policies import POLICIES
from vmplanner.simulation.policy_values import PolicyValue, misfits, values_of, with_value
from vmplanner.ui.document import Document
from vmplanner.ui.fields import QuantityField
from vmplanner.ui.folded import Folded
from vmplanner.ui.forms import Form, Row, Subject
from vmplanner.ui.labels import WrappedLabel


class PolicyForm(Folded):
    """A line that says whether values were set, and when opened a field for each; an empty one is the policy's own."""

    def __init__(self, document: Document, subject: Subject, opened: set[str]) -> None:
        super().__init__("Policy values", opened)
        self._subject = subject
        host: Host = subject.read()
        self._form = Form(document, subject, [value_row(value) for value in values_of(POLICIES[host.policy])])
        self._reset = QPushButton("Back to the defaults")
        self._reset.clicked.connect(lambda: document.push(edits.reset_policy_values(document.project, host.id)))
        note = WrappedLabel(
            "An empty field has the default; where that is assumed, nobody has published it. Moves follow the values "
            "of the host that they leave."
        )
        note.setProperty("role", "muted")
        for widget in (note, self._form, self._reset):
            self.body.addWidget(widget)
        self.refresh()

    def refresh(self) -> None:
        host: Host | None = self._subject.read()
        if host is None:
            return
        wrong = misfits(host)
        count = len(host.policy_values)
        told = f"{count} set for this host" if count else f"Those of {host.policy.label}"
        self.tell(f"{told}; {wrong[0].field} {wrong[0].why}" if wrong else told)
        self._reset.setEnabled(bool(count))
        self._form.refresh()


def value_row(value: PolicyValue) -> Row:
    """A line for one value of a policy."""
    about = value.about
    default = value.shown(value.default) if value.default else "none"
    field = QuantityField(
        about.label,
        about.quantity,
        whole=value.is_whole,
        empty=f"{default} ({'assumed' if value.is_assumed else 'default'})",
        tip=f"{about.meaning}\nEmpty: the default, {default}\nIts source: {value.source}",
    )
    return Row(
        about.label,
        field,
        lambda host: dict(host.policy_values).get(value.name),
        lambda host, typed: with_value(host, value.name, typed),
    )
