"""Xen hosts that are not there: `ssh` and `xl` as shell scripts, which keep what a host has in a folder of its own.

It is for tests of what we do with the answers. That the answers are Xen's own is seen in the lab (tests/lab/xen) and in
what was recorded there.
"""

import json
import subprocess
from pathlib import Path

from attrs import frozen

from vmplanner.backends.xen.backend import Settings
from vmplanner.backends.xen.ssh import Ssh
from vmplanner.backends.xen.under_way import usual_folder
from vmplanner.backends.xen.xl import XlHost

SSH = r"""#!/bin/sh
# A fake of ssh: it runs the command here, in a shell, as sshd would there.
destination= ; asked=$*
for word do
    case $word in UserKnownHostsFile=*) offered=${word#*=};; esac
done
while [ "$1" != -- ]; do shift; done
destination=$2; command=$3
export FAKE_HOST=${destination##*@}
case $asked in
*"-O exit"*) exit 0;;
*" -G "*) echo "userknownhostsfile $FAKE_LAB/known_hosts"; exit 0;;
esac
if [ -e "$FAKE_LAB/$FAKE_HOST/silent" ]; then echo "ssh: connect: Connection refused" >&2; exit 255; fi
if [ -e "$FAKE_LAB/$FAKE_HOST/hangs" ]; then exec sleep 30; fi
if [ -e "$FAKE_LAB/$FAKE_HOST/changed" ]; then
    echo "WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!" >&2; exit 255
fi
if [ -e "$FAKE_LAB/$FAKE_HOST/key" ] && ! grep -qs "^$FAKE_HOST " "$FAKE_LAB/known_hosts"; then
    case $asked in
    *accept-new*) echo "$FAKE_HOST $(cat "$FAKE_LAB/$FAKE_HOST/key")" >"$offered";;
    *) echo "Host key verification failed." >&2;;
    esac
    exit 255
fi
exec sh -c "$command"
"""

XL = r"""#!/bin/sh
# A fake of xl: a VM is a file with its row of `xl list -v`, in the folder of the host that has it.
echo "$FAKE_HOST: $*" >>"$FAKE_LAB/told"
here=$FAKE_LAB/$FAKE_HOST
case $1 in
info) cat "$here/info";;
list)
    if [ "$2" = -l ]; then cat "$here/list.json"; exit; fi
    echo "Name ID Mem VCPUs State Time(s) UUID Reason-Code Security Label"
    if [ -n "$3" ]; then cat "$here/vms/$3" 2>/dev/null; exit; fi
    cat "$here"/vms/* 2>/dev/null; true;;
mem-set)
    if [ -e "$here/no-memory" ]; then echo "mem-set: not possible" >&2; exit 1; fi
    mib=${3%m}
    sed -i "s/  *$2  *[0-9][0-9]*  */ $2 $mib /" "$here/vms/$2";;
migrate)
    log=$VMPLANNER_FOLDER/log
    at() { cut -d' ' -f1 /proc/uptime; }
    say() { echo "{\"progress\": \"Frames iteration $1\", \"done\": $2, \"total\": $3, \"at\": $(at)}" >>"$log"; }
    say 0 0 32768; say 0 16384 32768
    while [ -e "$FAKE_LAB/hold" ]; do
        sleep 0.05 || { echo "Migration failed, resuming at sender."; exit 1; }
    done
    if [ -e "$FAKE_LAB/fail" ]; then echo "libxl: error: no way"; exit 1; fi
    say 0 32768 32768; say 1 100 100
    echo "{\"mark\": \"suspend\", \"at\": $(at)}" >>"$log"
    mv "$here/vms/$2" "$FAKE_LAB/${3##*@}/vms/$2"
    echo "Giving target permission to start"; echo "Target reports successful startup";;
*) echo "unknown command $1" >&2; exit 2;;
esac
"""


@frozen
class FakeHosts:
    """What the fake hosts have and do."""

    folder: Path

    def add(self, name: str, *, free_mib: int = 8192) -> Path:
        """A host without VMs. Files in its folder: `silent`, `hangs`, `changed`, `key`, `no-memory`."""
        folder = self.folder / name
        (folder / "vms").mkdir(parents=True)
        facts = {"host": name, "nr_cpus": 8, "threads_per_core": 2, "total_memory": 16384, "free_memory": free_mib}
        facts |= {"xen_major": 4, "xen_version": "4.17.7", "virt_caps": "pv hvm hap"}
        (folder / "info").write_text("".join(f"{key:<23}: {value}\n" for key, value in facts.items()))
        (folder / "list.json").write_text("[]")
        return folder

    def add_vm(self, host: str, name: str, number: int, *, mib: int = 128) -> str:
        """A VM that runs. Returns its uuid."""
        uuid = f"494e200b-cc65-463a-a672-{number:012d}"
        row = f"{name:<40} {number:5} {mib:5} 1     -b----       7.9 {uuid}        -            -\n"
        (self.folder / host / "vms" / str(number)).write_text(row)
        path = self.folder / host / "list.json"
        built = {"max_vcpus": 1, "target_memkb": mib * 1024, "max_memkb": mib * 1024}
        config = {"c_info": {"name": name, "uuid": uuid}, "b_info": built, "disks": [], "nics": []}
        path.write_text(json.dumps([*json.loads(path.read_text()), {"domid": number, "config": config}]))
        return uuid

    def vms(self, host: str) -> list[str]:
        """The names of its VMs."""
        return sorted(path.read_text().split()[0] for path in (self.folder / host / "vms").iterdir())

    def memory_mib(self, host: str, number: int) -> int:
        return int((self.folder / host / "vms" / str(number)).read_text().split()[2])

    def told(self) -> list[str]:
        """The commands that xl got."""
        told = self.folder / "told"
        return told.read_text().splitlines() if told.exists() else []

    def make_unknown(self, host: str) -> None:
        """Its key is in no file of known hosts."""
        key = self.folder / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key], check=True)
        (self.folder / host / "key").write_text(" ".join(key.with_suffix(".pub").read_text().split()[:2]))

    def host(self, name: str) -> XlHost:
        return XlHost(Ssh(f"root@{name}", self.folder))

    def hold(self, is_held: bool) -> None:
        """Let migrations stand still in their first round, or go on."""
        if is_held:
            (self.folder / "hold").touch()
        else:
            (self.folder / "hold").unlink(missing_ok=True)

    @property
    def settings(self) -> Settings:
        return Settings(usual_folder())
