#!/usr/bin/env python3
"""Runs on the source host of a migration: starts xl, and writes down with the time what it and its save helper say.

    watch_xl.py watch xl migrate ...           writes the file `log` beside itself, one JSON value a line
    libxl-save-helper --save-domain ...        this same file, as libxl starts it (a link beside it)
    watch_xl.py limit RATE ssh ...             passes its input on to a command, at RATE bytes a second at most
    watch_xl.py relocate NUMBER UUID PEER      stop-and-copy: xl save, the file to the target, xl restore there

xl prints nothing of the rounds. But libxl starts the program in $LIBXL_SAVE_HELPER to send the memory, and reads
messages from it: a u16 length, then a u16 number and fields, in the machine's own byte order; a string is a u32 size
and its bytes (tools/libs/light/libxl_save_msgs_gen.pl of Xen 4.17). Each message is passed on unchanged before it is
looked at, so that nothing here can change a migration.

The end of the process that planned this changes nothing: the migration goes on, and its log can be read later. The
signal TERM cancels it: what carries the stream is ended, and xl lets the VM go on. Once the target has been told to
start the VM, it is too late for that, and the signal does nothing.

Times are CLOCK_MONOTONIC, one clock for all processes of the host. Needs Python 3.7, and nothing else.
"""

from __future__ import annotations

import contextlib
import glob
import json
import os
import re
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from typing import IO

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRESS, SUSPEND = 2, 3
POINT_OF_NO_RETURN = "Giving target permission to start"
STATES = "/var/lib/xen"
HELPERS = (
    "/usr/lib/xen-%s/bin/libxl-save-helper",  # Debian
    "/usr/libexec/xen/bin/libxl-save-helper",
    "/usr/lib/xen/bin/libxl-save-helper",
    "/usr/lib64/xen/bin/libxl-save-helper",
)


