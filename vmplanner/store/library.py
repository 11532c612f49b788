"""What comes with the application: profiles of applications that administrators know, and example projects."""

import tomllib
from functools import cache
from pathlib import Path

from attrs import frozen

from vmplanner.domain.errors import PlannerError
from vmplanner.domain.project import Project
from vmplanner.shipped import RESOURCES
from vmplanner.store.examples import read_example
from vmplanner.store.fields import Fields
from vmplanner.store.templates import PieceTemplate, ProfileTemplate, read_profile

__all__ = ["ExampleInfo", "PieceTemplate", "ProfileTemplate", "example", "examples", "profile", "profiles"]


@frozen
class ExampleInfo:
    """An example before it is opened: its name for commands, and its title and description for people."""

    name: str
    title: str
    description: str


@cache
def profiles() -> tuple[ProfileTemplate, ...]:
    """The shipped profiles, by name. Raises PlannerError that names the file, the piece and the field that is wrong."""
    found = [read_profile(_fields(path)) for path in _files("profiles")]
    return tuple(sorted(found, key=lambda template: template.name.casefold()))


def profile(name: str) -> ProfileTemplate:
    """The shipped profile with this name. Raises PlannerError that lists the names there are."""
    for template in profiles():
        if template.name == name:
            return template
    raise PlannerError(f"There is no profile '{name}'; choose one of {', '.join(each.name for each in profiles())}")


@cache
def examples() -> tuple[ExampleInfo, ...]:
    """The shipped examples, by title. Raises PlannerError that names the file and the field that is wrong."""
    found = []
    for path in _files("examples"):
        fields = _fields(path)
        found.append(ExampleInfo(path.stem, fields.text("title"), fields.text("description")))
    return tuple(sorted(found, key=lambda info: info.title.casefold()))


def example(name: str) -> Project:
    """The shipped example with this name. Raises PlannerError that lists the names there are."""
    for path in _files("examples"):
        if path.stem == name:
            fields = _fields(path)
            fields.text("description")
            project = read_example(fields, {template.name: template for template in profiles()})
            fields.nothing_else()
            return project
    raise PlannerError(f"There is no example '{name}'; choose one of {', '.join(info.name for info in examples())}")


def _files(folder: str) -> list[Path]:
    return sorted((RESOURCES / folder).glob("*.toml"))


def _fields(path: Path) -> Fields:
    try:
        return Fields(path.name, tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PlannerError(f"Can't read '{path}': {error}; install vmplanner again") from error
