"""What a person can do with a run under way: the row of buttons above its table."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QPushButton, QWidget

from vmplanner.engine.jobs import JobState
from vmplanner.ui.enabling import set_enabled
from vmplanner.ui.job import Job
from vmplanner.ui.run_control import RunControl
from vmplanner.ui.wrapping import WrappingRow


class RunTools(QWidget):
    """`chosen` gives the selected migrations; `refuge` gets the keyboard from a button that switches itself off."""

    def __init__(self, runs: RunControl, chosen: Callable[[], Sequence[Job]], refuge: QWidget) -> None:
        super().__init__()
        self._runs = runs
        self._chosen = chosen
        self._refuge = refuge
        engine = runs.engine
        self.pause = _button("Pause", "Start nothing new until you go on; what runs goes on")
        self.pause.clicked.connect(self._pause_or_resume)
        self.skip = _button("Skip", "Leave the selected migrations out of this run, as long as they are queued")
        self.skip.clicked.connect(lambda: engine.skip(*self._ids(JobState.QUEUED)))
        self.retry = _button(
            "Retry", "Try the selected migrations that did not complete again, in the same run, even when it is over"
        )
        self.retry.clicked.connect(lambda: engine.retry(*self._retried()))
        self.cancel_chosen = _button("Cancel selected", "Stop the selected migrations; their VMs stay where they were")
        self.cancel_chosen.clicked.connect(lambda: engine.cancel(*self._ids(JobState.QUEUED, JobState.RUNNING)))
        self.cancel_all = _button("Cancel all", "Stop every migration that has not completed  (Ctrl+.)")
        self.cancel_all.setProperty("role", "danger")
        self.cancel_all.clicked.connect(lambda: runs.cancel())
        self.setLayout(WrappingRow((self.pause, self.skip, self.retry, self.cancel_chosen, self.cancel_all)))

    def refresh(self) -> None:
        """Enable what can be done now."""
        monitor, engine = self._runs.monitor, self._runs.engine
        running = monitor.is_running
        self.pause.setText("Resume" if monitor.is_paused else "Pause")
        for button, may in (
            (self.pause, running and bool(monitor.is_paused or monitor.count(JobState.QUEUED))),
            (self.skip, running and bool(self._ids(JobState.QUEUED))),
            (self.retry, engine.may_retry and bool(self._retried())),
            (self.cancel_chosen, running and bool(self._ids(JobState.QUEUED, JobState.RUNNING))),
            (self.cancel_all, running or engine.is_preparing),
        ):
            set_enabled(button, may, refuge=self._refuge)

    def _pause_or_resume(self) -> None:
        if self._runs.monitor.is_paused:
            self._runs.engine.resume()
        else:
            self._runs.engine.pause()

    def _ids(self, *states: JobState) -> list[str]:
        return [job.migration_id for job in self._chosen() if job.state in states]

    def _retried(self) -> list[str]:
        return [job.migration_id for job in self._chosen() if job.state.may_be_retried]


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    return button
