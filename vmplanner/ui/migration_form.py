"""The fields of a planned move: its target, its technique, its limits, and what may help the technique."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from attrs import evolve
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from vmplanner.domain import edits
from vmplanner.domain.plans import Compression, Migration, Options, Technique
from vmplanner.domain.quantities import BYTES, BYTES_PER_S, SECONDS, SHARE
from vmplanner.simulation.policy import Policy
from vmplanner.simulation.policy_values import fitting, policy_of
from vmplanner.simulation.stop_rules import Switchover, Threshold
from vmplanner.ui.document import Document
from vmplanner.ui.fields import ChoiceField, Field, QuantityField, WholeField
from vmplanner.ui.forms import Form, Row, Subject, focus_named, focused_name, row
from vmplanner.ui.glossary import meaning
from vmplanner.ui.labels import WrappedLabel

TECHNIQUE_TITLES = {
    Technique.PRE_COPY: "Pre-copy (live)",
    Technique.STOP_AND_COPY: "Stop-and-copy",
    Technique.POST_COPY: "Post-copy",
    Technique.HYBRID: "Hybrid: pre-copy, then post-copy",
    Technique.CHECKPOINT: "Checkpoint + good memory",
}
_ON_OFF = ((False, "Off"), (True, "On"))
_LIVE = (Technique.PRE_COPY, Technique.HYBRID, Technique.CHECKPOINT)
_AFTER_SWITCH = (Technique.POST_COPY, Technique.HYBRID)
_PRIORITY_TIP = "Of two moves that could start, the higher does; a rule about the VM comes before it"
_EXTRAS = "auto-converge, XBZRLE, channels, compression threads or free-page hints"


class MigrationForm(QWidget):
    """Shows the fields that the migration's technique and the source's hypervisor have."""

    def __init__(self, document: Document, migration_id: str, subject: Subject) -> None:
        super().__init__()
        self._document = document
        self._subject = subject
        self._shown: tuple[Technique, Policy, Options] | None = None
        self._form: Form | None = None
        self._remark = WrappedLabel()
        self._remark.setProperty("role", "muted")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(10)
        remove = QPushButton("Remove planned move")
        remove.clicked.connect(lambda: document.push(edits.delete(document.project, [migration_id])))
        self._layout.addWidget(self._remark)
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
            before, self._form = self._form, Form(self._document, self._subject, self._rows(migration, policy))
            self._layout.insertWidget(0, self._form)
            if before is not None:
                focus_named(self._form, focused_name(before))
                self._layout.removeWidget(before)
                before.hide()
                before.deleteLater()
        assert self._form is not None
        self._form.refresh()
        self._remark.show_text(self._remarks(migration, policy))
        self._remark.setVisible(bool(self._remark.text()))

    def _policy(self, migration: Migration) -> Policy:
        project = self._document.project
        return policy_of(fitting(project.hosts[project.machines[migration.vm_id].host_id]))

    def _rows(self, migration: Migration, policy: Policy) -> list[Row]:
        project = self._document.project
        source_id = project.machines[migration.vm_id].host_id
        others = sorted((host for host in project.hosts.values() if host.id != source_id), key=lambda host: host.name)
        return move_rows([(host.id, host.name) for host in others], migration, policy)

    def _remarks(self, migration: Migration, policy: Policy) -> str:
        """What the fields do not say by themselves."""
        options, remarks = migration.options, []
        does_less = options.checkpoint_age_s is not None or options.drop_cache
        if migration.technique is Technique.CHECKPOINT and not does_less:
            machine = self._document.project.machines[migration.vm_id]
            free_bytes = sum(piece.size_bytes for piece in machine.all_pieces() if piece.is_bad)
            left_out = (
                f"only its {BYTES.format(free_bytes)} of free memory are left out"
                if free_bytes
                else ("this is a plain pre-copy, since the VM has no free memory")
            )
            remarks.append(f"Without a checkpoint, and with the page cache kept, {left_out}.")
        if not policy.offers_options:
            remarks.append(f"{policy.name.label} has no {_EXTRAS}.")
        return " ".join(remarks)


def move_rows(targets: list[tuple[str, str]], migration: Migration, policy: Policy) -> list[Row]:
    """The fields that a migration's technique has under the policy of its source; `targets` are the ids and names of
    the hosts that it may go to.
    """
    lacking = {t: f"{policy.name.label} has no {t.value}" for t in Technique if t not in policy.offers}
    rows = basic_move_rows(targets, lacking)
    if isinstance(policy.stop, (Threshold, Switchover)) and migration.technique in _LIVE:
        default = f"{SECONDS.format(policy.stop.downtime_limit_s)} (default)"
        limit = QuantityField("Downtime limit", SECONDS, empty=default, tip="The pause that the hypervisor aims for")
        rows.insert(-2, row("Downtime limit", "downtime_limit_s", limit))
    if migration.technique is Technique.CHECKPOINT:
        rows += _checkpoint_rows(migration.options)
    if policy.offers_options:
        rows += _option_rows(migration)
    return rows


def basic_move_rows(targets: list[tuple[str, str]], lacking: Mapping[Technique, str]) -> list[Row]:
    """The fields of every migration. A technique that is `lacking` can't be chosen, for the reason given."""
    tip = "\n".join((meaning("pre-copy", "stop-and-copy"), *lacking.values()))
    technique = ChoiceField("Technique", list(TECHNIQUE_TITLES.items()), tip, refused=lacking)
    cap = _rate("Bandwidth cap", "What the sender may use at most")
    tip = "A migration that is not done by then is given up; the VM stays where it is"
    return [
        row("Target", "target_id", ChoiceField("Target host", targets)),
        Row("Technique", technique, attrgetter("technique"), Migration.by, is_wide=True),
        row("Bandwidth cap", "max_bandwidth_bytes_per_s", cap),
        row("Time limit", "time_limit_s", QuantityField("Time limit", SECONDS, empty="never", tip=tip)),
        row("Priority", "priority", WholeField("Priority", _PRIORITY_TIP)),
    ]


