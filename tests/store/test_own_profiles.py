"""A person's own profiles come back as they were saved; what can't be used is told, and costs no other."""

import os
import tomllib
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.write_patterns import patterns
from vmplanner.domain.errors import InvalidValue, PlannerError
from vmplanner.domain.machines import HotCold, Pattern, Piece, PieceKind, Profile, VirtualMachine
from vmplanner.domain.quantities import GIB, MIB
from vmplanner.store import own_profiles
from vmplanner.store.fields import Fields
from vmplanner.store.library import profiles
from vmplanner.store.own_profiles import OwnProfiles, delete_own, read_own, rename_own, save_own
from vmplanner.store.templates import ProfileTemplate, read_profile, written_profile

SHIPPED = [template.name for template in profiles()]


def shop(memory_bytes: int = 3 * GIB) -> VirtualMachine:
    pieces = (
        Piece('heap "1" \\ é', PieceKind.HEAP, GIB, 1234.5, HotCold(0.1, 0.8), 0.1, 0.5, 1.7, "measured: on Monday"),
        Piece("cache", PieceKind.PAGE_CACHE, 700 * MIB),
    )
    return VirtualMachine("vm-1", "web-1", "host-1", memory_bytes, profile=Profile("Shop", pieces))


def template(name: str = "My shop", *, grows: bool = False) -> ProfileTemplate:
    return ProfileTemplate.of(shop(), name, "Our shop", grows=grows)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "not" / "there" / "yet"


def names(home: Path) -> list[str]:
    return [own.template.name for own in read_own(SHIPPED, home).profiles]


def test_no_folder_is_no_profiles(home: Path) -> None:
    assert read_own(SHIPPED, home) == OwnProfiles()


def test_the_folder_is_the_users_own(own_folders: Path) -> None:
    assert own_profiles.folder() == own_folders / "data" / "vmplanner" / "profiles"


@pytest.mark.parametrize("grows", [False, True])
def test_a_profile_comes_back_as_it_was(home: Path, grows: bool) -> None:
    path = save_own(template(grows=grows), OwnProfiles(), home)
    assert path == home / "my-shop.toml"
    [own] = read_own(SHIPPED, home).profiles
    assert (own.template, own.path) == (template(grows=grows), path)
    assert own.template.profile_for(3 * GIB).pieces == shop().profile.pieces
    twice = own.template.profile_for(6 * GIB).pieces[0].size_bytes
    assert twice == (2 * GIB if grows else GIB)
    assert [each.name for each in home.iterdir()] == ["my-shop.toml"]


@given(patterns, st.integers(1, 2**40), st.text(max_size=40), st.booleans())
def test_whatever_is_written_is_read_the_same(pattern: Pattern, size: int, source: str, grows: bool) -> None:
    try:
        piece = Piece("p", PieceKind.HEAP, size, 0.1, pattern, source=source)
        source.encode()
    except ValueError:
        return  # no source can have control characters
    machine = VirtualMachine("vm", "vm", "host", max(size, 4096), profile=Profile("P", (piece,)))
    written = ProfileTemplate.of(machine, "P", "", grows=grows)
    assert read_profile(Fields("x", tomllib.loads(written_profile(written)))) == written


def test_a_profile_of_that_name_is_replaced_and_others_get_files_of_their_own(home: Path) -> None:
    save_own(template("Shop"), read_own(SHIPPED, home), home)
    save_own(template("shop!"), read_own(SHIPPED, home), home)
    save_own(evolve(template("SHOP"), description="anew"), read_own(SHIPPED, home), home)
    assert names(home) == ["SHOP", "shop!"]
    assert sorted(path.name for path in home.iterdir()) == ["shop-2.toml", "shop.toml"]


def test_a_profile_is_renamed_and_deleted(home: Path) -> None:
    save_own(template("One"), OwnProfiles(), home)
    save_own(template("Two"), read_own(SHIPPED, home), home)
    found = read_own(SHIPPED, home)
    with pytest.raises(InvalidValue, match="name must be another one: you have a 'Two' already"):
        rename_own(found.profiles[0], "two", found)
    rename_own(found.profiles[0], "one", found)
    rename_own(found.profiles[0], "Three", found)
    assert names(home) == ["Three", "Two"]
    delete_own(read_own(SHIPPED, home).profiles[0])
    assert names(home) == ["Two"]


HOSTILE = {
    "broken.toml": (b"name = ", "it is not TOML"),
    "binary.toml": (b"\xff\xfe\x00", "it is not text in UTF-8"),
    "large.toml": (b"#" * (1024 * 1024 + 1), "it is larger than 1 MiB"),
    "deep.toml": (b"a = " + b"[" * 100_000, "it is not TOML"),
    "digits.toml": (b"a = " + b"9" * 10_000, "it is not TOML"),
    "many.toml": (
        b'name = "m"\ndescription = ""\nmemory = "1 GiB"\n' + b"[[pieces]]\n" * 201,
        "pieces can be 200 at the most, not 201",
    ),
    "endless.toml": (b'name = "m"\ndescription = ""\nmemory = "-1 GiB"\n', "memory must be at least"),
    "strange.toml": (b'name = "m"\ndescription = ""\nmemory = "1 GiB"\nmacro = "rm"\n', "macro is not known here"),
    "lines.toml": (b'name = "m"\ndescription = "a\\nb"\nmemory = "1 GiB"\n', "control characters or line breaks"),
    "taken.toml": (b'name = "web Server"\ndescription = ""\nmemory = "1 GiB"\n', "one that comes with vmplanner"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_can_not_be_used_is_told_and_the_others_load(home: Path, name: str) -> None:
    content, why = HOSTILE[name]
    save_own(template(), OwnProfiles(), home)
    (home / name).write_bytes(content)
    found = read_own(SHIPPED, home)
    assert [own.template.name for own in found.profiles] == ["My shop"]
    [problem] = found.problems
    assert str(home / name) in problem
    assert why in problem
    assert problem.endswith("Mend the file, or take it out of the folder.")


def test_pipes_folders_and_lost_links_hold_up_nothing(home: Path) -> None:
    save_own(template(), OwnProfiles(), home)
    os.mkfifo(home / "a.toml")
    (home / "b.toml").mkdir()
    (home / "c.toml").symlink_to(home / "nowhere")
    (home / "notes.txt").write_text("not a profile")
    found = read_own(SHIPPED, home)
    assert len(found.profiles) == 1
    assert len(found.problems) == 3


def test_two_files_of_one_name_are_told(home: Path) -> None:
    path = save_own(template(), OwnProfiles(), home)
    (home / "other.toml").write_bytes(path.read_bytes())
    [problem] = read_own(SHIPPED, home).problems
    assert "its name 'My shop' is that of my-shop.toml" in problem


def test_a_save_that_fails_leaves_the_old_file_and_nothing_besides(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save_own(template(), OwnProfiles(), home)
    before = path.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vmplanner.store.own_profiles.os.fsync", full)
    with pytest.raises(PlannerError, match=r"could not be saved in .*: No space left on device"):
        save_own(evolve(template(), description="anew"), read_own(SHIPPED, home), home)
    assert path.read_bytes() == before
    assert [each.name for each in home.iterdir()] == ["my-shop.toml"]
