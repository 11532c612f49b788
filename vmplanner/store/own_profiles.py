"""The profiles that a person has saved: a folder of files like those that come with the application, one for each.

What lies in the folder may have been written by anyone. A file that can't be used is told, and the others still count.
"""

import os
import re
import stat
import tomllib
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

import platformdirs
from attrs import evolve, frozen

from vmplanner.domain.errors import InvalidValue, PlannerError
from vmplanner.store.fields import Fields
from vmplanner.store.templates import ProfileTemplate, read_profile, written_profile

SUFFIX = ".toml"
_MOST_FILE_BYTES = 1024 * 1024
_MOST_FILES = 1000
_ADVICE = "Mend the file, or take it out of the folder"


@frozen
class OwnProfile:
    """A profile and the file that it is in."""

    template: ProfileTemplate
    path: Path


@frozen
class OwnProfiles:
    """What a folder holds: profiles by name, and a sentence for each file that can't be used."""

    profiles: tuple[OwnProfile, ...] = ()
    problems: tuple[str, ...] = ()

    def find(self, name: str) -> OwnProfile | None:
        """The profile with this name; small and capital letters are alike."""
        return next((own for own in self.profiles if _same(own.template.name, name)), None)


def folder() -> Path:
    """Where a person's own profiles are kept."""
    return platformdirs.user_data_path("vmplanner", appauthor=False) / "profiles"


def read_own(taken: Collection[str], home: Path | None = None) -> OwnProfiles:
    """The profiles in a folder, which need not be there. None may have one of the `taken` names, or that of another."""
    home = home or folder()
    found: list[OwnProfile] = []
    problems: list[str] = []
    try:
        paths = sorted(path for path in home.iterdir() if path.suffix == SUFFIX and not path.name.startswith("."))
    except FileNotFoundError:
        return OwnProfiles()
    except OSError as error:
        return OwnProfiles((), (f"Your profiles in {home} can't be read: {error.strerror}.",))
    if len(paths) > _MOST_FILES:
        problems.append(f"{home} has {len(paths)} files; only the first {_MOST_FILES} are read.")
    for path in paths[:_MOST_FILES]:
        try:
            template = _read(path)
            other = next((own.path.name for own in found if _same(own.template.name, template.name)), "")
            if any(_same(template.name, name) for name in taken):
                other = "one that comes with vmplanner"
            if other:
                raise PlannerError(f"its name '{template.name}' is that of {other}")
            found.append(OwnProfile(template, path))
        except PlannerError as error:
            problems.append(f"The profile {path} can't be used: {error}. {_ADVICE}.")
    found.sort(key=lambda own: own.template.name.casefold())
    return OwnProfiles(tuple(found), tuple(problems))


def save_own(template: ProfileTemplate, own: OwnProfiles, home: Path | None = None) -> Path:
    """Write a profile to its file, that of the profile with its name if there is one, in one step: whatever happens,
    the file is the old one or the new one. Raises PlannerError.
    """
    home = home or folder()
    text = written_profile(template)
    if len(text.encode()) > _MOST_FILE_BYTES:
        raise PlannerError(
            f"'{template.name}' is larger than 1 MiB and can't be saved as a profile; remove some pieces"
        )
    # What could not be read back must not take the place of a good file.
    read_profile(Fields(template.name, tomllib.loads(text)))
    before = own.find(template.name)
    try:
        home.mkdir(parents=True, exist_ok=True)
        path = before.path if before is not None else _free_path(home, template.name)
        _write(path, text)
    except OSError as error:
        why = f"The profile '{template.name}' could not be saved in {home}: {error.strerror}"
        raise PlannerError(f"{why}. Make room there, or let yourself write to it") from error
    return path


def rename_own(profile: OwnProfile, name: str, own: OwnProfiles) -> None:
    """Give a profile another name that no other has. Raises PlannerError."""
    other = own.find(name)
    if other is not None and other.path != profile.path:
        raise InvalidValue("Profile", "name", f"must be another one: you have a '{other.template.name}' already")
    renamed = evolve(profile.template, name=name)
    save_own(renamed, OwnProfiles((OwnProfile(renamed, profile.path),)), profile.path.parent)


def delete_own(profile: OwnProfile) -> None:
    """Remove a profile's file. Raises PlannerError."""
    try:
        profile.path.unlink(missing_ok=True)
    except OSError as error:
        raise PlannerError(f"The profile {profile.path} could not be deleted: {error.strerror}") from error


def _read(path: Path) -> ProfileTemplate:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe must not hold up the window
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise PlannerError("it is no file")
            content = file.read(_MOST_FILE_BYTES + 1)
    except OSError as error:
        raise PlannerError(error.strerror or str(error)) from error
    if len(content) > _MOST_FILE_BYTES:
        raise PlannerError("it is larger than 1 MiB")
    try:
        values = tomllib.loads(content.decode())
    except UnicodeDecodeError:
        raise PlannerError("it is not text in UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise PlannerError(f"it is not TOML: {error}") from None
    return read_profile(Fields(path.name, values))


def _write(path: Path, text: str) -> None:
    with NamedTemporaryFile("wb", dir=path.parent, prefix=".", suffix=".saving", delete=False) as file:
        try:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(file.name)
            raise


def _free_path(home: Path, name: str) -> Path:
    """A file for a profile of this name: 'My shop' gives my-shop.toml, or my-shop-2.toml."""
    stem = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:60] or "profile"
    taken = {path.name.casefold() for path in home.iterdir()}
    names: Sequence[str] = [stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3))]
    return home / next(f"{each}{SUFFIX}" for each in names if f"{each}{SUFFIX}" not in taken)


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
