"""Cuts the power of a disk at random moments while a process works on it, and looks at what is on it afterwards.

python tests/durability/power.py [CUTS] [SEED]     30 cuts by default; on Linux, as root, with mkfs.xfs and mkfs.ext4

The disk is an ext4 file system in a file. A copy of that file, made in one instant, is what a power failure leaves: all
that the disk was given until then, and nothing of what the system still held back in memory. XFS can copy a file in one
instant (reflink). ext4 is told to write out as little as it can by itself (noauto_da_alloc, commit=300): only what
vmplanner flushes is sure to be there.
"""

import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.durability.kills import Found, look_at, start

_OUTER_MIB, _DISK_MIB = 1024, 96
_LONGEST_S = 1.5


def run(*command: object) -> None:
    """Raises OSError when the command is not there, or fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"{' '.join(map(str, command))}: {done.stderr.strip()}")


def empty_file(path: Path, mib: int) -> Path:
    with path.open("wb") as file:
        file.truncate(mib * 1024**2)
    return path


@contextmanager
def mounted(image: Path, place: Path, *options: str) -> Iterator[None]:
    """The file system in `image` is at `place`. Raises OSError where it can't be."""
    place.mkdir(exist_ok=True)
    run("mount", "-o", ",".join(("loop", *options)), image, place)
    try:
        yield
    finally:
        run("umount", place)


@contextmanager
def power_supply() -> Iterator[Path]:
    """A folder for disks that can be copied in an instant. Raises OSError where none can be made."""
    with tempfile.TemporaryDirectory(prefix="power-") as folder:
        image, place = empty_file(Path(folder) / "image", _OUTER_MIB), Path(folder) / "disks"
        run("mkfs.xfs", "-q", "-m", "reflink=1", image)
        with mounted(image, place):
            yield place


def cut(disks: Path, wait_s: float) -> Found:
    """Let a process work on a new disk, cut the power after so many seconds, and look at the disk. Raises
    AssertionError where something is lost.
    """
    disk, left, folder = empty_file(disks / "disk", _DISK_MIB), disks / "left", disks.parent / "work"
    run("mkfs.ext4", "-q", "-F", disk)
    said: list[list[str]] = []
    with mounted(disk, folder, "noauto_da_alloc", "commit=300"):
        process = start(folder)
        is_ready = threading.Event()

        def listen() -> None:
            assert process.stdout is not None
            with process.stdout as lines:
                for line in lines:
                    if line.endswith("\n"):  # one that was cut off says nothing
                        said.append(line.split())
                    if said[-1:] == [["ready"]]:
                        is_ready.set()

        listener = threading.Thread(target=listen)
        listener.start()
        assert is_ready.wait(60), "it did not get ready"
        time.sleep(wait_s)
        # What it has said by now must be on the disk in the next instant. What it says from now on may be there.
        sure = len(said)
        run("cp", "--reflink=always", disk, left)
        process.kill()
        process.wait()
        listener.join()
    with mounted(left, folder):
        return _found(folder, said, sure)


def _found(folder: Path, said: list[list[str]], sure: int) -> Found:
    """What was left, which is the state at some moment since the first `sure` things were said."""
    for last in range(sure, len(said)):
        try:
            return look_at(folder, said[:last])
        except AssertionError:
            continue
    return look_at(folder, said)


def cut_some(cuts: int, seed: int) -> list[Found]:
    """Cut the power that many times. Raises OSError where no such disk can be made."""
    chance = random.Random(seed)
    with power_supply() as disks:
        return [cut(disks, chance.uniform(0, _LONGEST_S)) for _ in range(cuts)]


if __name__ == "__main__":
    cuts = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
    print(f"{cuts} power cuts, seed {seed}")
    results = cut_some(cuts, seed)
    print(f"{len(results)} documents whole, {sum(each.was_saving for each in results)} of them cut while saving")
    print(f"{sum(each.was_recovered for each in results)} times unsaved work was there, and recovered")
    print(f"{sum(each.commands for each in results):,} commands in all")
