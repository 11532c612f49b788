"""The fields of a planned move: its target, its technique, its limits, and what may help the technique."""

from typing import Any

from attrs import evolve
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from vmplanner.domain import edits
from vmplanner.domain.plans import Compression, Migration, Options, Technique
from vmplanner.domain.quantities import BYTES, BYTES_PER_S, SECONDS, SHARE
from vmplanner.simulation.policies import Policy, Switchover, Threshold
from vmplanner.simulation.policy_values import fitting, policy_of
from vmplanner.ui.document import Document
from vmplanner.ui.fields import ChoiceField, Field, QuantityField, WholeField
from vmplanner.ui.forms import Form, Row, Subject, row
from vmplanner.ui.glossary import meaning

TECHNIQUE_TITLES = {
    Technique.PRE_COPY: "Pre-copy (live)",
    Technique.STOP_AND_COPY: "Stop-and-copy",
    Technique.POST_COPY: "Post-copy",
    Technique.HYBRID: "Hybrid: pre-copy, then post-copy",
    Technique.CHECKPOINT: "Checkpoint + good memory",
}
_ON_OFF = ((False, "Off"), (True, "On"))


class MigrationForm(QWidget):
    """Shows the fields that the migration's technique and the source's hypervisor have."""

    def __init__(self, document: Document, migration_id: str, subject: Subject) -> None:
        super().__init__()
        self._document = document
        self._subject = subject
        self._shown: tuple[Technique, Policy, Options] | None = None
        self._form: Form | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(10)
        remove = QPushButton("Remove planned move")
        remove.clicked.connect(lambda: document.push(edits.delete(document.project, [migration_id])))
        self._layout.addWidget(remove)
        self.refresh()

    def refresh(self) -> None:
        """Follow the document; other fields are built where the technique or the hypervisor is another."""
        migration: Migration | None = self._subject.read()
        if migration is None:
            return
        policy = self._policy(migration)
        wanted = migration.technique, policy, migration.options
        if wanted != self._shown:
            self._shown = wanted
            if self._form is not None:
                self._layout.removeWidget(self._form)
                self._form.hide()
                self._form.deleteLater()
            self._form = Form(self._document, self._subject, self._rows(migration, policy))
            self._layout.insertWidget(0, self._form)
        assert self._form is not None
        self._form.refresh()

    def _policy(self, migration: Migration) -> Policy:
        project = self._document.project
        return policy_of(fitting(project.hosts[project.machines[migration.vm_id].host_id]))

    def _rows(self, migration: Migration, policy: Policy) -> list[Row]:
        project = self._document.project
        source_id = project.machines[migration.vm_id].host_id
        others = sorted((host for host in project.hosts.values() if host.id != source_id), key=lambda host: host.name)
        # A technique that this hypervisor lacks stays in the list while it is the chosen one, so that it can be seen.
        offered = [
            (t, title) for t, title in TECHNIQUE_TITLES.items() if t in policy.offers or t is migration.technique
        ]
        rows = [
            row("Target", "target_id", ChoiceField("Target host", [(host.id, host.name) for host in others])),
            row("Technique", "technique", ChoiceField("Technique", offered, meaning("pre-copy", "stop-and-copy"))),
            row(
                "Bandwidth cap", "max_bandwidth_bytes_per_s", _rate("Bandwidth cap", "What the sender may use at most")
            ),
        ]
        if isinstance(policy.stop, (Threshold, Switchover)):
            default = f"{SECONDS.format(policy.stop.downtime_limit_s)} (default)"
            limit = QuantityField(
                "Downtime limit", SECONDS, empty=default, tip="The pause that the hypervisor aims for"
            )
            rows.append(row("Downtime limit", "downtime_limit_s", limit))
        tip = "A migration that is not done by then is given up; the VM stays where it is"
        rows.append(row("Give up after", "time_limit_s", QuantityField("Time limit", SECONDS, empty="never", tip=tip)))
        if migration.technique is Technique.CHECKPOINT:
            rows += _checkpoint_rows(migration.options)
        if policy.offers_options:
            rows += _option_rows(migration)
        return rows


def _rate(name: str, tip: str) -> QuantityField:
    return QuantityField(name, BYTES_PER_S, empty="no cap", tip=tip)