def _rate(name: str, tip: str) -> QuantityField:
    return QuantityField(name, BYTES_PER_S, empty="no cap", tip=tip)


def _option(attribute: str, field: Field, why_not: str = "", *, zero_is_off: bool = False) -> Row:
    """A line for one of the migration's options, which is told by the field's name. With `zero_is_off` an empty field
    stands for 0. What is set can always be set back, whatever is against it.
    """

    def read(migration: Migration) -> Any:
        value = getattr(migration.options, attribute)
        return None if zero_is_off and not value else value

    def written(migration: Migration, value: Any) -> Migration:
        if zero_is_off and value is None:
            value = 0
        return evolve(migration, options=evolve(migration.options, **{attribute: value}))

    return Row(field.editor.accessibleName(), field, read, written, why_not)


def _checkpoint_rows(options: Options) -> list[Row]:
    age_tip = "How long before the move itself the checkpoint is taken; empty: no checkpoint, good memory only"
    rate_tip = "A slow checkpoint spares the guest; empty: as fast as round 1 of the copy"
    drop_tip = "The guest gives up page cache that nobody writes to, and reads it again from disk later"
    rate = QuantityField("Checkpoint rate", BYTES_PER_S, empty="as round 1", tip=rate_tip)
    rows = [
        _option("checkpoint_age_s", QuantityField("Checkpoint age", SECONDS, empty="no checkpoint", tip=age_tip)),
        _option("checkpoint_bytes_per_s", rate, "There is no checkpoint" if options.checkpoint_age_s is None else ""),
        _option("drop_cache", ChoiceField("Drop page cache", _ON_OFF, drop_tip)),
    ]
    if options.drop_cache or options.cache_read_bytes_per_s is not None:
        read_tip = "How fast the guest's disk gives back the cache that was dropped, after the move"
        reads = QuantityField("Cache read rate", BYTES_PER_S, empty="not counted", tip=read_tip)
        rows.append(_option("cache_read_bytes_per_s", reads))
    return rows


