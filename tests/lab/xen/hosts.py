"""Two real Xen hosts on this machine: Xen 4.17 and a Debian 12 dom0 each, under QEMU's own emulation.

They share a cable (a socket between the two QEMUs) and answer ssh on ports of the loopback. Nothing else is open.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import define, field, frozen

HERE = Path(__file__).parent
_READY_WITHIN_S = 600
_XEN = (
    "console=com1 com1=115200,8n1 dom0_mem=640M,max:640M dom0_max_vcpus=1 spec-ctrl=no xpti=no "
    "loglvl=warning guest_loglvl=warning noreboot"
)
# SVM and nested paging, as PVH guests need them to migrate live; AES for ssh.
_CPU = "qemu64,+npt,+nrip-save,+ssse3,+sse4.1,+sse4.2,+aes,+pclmulqdq,+popcnt,+rdrand"
_BEAT = re.compile(r"beat (\d+) clock=([\d.]+) pages=(\d+) sum=(\w+)")


def build() -> Path:
    """What the hosts boot: made once, and kept in the cache folder of whoever runs this until its sources change."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "vmplanner-lab" / "xen"
    sources = sorted(path for path in HERE.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc"))
    stamp = "\n".join(f"{path.relative_to(HERE)} {path.stat().st_size} {path.read_bytes().hex()}" for path in sources)
    done = cache / "stamp"
    if not done.exists() or done.read_text() != stamp:
        subprocess.run([HERE / "build", cache], check=True, timeout=900)
        done.write_text(stamp)
    return cache


@frozen
class Beat:
    """A sign of life of a guest: its number, the guest's own clock, pages written so far, whether memory is whole."""

    number: int
    clock_s: float
    pages: int
    is_whole: bool


@define
class LabHost:
    """One of the two hosts."""

    name: str
    address: str
    built: Path
    folder: Path
    process: subprocess.Popen[bytes] = field(init=False)
    port: int = field(init=False)

    def boot(self, cable: list[str]) -> None:
        self.port = _free_port()
        disk = self.folder / f"{self.name}.qcow2"
        subprocess.run(
            ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", self.built / "dom0.ext4", disk], check=True
        )
        number = self.address.rpartition(".")[2]
        linux = f"console=hvc0 loglevel=4 mitigations=off lab.host={self.name} lab.address={self.address}"
        with (self.folder / f"{self.name}.log").open("wb") as log:
            self.process = subprocess.Popen(
                [
                    *(
                        "qemu-system-x86_64",
                        "-accel",
                        "tcg,tb-size=256",
                        "-M",
                        "pc",
                        "-cpu",
                        _CPU,
                        "-smp",
                        "1",
                        "-m",
                        "1280",
                    ),
                    *("-display", "none", "-no-reboot", "-serial", f"file:{self.folder / self.name}.console"),
                    *("-qmp", f"unix:{self.folder / self.name}.qmp,server=on,wait=off"),
                    *("-kernel", str(self.built / "xen"), "-append", _XEN),
                    *("-initrd", f"{self.built / 'vmlinuz'} {linux},{self.built / 'dom0-initrd'}"),
                    *("-drive", f"file={disk},if=virtio,cache=unsafe"),
                    *("-netdev", f"user,id=outside,restrict=on,hostfwd=tcp:127.0.0.1:{self.port}-:22"),
                    *("-device", f"virtio-net-pci,netdev=outside,mac=52:54:00:77:00:0{number},romfile="),
                    *("-netdev", f"socket,id=cable,{'='.join(cable)}"),
                    *("-device", f"virtio-net-pci,id=plug,netdev=cable,mac=52:54:00:77:01:0{number},romfile="),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError((self.folder / f"{self.name}.log").read_text())
        console = self.folder / f"{self.name}.console"
        return f"READY {self.name}" in console.read_text(errors="replace") and self.try_run("true")

    def ssh(self, *command: str) -> list[str]:
        return ["ssh", "-F", str(self.folder / "ssh_config"), self.name, "--", *command]

    def run(self, command: str, timeout_s: float = 120) -> str:
        """What a shell command prints on the host."""
        done = subprocess.run(self.ssh(command), capture_output=True, text=True, timeout=timeout_s, errors="replace")
        if done.returncode:
            raise RuntimeError(f"{self.name}: {command}: {done.returncode}: {done.stderr}{done.stdout}")
        return done.stdout

    def try_run(self, command: str) -> bool:
        return subprocess.run(self.ssh(command), capture_output=True, timeout=120).returncode == 0

    def set_cable(self, *, is_plugged: bool) -> None:
        """Pull the plug of the cable between the hosts, or put it back."""
        with socket.socket(socket.AF_UNIX) as qmp:
            qmp.settimeout(30)
            qmp.connect(str(self.folder / f"{self.name}.qmp"))
            stream = qmp.makefile("rw")
            stream.readline()
            for command in (
                {"execute": "qmp_capabilities"},
                {"execute": "set_link", "arguments": {"name": "plug", "up": is_plugged}},
            ):
                stream.write(json.dumps(command) + "\n")
                stream.flush()
                while "return" not in json.loads(stream.readline()):
                    pass

    def limit_cable(self, bytes_per_s: int) -> None:
        """What the host may send over the cable: slower than what holds it up otherwise, so that it alone decides."""
        self.run(f"tc qdisc replace dev eth1 root tbf rate {bytes_per_s * 8}bit burst 64kb latency 200ms", timeout_s=60)

    def create(self, name: str = "guest", *, memory_mib: int = 128, write_mib: int = 16, rate: float = 4) -> None:
        """Start a guest that writes `rate` MiB of pages a second, through `write_mib`."""
        config = {
            "name": name,
            "type": "pvh",
            "memory": memory_mib,
            "maxmem": memory_mib,
            "vcpus": 1,
            "kernel": "/root/guest/vmlinuz",
            "ramdisk": "/root/guest/initrd",
            "extra": f"console=hvc0 quiet writer.mib={write_mib} writer.rate={rate}",
            "on_crash": "preserve",
        }
        text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in config.items())
        subprocess.run(self.ssh("cat > /root/guest.cfg"), input=text.encode(), check=True, timeout=60)
        self.run("xl create /root/guest.cfg")

    def destroy_all(self) -> None:
        for line in self.run("xl list").splitlines():
            if (row := re.search(r"\s([1-9]\d*)\s+\d+\s+\d+\s+[rbpscd-]{6}\s", line)) is not None:
                self.try_run(f"xl destroy {row[1]}")
        self.try_run("rm -rf /var/log/xen/console/* /run/vmplanner.*")

    def uuids(self) -> dict[str, str]:
        """The uuid of each guest that it has, by name."""
        return {
            domain["config"]["c_info"]["name"]: domain["config"]["c_info"]["uuid"]
            for domain in json.loads(self.run("xl list -l"))
            if domain["domid"]
        }

    def beats(self, name: str = "guest") -> list[Beat]:
        """The signs of life that a guest gave here, the oldest first."""
        text = self.run("cat /var/log/xen/console/guest-*.log 2>/dev/null || true")
        return [Beat(int(b), float(s), int(n), how == "OK") for b, s, n, how in _BEAT.findall(text)]

    def tell(self, name: str, words: str) -> None:
        """Type a line on a guest's console."""
        self.run(f"number=$(xl domid {name}); echo '{words}' > \"$(xenstore-read /local/domain/$number/console/tty)\"")

    def end(self) -> None:
        subprocess.run(
            ["ssh", "-F", self.folder / "ssh_config", "-O", "exit", self.name], capture_output=True, timeout=30
        )
        self.process.terminate()
        self.process.wait(30)


@contextmanager
def lab(folder: Path) -> Iterator[tuple[LabHost, LabHost]]:
    """Both hosts, booted and ready. They end with the block."""
    built = build()
    a, b = LabHost("xen-a", "10.77.0.1", built, folder), LabHost("xen-b", "10.77.0.2", built, folder)
    cable = f"127.0.0.1:{_free_port()}"
    a.boot(["listen", cable])
    time.sleep(1)  # the one must listen before the other calls
    b.boot(["connect", cable])
    try:
        _write_ssh_config(folder, built, a, b)
        until = time.monotonic() + _READY_WITHIN_S
        while not (a.is_ready() and b.is_ready()):
            if time.monotonic() > until:
                raise RuntimeError(f"the lab's hosts were not ready within {_READY_WITHIN_S} s; see {folder}")
            time.sleep(1)
        yield a, b
    finally:
        for host in (a, b):
            host.end()


def _write_ssh_config(folder: Path, built: Path, *hosts: LabHost) -> None:
    key = folder / "key"
    shutil.copy(built / "key", key)
    key.chmod(0o600)
    config = "".join(f"Host {host.name}\n    HostName 127.0.0.1\n    Port {host.port}\n" for host in hosts)
    config += f"""Host *
    User root
    IdentityFile {key}
    IdentitiesOnly yes
    BatchMode yes
    ConnectTimeout 20
    StrictHostKeyChecking accept-new
    UserKnownHostsFile {folder}/known_hosts
    Ciphers chacha20-poly1305@openssh.com
    ControlMaster auto
    ControlPath {folder}/%C
    ControlPersist 600
    LogLevel ERROR
"""
    (folder / "ssh_config").write_text(config)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
