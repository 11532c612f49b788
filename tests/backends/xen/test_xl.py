"""What hosts print and what they are told: nothing that is read or typed becomes a command of its own."""

import os
import shlex
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmplanner.backends.xen.ssh import CommandFailed, HostUnreachable, Ssh, UnknownHostKey
from vmplanner.backends.xen.xl import Domain, State, check_folder, migrate, read_domains, read_info
from vmplanner.domain.access import Access
from vmplanner.domain.errors import InvalidValue
from vmplanner.domain.quantities import MIB

_HEAD = "Name        ID   Mem VCPUs\tState\tTime(s)   UUID                            Reason-Code\tSecurity Label\n"
_DOM0 = (
    "Domain-0     0   640     1     r-----      24.9 00000000-0000-0000-0000-000000000000        -                -\n"
)
_UUID = "494e200b-cc65-463a-a672-5d6dd8c4ce5c"
_OTHER = "b5a1f2c3-0000-4111-8222-933344445555"


def row(name: str, number: int = 1, state: str = "-b----", uuid: str = _UUID, label: str = "-") -> str:
    return f"{name:<40} {number:5}   128     1     {state}       7.9 {uuid}        -  {label:>15}\n"


class TestList:
    def test_a_vm_is_read_and_the_host_itself_is_left_out(self) -> None:
        assert read_domains(_HEAD + _DOM0 + row("guest")) == (Domain("guest", _UUID, 1, 128 * MIB, State.RUNNING),)

    @pytest.mark.parametrize(
        ("letters", "state"),
        [
            ("r-----", State.RUNNING),
            ("------", State.RUNNING),
            ("--p---", State.PAUSED),
            ("---s--", State.SHUT_DOWN),
            ("---ss-", State.SHUT_DOWN),
            ("----c-", State.CRASHED),
            ("--ps-d", State.DYING),
        ],
    )
    def test_states(self, letters: str, state: State) -> None:
        assert read_domains(row("guest", state=letters))[0].state is state

    @pytest.mark.parametrize(
        "name", ["my guest", "a 1 128 1 r----- 3.0 b", "$(reboot)", "'; reboot; '", "ünï", "--help"]
    )
    def test_names_may_hold_anything(self, name: str) -> None:
        (domain,) = read_domains(_HEAD + _DOM0 + row(name))
        assert (domain.name, domain.number, domain.uuid) == (name, 1, _UUID)

    def test_security_labels_of_flask_are_no_obstacle(self) -> None:
        assert read_domains(row("guest", label="system_u:system_r:domU_t"))[0].uuid == _UUID

    def test_a_name_that_looks_like_another_vm_is_refused(self) -> None:
        hostile = row("x\n" + row("victim", 7, uuid=_OTHER), 5)
        with pytest.raises(InvalidValue, match="line break"):
            read_domains(hostile + row("victim", 8, uuid=_OTHER))

    def test_an_unfinished_copy_is_known_by_its_name(self) -> None:
        assert read_domains(row("guest--incoming"))[0].is_incoming


class TestInfo:
    def test_what_is_needed(self) -> None:
        info = read_info(
            "host   : xen-a\nvirt_caps : pv hvm hap\nfree_memory : 492\nxen_version : 4.17.7\nxen_commandline : a:b\n"
        )
        assert (info.name, info.version, info.free_bytes) == ("xen-a", "4.17.7", 492 * MIB)
        assert info.capabilities == {"pv", "hvm", "hap"}

    @pytest.mark.parametrize("text", ["", "host : a\n", "host : a\nfree_memory : much\n"])
    def test_what_is_missing_is_named(self, text: str) -> None:
        with pytest.raises(InvalidValue, match="xl info"):
            read_info(text)