def _option_rows(migration: Migration) -> list[Row]:
    """The options of QEMU. One that can't be used as the rest is set can be seen with the reason; while it is set it
    can be set back.
    """
    options, technique = migration.options, migration.technique
    by = technique.value
    not_live = "" if technique in _LIVE else f"It helps the rounds of a live copy, which {by} has none of"
    not_after = "" if technique in _AFTER_SWITCH else f"It acts after a switch to post-copy, which {by} does not make"
    alone = f"QEMU has it not with {by}" if technique in _AFTER_SWITCH else ""
    hints = "The free memory is given up already" if technique is Technique.CHECKPOINT else alone
    packs = options.compression is not Compression.NONE
    rows = []
    if technique is Technique.HYBRID:
        tip = "After so many rounds the guest goes on at the target"
        rows.append(_option("switch_after_rounds", WholeField("Switch after rounds", tip)))
        tip = "So long after its first page, if the rounds are not over by then"
        rows.append(
            _option("switch_after_s", QuantityField("Switch after time", SECONDS, empty="rounds alone", tip=tip))
        )
    tip = "Slow the guest down while it writes more than the network carries"
    field: Field = ChoiceField("Auto-converge", _ON_OFF, tip)
    rows.append(_option("auto_converge", field, "" if options.auto_converge else not_live))
    if options.auto_converge:
        rows += [
            _option("throttle_initial", QuantityField("Initial throttle", SHARE, tip="How much at first")),
            _option("throttle_increment", QuantityField("Throttle step", SHARE, tip="How much more each time")),
            _option("throttle_max", QuantityField("Highest throttle", SHARE, tip="How much at the most")),
        ]
    tip = "Memory at the source for pages sent, so that only differences go again"
    with_channels = "QEMU has it not over several channels" if options.channels else ""
    why_not = "" if options.xbzrle_cache_bytes else not_live or with_channels
    field = QuantityField("XBZRLE cache", BYTES, whole=True, empty="off", tip=tip)
    rows.append(_option("xbzrle_cache_bytes", field, why_not, zero_is_off=True))
    with_others = "QEMU has them not with XBZRLE" if options.xbzrle_cache_bytes else ""
    with_others = "QEMU has them not with compression threads" if options.compress_threads else with_others
    why_not = "" if options.channels else alone or with_others
    tip = "Streams that copy in parallel (multifd)"
    rows.append(_option("channels", WholeField("Channels", tip, empty="one stream"), why_not, zero_is_off=True))
    packings = [(kind, kind.value) for kind in Compression]
    why_not = "" if packs or options.channels else alone or "Only several channels pack so"
    field = ChoiceField("Channel packing", packings, "How the channels pack their pages")
    rows.append(_option("compression", field, why_not))
    tip = "Threads beside the sender that pack each page by zlib (compress; QEMU has it up to 9.0)"
    why_not = "" if options.compress_threads else alone or with_channels
    rows.append(
        _option("compress_threads", WholeField("Compression threads", tip, empty="off"), why_not, zero_is_off=True)
    )
    if options.compress_threads:
        tip = "1 packs fastest; 9 takes twice the time and packs a little smaller"
        rows.append(_option("compress_level", WholeField("Compression level", tip)))
    tip = "The guest tells which of its memory is free, and that is skipped"
    field = ChoiceField("Free-page hints", _ON_OFF, tip)
    rows.append(_option("free_page_hints", field, "" if options.free_page_hints else hints))
    tip = "Pages that the guest waits for get a connection of their own (postcopy-preempt)"
    field = ChoiceField("Preempt", _ON_OFF, tip)
    rows.append(_option("preempt", field, "" if options.preempt else not_after))
    tip = "What lies around the page that the guest asked for last goes next (from research; not in QEMU)"
    field = ChoiceField("Pre-paging", _ON_OFF, tip)
    rows.append(_option("prepaging", field, "" if options.prepaging else not_after))
    tip = "The cap after the switch (max-postcopy-bandwidth); the cap above holds before it"
    why_not = "" if options.postcopy_bytes_per_s is not None else not_after
    rows.append(_option("postcopy_bytes_per_s", _rate("Post-copy cap", tip), why_not))
    return rows