def _option(label: str, attribute: str, field: Field) -> Row:
    """A line for one of the migration's options."""

    def written(migration: Migration, value: Any) -> Migration:
        return evolve(migration, options=evolve(migration.options, **{attribute: value}))

    return Row(label, field, lambda migration: getattr(migration.options, attribute), written)


def _checkpoint_rows(options: Options) -> list[Row]:
    age_tip = "How long before the rest moves the checkpoint is taken; empty: no checkpoint, good memory only"
    drop_tip = "The guest gives up page cache that nobody writes to, and reads it again from disk later"
    rows = [
        _option("Checkpoint", "checkpoint_age_s", QuantityField("Checkpoint age", SECONDS, empty="none", tip=age_tip)),
        _option("At most at", "checkpoint_bytes_per_s", _rate("Checkpoint rate", "A slow checkpoint spares the guest")),
        _option("Drop cache", "drop_cache", ChoiceField("Drop page cache", _ON_OFF, drop_tip)),
    ]
    if options.drop_cache or options.cache_read_bytes_per_s is not None:
        read_tip = "How fast the guest's disk gives back the cache that was dropped, after the move"
        reads = QuantityField("Cache read rate", BYTES_PER_S, empty="not counted", tip=read_tip)
        rows.append(_option("Reads it at", "cache_read_bytes_per_s", reads))
    return rows


def _option_rows(migration: Migration) -> list[Row]:
    """The options of QEMU that the technique can use, and any other that is set, so that nothing acts unseen."""
    options, technique = migration.options, migration.technique
    live = technique in (Technique.PRE_COPY, Technique.HYBRID, Technique.CHECKPOINT)
    after_switch = technique in (Technique.POST_COPY, Technique.HYBRID)
    rows = []
    if technique is Technique.HYBRID:
        tip = "After so many rounds the guest goes on at the target"
        rows.append(_option("Switch after", "switch_after_rounds", WholeField("Switch after rounds", tip)))
        tip = "So long after its first page, if the rounds are not over by then"
        field = QuantityField("Switch after time", SECONDS, empty="rounds alone", tip=tip)
        rows.append(_option("or after", "switch_after_s", field))
    if after_switch or options.preempt:
        tip = "Pages that the guest waits for get a connection of their own (postcopy-preempt)"
        rows.append(_option("Preempt", "preempt", ChoiceField("Preempt", _ON_OFF, tip)))
    if after_switch or options.prepaging:
        tip = "What lies around the page that the guest asked for last goes next (from research; not in QEMU)"
        rows.append(_option("Pre-paging", "prepaging", ChoiceField("Pre-paging", _ON_OFF, tip)))
    if after_switch or options.postcopy_bytes_per_s is not None:
        tip = "The cap after the switch (max-postcopy-bandwidth); the cap above holds before it"
        rows.append(_option("Then at most", "postcopy_bytes_per_s", _rate("Post-copy cap", tip)))
    if live or options.auto_converge:
        tip = "Slow the guest down while it writes more than the network carries"
        rows.append(_option("Auto-converge", "auto_converge", ChoiceField("Auto-converge", _ON_OFF, tip)))
    if options.auto_converge:
        rows += [
            _option("Slow by", "throttle_initial", QuantityField("First throttle", SHARE, tip="The first throttle")),
            _option("then by", "throttle_increment", QuantityField("Throttle step", SHARE, tip="Each further step")),
            _option("at most", "throttle_max", QuantityField("Highest throttle", SHARE, tip="The highest throttle")),
        ]
    if live or options.xbzrle_cache_bytes:
        tip = "Memory at the source for pages sent, so that only differences go again; 0: off"
        rows.append(
            _option("XBZRLE cache", "xbzrle_cache_bytes", QuantityField("XBZRLE cache", BYTES, whole=True, tip=tip))
        )
    if not after_switch or options.channels:
        tip = "Streams that copy in parallel (multifd); 0: one plain stream"
        rows.append(_option("Channels", "channels", WholeField("Channels", tip)))
    if not after_switch or options.compression is not Compression.NONE:
        packings = [(kind, kind.value) for kind in Compression]
        packing = ChoiceField("Packing", packings, "How the channels pack their pages")
        rows.append(_option("Packing", "compression", packing))
    if not after_switch or options.free_page_hints:
        tip = "The guest tells which of its memory is free, and that is skipped"
        rows.append(_option("Free pages", "free_page_hints", ChoiceField("Free-page hints", _ON_OFF, tip)))
    return rows