class TestCommands:
    def test_a_migration_names_the_vm_by_its_number(self) -> None:
        domain = Domain("$(reboot)", _UUID, 7, 128 * MIB, State.RUNNING)
        assert migrate(domain, "xen-b") == ["xl", "migrate", "7", "xen-b"]
        assert migrate(domain, "xen-b", transport="carry {host}")[-1] == "carry xen-b"
        assert migrate(domain, "xen-b", rate=1e6)[-1].endswith("limit 1000000 ssh xen-b xl migrate-receive")

    @pytest.mark.parametrize("peer", ["", "-oProxyCommand=x", "a b", "a;b", "$(a)", "a\nb", "`a`", "a|b", "a'b"])
    def test_what_is_no_host_is_refused(self, peer: str) -> None:
        with pytest.raises(InvalidValue, match="address"):
            migrate(Domain("g", _UUID, 1, MIB, State.RUNNING), peer)

    @pytest.mark.parametrize("folder", ["", "/", "/run/other", "/run/vmplanner.a/../../etc", "/run/vmplanner.a b"])
    def test_only_our_own_folders_are_touched(self, folder: str) -> None:
        with pytest.raises(InvalidValue, match="none of vmplanner's"):
            check_folder(folder)

    @given(st.text(max_size=30))
    def test_an_address_is_an_address_or_refused(self, text: str) -> None:
        try:
            address = Access(text).address
        except InvalidValue:
            return
        assert not address.startswith("-")
        assert shlex.quote(address) == address or address == "" or "[" in address


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ssh:
    """A fake of ssh: it runs the command here, in a shell, as sshd does there. For the address 'refused' it fails."""
    fake = tmp_path / "ssh"
    fake.write_text(
        "#!/bin/sh\n"
        "for last do :; done\n"
        'case "$*" in *refused*) echo "ssh: connect to host refused: Connection refused" >&2; exit 255;;\n'
        '*stranger*) echo "Host key verification failed." >&2; exit 255;;\n'
        '*changed*) echo "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @" >&2;'
        ' echo "Host key verification failed." >&2; exit 255;; esac\n'
        'exec sh -c "$last"\n'
    )
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return Ssh("root@xen-a", tmp_path)


class TestSsh:
    @pytest.mark.parametrize(
        "word", ["a b", "'", '"; reboot; "', "$(reboot)", "`reboot`", "a\nb", "--", "ü", "", "*", "\\"]
    )
    def test_words_arrive_as_they_are(self, ssh: Ssh, word: str) -> None:
        assert ssh.run(["printf", "%s|", word, "end"]) == f"{word}|end|"

    def test_input_arrives(self, ssh: Ssh) -> None:
        assert ssh.run(["cat"], input=b"all of it") == "all of it"

    def test_a_command_that_fails_says_why(self, ssh: Ssh) -> None:
        with pytest.raises(CommandFailed, match="'sh' failed on root@xen-a: no such domain"):
            ssh.run(["sh", "-c", "echo no such domain >&2; exit 1"])

    @pytest.mark.parametrize(
        ("host", "error", "words"),
        [
            ("refused", HostUnreachable, "nothing answers"),
            ("stranger", UnknownHostKey, "not among your known hosts"),
            ("changed", HostUnreachable, "not the one that you know"),
        ],
    )
    def test_trouble_is_told_in_words(self, ssh: Ssh, host: str, error: type[Exception], words: str) -> None:
        with pytest.raises(error, match=words) as raised:
            Ssh(host, ssh.folder).run(["true"])
        assert type(raised.value) is error

    def test_options_never_come_from_an_address(self) -> None:
        with pytest.raises(InvalidValue, match="address"):
            Ssh("-oProxyCommand=reboot", Path("/tmp"))

    def test_the_helper_program_runs_without_the_project(self, tmp_path: Path) -> None:
        """It is sent to hosts as one file."""
        from importlib import resources

        program = tmp_path / "watch_xl.py"
        program.write_bytes(resources.files("vmplanner.backends.xen").joinpath("watch_xl.py").read_bytes())
        subprocess.run(["python3", "-I", program, "watch", "sh", "-c", "echo hello; exit 3"], check=True)
        lines = (tmp_path / "log").read_text().splitlines()
        assert '"xl": "hello"' in lines[1]
        assert '"exit": 3' in lines[2]
