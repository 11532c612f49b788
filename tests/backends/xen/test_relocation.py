"""Stop-and-copy on the host: the file with a VM's state goes only when the VM is seen to run; it never runs twice."""

import os
import signal
from pathlib import Path

import pytest

from vmplanner.backends.xen import watch_xl

UUID = "494e200b-cc65-463a-a672-5d6dd8c4ce5c"
_XL = r"""#!/bin/sh
# A fake of xl: what each host has of the VM is the state in a file.
echo "$FAKE_HOST $1" >>"$FAKE_LAB/told"
here=$FAKE_LAB/$FAKE_HOST
case $1 in
save) rm "$here"; echo state >"$3";;
restore)
    if [ -e "$FAKE_LAB/$FAKE_HOST.restore" ]; then . "$FAKE_LAB/$FAKE_HOST.restore"; fi
    echo "-b----" >"$here";;
list) if [ -e "$here" ]; then echo "guest 3 128 1 $(cat "$here") 7.9 $FAKE_UUID - -"; fi;;
esac
"""
_SSH = r"""#!/bin/sh
# A fake of ssh: it runs the command here.
if [ -e "$FAKE_LAB/down" ]; then exit 255; fi
for last do :; done
export FAKE_HOST=b
exec sh -c "$last"
"""


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A VM that runs on the host a."""
    programs, lab = tmp_path / "bin", tmp_path / "lab"
    for folder in (programs, lab, tmp_path / "states"):
        folder.mkdir()
    for name, text in (("xl", _XL), ("ssh", _SSH)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    for key, value in (("FAKE_LAB", str(lab)), ("FAKE_HOST", "a"), ("FAKE_UUID", UUID)):
        monkeypatch.setenv(key, value)
    monkeypatch.setattr(watch_xl, "STATES", str(tmp_path / "states"))
    monkeypatch.setattr(watch_xl.Relocation, "patience_s", 0.3)
    monkeypatch.setattr(watch_xl.Relocation, "look_every_s", 0.05)
    (lab / "a").write_text("-b----")
    return lab


def relocated() -> int:
    before = signal.getsignal(signal.SIGTERM)
    try:
        return watch_xl.Relocation("3", UUID, "b").run()
    finally:
        signal.signal(signal.SIGTERM, before)


def states(lab: Path) -> list[Path]:
    return [path for path in lab.parent.joinpath("states").rglob("*") if path.is_file()]


def test_it_runs_at_the_target_and_no_file_is_left(lab: Path) -> None:
    assert relocated() == 0
    assert (lab / "b").exists()
    assert not (lab / "a").exists()
    assert states(lab) == []


def test_a_target_that_refuses_it_gives_it_back(lab: Path) -> None:
    (lab / "b.restore").write_text("exit 1")
    assert relocated() == 1
    assert (lab / "a").exists()
    assert states(lab) == []


def test_a_target_that_was_never_told_can_t_have_it(lab: Path) -> None:
    """The VM is not left down because the target is."""
    (lab / "down").touch()
    assert relocated() == 1
    assert (lab / "a").exists()


def test_one_that_is_still_being_restored_is_no_arrival(lab: Path) -> None:
    """The connection broke, and the target has it paused: its state is kept, and it is restored nowhere else."""
    (lab / "b.restore").write_text('echo "--p---" >"$here"; exit 255')
    assert relocated() == 3
    assert len(states(lab)) == 2
    assert not (lab / "a").exists()
    assert "a restore" not in (lab / "told").read_text()


def test_one_that_can_t_be_asked_about_is_kept(lab: Path) -> None:
    (lab / "b.restore").write_text('touch "$FAKE_LAB/down"; exit 255')
    assert relocated() == 3
    assert len(states(lab)) == 2
    assert "a restore" not in (lab / "told").read_text()
