"""What was started on real hosts is found again, whatever became of the process that started it."""

from pathlib import Path

import pytest

from vmplanner.backends.xen.under_way import Register, UnderWay
from vmplanner.domain.errors import InvalidValue

ONE = UnderWay("move-1", "web", "uuid", "root@a", "root@b", "/run/vmplanner.aB3", 1 << 27, "2026-11-22T23:00:00+00:00")


def test_what_is_added_is_found_until_it_is_removed(tmp_path: Path) -> None:
    register = Register(tmp_path / "deep" / "folder")
    assert register.left() == ([], [])
    register.add(ONE)
    register.release(ONE)
    assert Register(tmp_path / "deep" / "folder").left() == ([ONE], [])
    register.remove(ONE)
    assert register.left() == ([], [])


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"folder": 1}', "\x00"])
def test_a_damaged_note_is_named_and_the_others_are_read(tmp_path: Path, text: str) -> None:
    register = Register(tmp_path)
    register.add(ONE)
    register.release(ONE)
    (tmp_path / "bad.json").write_text(text)
    found, (fault,) = register.left()
    assert found == [ONE]
    assert "bad.json" in fault


def test_a_note_names_nothing_but_our_folders_and_hosts() -> None:
    for change in ({"folder": "/etc"}, {"source": "-oProxyCommand=x"}, {"target": ""}):
        with pytest.raises(InvalidValue):
            UnderWay(**{**{f: getattr(ONE, f) for f in ONE.__slots__ if not f.startswith("__")}, **change})