def note(**what: object) -> None:
    """Append a line to the log. One write, so that the lines of two processes do not mix."""
    what["at"] = round(time.clock_gettime(time.CLOCK_MONOTONIC), 6)
    log = os.open(os.path.join(HERE, "log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(log, (json.dumps(what) + "\n").encode())
    finally:
        os.close(log)


def real_helper() -> str | None:
    """The helper of the Xen that runs, or None where none of the usual places has it."""
    version = []
    for part in ("major", "minor"):
        try:
            with open("/sys/hypervisor/version/" + part) as file:
                version.append(file.read().strip())
        except OSError:
            version.append("*")
    for pattern in HELPERS:
        for path in sorted(glob.glob(pattern % ".".join(version) if "%" in pattern else pattern)):
            return path
    return None


def descendants(pid: int) -> list[int]:
    """Of a process: those that it started, those that these started, and so on."""
    parents = {}
    for stat in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(stat) as file:
                fields = file.read().rpartition(")")[2].split()
            parents[int(stat.split("/")[2])] = int(fields[1])
        except (OSError, IndexError, ValueError):
            continue
    found = []
    for child, parent in parents.items():
        while parent > 1 and parent != pid:
            parent = parents.get(parent, 0)
        if parent == pid:
            found.append(child)
    return found


def is_helper(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return b"libxl-save-helper" in file.read()
    except OSError:
        return False


def helper_path() -> str:
    return os.path.join(HERE, "libxl-save-helper")


def watch(command: list[str]) -> None:
    """Run xl to its end, and write down what it says."""
    with open(os.path.join(HERE, "pid"), "w") as file:
        file.write(str(os.getpid()))
    environment = dict(os.environ, WATCH_XL=os.path.join(HERE, "watch_xl.py"))
    if real_helper():
        environment["LIBXL_SAVE_HELPER"] = helper_path()
    note(started=command)
    xl = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
    )
    is_handed_over: list[bool] = []

    def cancel(_number: int, _frame: object) -> None:
        if is_handed_over:
            note(mark="too late to cancel")
            return
        note(mark="cancelling")
        carriers = [pid for pid in descendants(xl.pid) if not is_helper(pid)] if command[0] == "xl" else []
        for pid in carriers or [xl.pid]:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGTERM)

    signal.signal(signal.SIGTERM, cancel)
    for line in output_of(xl):
        text = line.decode(errors="replace").rstrip()
        if POINT_OF_NO_RETURN in text:
            is_handed_over.append(True)
        note(xl=text)
    note(exit=xl.wait())


def output_of(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdout is not None
    return process.stdout


def exactly(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data


def string_at(body: bytes, place: int) -> tuple[str, int]:
    (size,) = struct.unpack_from("=I", body, place)
    place += 4
    return body[place : place + size].rstrip(b"\0").decode(errors="replace"), place + size


def tell(body: bytes) -> None:
    """Write down what a message says of the copy."""
    (number,) = struct.unpack_from("=H", body)
    if number == PROGRESS:
        _context, place = string_at(body, 2)
        what, place = string_at(body, place)
        done, total = struct.unpack_from("=QQ", body, place)
        note(progress=what, done=done, total=total)
    elif number == SUSPEND:
        note(mark="suspend")


def help_libxl(helper_path: str, arguments: list[str]) -> int:
    """Stand between libxl and its real helper."""
    helper = subprocess.Popen([helper_path, *arguments], stdout=subprocess.PIPE, close_fds=False)
    signal.signal(signal.SIGTERM, lambda *_: helper.terminate())
    try:
        while True:
            head = exactly(output_of(helper), 2)
            body = exactly(output_of(helper), struct.unpack("=H", head)[0])
            os.write(1, head + body)
            try:
                tell(body)
            except Exception as error:  # whatever it is, it is no reason to end a migration
                sys.stderr.write(f"message not understood: {error!r}\n")
    except EOFError:
        pass
    status = helper.wait()
    return status if status >= 0 else 128 - status


def limit(bytes_per_s: float, command: list[str]) -> int:
    """Pass the input on to a command, no faster than a rate. Its output is ours."""
    carrier = subprocess.Popen(command, stdin=subprocess.PIPE)
    stream = carrier.stdin
    assert stream is not None

    def end(_number: int, _frame: object) -> None:
        carrier.terminate()
        os._exit(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
    piece = max(4096, min(1 << 20, int(bytes_per_s / 50)))
    due = time.monotonic()
    try:
        while True:
            data = os.read(0, piece)
            if not data:
                break
            now = time.monotonic()
            due = max(due, now - 0.1)  # a pause of the sender is not made good by a burst
            if due > now:
                time.sleep(due - now)
            stream.write(data)
            stream.flush()
            due += len(data) / bytes_per_s
        stream.close()
    except BrokenPipeError:
        pass
    return carrier.wait()


class Relocation:
    """A VM's state as a file, from `xl save` here to `xl restore` at the target. The file stays until the VM is seen to
    run: it is the only copy. Once the target was told to restore it, it is restored here only when the target says that
    it does not: else the VM could run twice.
    """

    patience_s = 120.0
    look_every_s = 2.0

    def __init__(self, number: str, uuid: str, peer: str) -> None:
        self.number, self.uuid = number, uuid
        self.ssh = ["ssh", "-o", "BatchMode=yes", peer]
        self.folder = tempfile.mkdtemp(prefix="vmplanner-", dir=STATES)
        self.state = os.path.join(self.folder, "state")
        self.is_cancelled = False
        self.carrier: subprocess.Popen[bytes] | None = None

    def cancel(self, _number: int, _frame: object) -> None:
        self.is_cancelled = True
        if self.carrier is not None:
            self.carrier.terminate()

    def run(self) -> int:
        """The exit status: 0 when the VM runs at the target, 1 when it runs here, 3 when that is not known."""
        signal.signal(signal.SIGTERM, self.cancel)
        if subprocess.call(["xl", "save", self.number, self.state]):
            say("xl save failed")  # xl lets the VM go on by itself
            shutil.rmtree(self.folder)
            return 1
        arrived: bool | None = False
        if not self.is_cancelled and self.send():
            say("state sent")
            subprocess.call([*self.ssh, "xl restore " + shlex.quote(self.there)])
            arrived = self.has_arrived()
        if arrived is None:
            say("error: the target does not say whether it runs the VM, so nothing was restored here: " + self.state)
            return 3
        if arrived:
            say("Target reports successful startup")
        elif subprocess.call(["xl", "restore", self.state]):
            say("error: the VM can't be restored here either; its state is kept: " + self.state)
            return 3
        shutil.rmtree(self.folder)
        subprocess.call([*self.ssh, "rm -f " + shlex.quote(self.there)])
        return 0 if arrived else 1

    @property
    def there(self) -> str:
        """The file at the target."""
        return self.folder + ".state"

    def send(self) -> bool:
        with open(self.state, "rb") as file:
            self.carrier = subprocess.Popen([*self.ssh, "umask 077; cat > " + shlex.quote(self.there)], stdin=file)
            return self.carrier.wait() == 0

    def has_arrived(self) -> bool | None:
        """Whether the VM runs at the target; None while that can't be told."""
        until = time.monotonic() + self.patience_s
        while True:
            arrived = self.look_there()
            if arrived is not None or time.monotonic() > until:
                return arrived
            time.sleep(self.look_every_s)

    def look_there(self) -> bool | None:
        """One that the target has but that is paused is still being restored."""
        # The brackets keep the search from finding itself.
        at_work = "pgrep -f " + shlex.quote("xl[ ]restore " + self.there)
        listed = subprocess.run(
            [*self.ssh, "xl list -v && { " + at_work + " >/dev/null && echo restoring; true; }"],
            stdout=subprocess.PIPE,
        )
        if listed.returncode:
            return None
        lines = listed.stdout.decode(errors="replace").splitlines()
        rows = [line for line in lines if self.uuid in line]
        if any(re.search(r"\s[r-][b-]----\s", line) for line in rows):
            return True
        return None if rows or "restoring" in lines else False


def say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    if os.path.basename(__file__) == os.path.basename(helper_path()):
        sys.exit(help_libxl(str(real_helper()), sys.argv[1:]))
    elif sys.argv[1] == "watch":
        watch(sys.argv[2:])
    elif sys.argv[1] == "relocate":
        sys.exit(Relocation(*sys.argv[2:]).run())
    else:
        sys.exit(limit(float(sys.argv[2]), sys.argv[3:]))
