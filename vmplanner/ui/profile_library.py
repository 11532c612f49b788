"""The profiles that can be given to VMs: those that come with the application, and a person's own."""

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from vmplanner.store import library, own_profiles
from vmplanner.store.own_profiles import OwnProfile
from vmplanner.store.templates import ProfileTemplate


class ProfileLibrary(QObject):
    """Iterates over the profiles, a person's own first. `problems` are sentences about files that can't be used.
    `changed` comes when a profile was saved, renamed or deleted.
    """

    changed = Signal()

    def __init__(self, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self.shipped = library.profiles()
        self._own = self._read()

    def __iter__(self) -> Iterator[ProfileTemplate]:
        yield from (own.template for own in self._own.profiles)
        yield from self.shipped

    @property
    def own(self) -> tuple[OwnProfile, ...]:
        return self._own.profiles

    @property
    def problems(self) -> tuple[str, ...]:
        return self._own.problems

    def find(self, name: str) -> ProfileTemplate | None:
        return next((template for template in self if template.name == name), None)

    def find_own(self, name: str) -> OwnProfile | None:
        """A person's own profile; small and capital letters are alike."""
        return self._own.find(name)

    def is_shipped(self, name: str) -> bool:
        return any(template.name.casefold() == name.strip().casefold() for template in self.shipped)

    def choices(self, also: str = "") -> list[tuple[str, str]]:
        """Names for a list to choose from, a person's own marked as such; `also` is one that may be in no library."""
        others = [] if not also or self.find(also) else [(also, also)]
        own = [(own.template.name, f"{own.template.name}  (own)") for own in self._own.profiles]
        return [*others, *own, *((template.name, template.name) for template in self.shipped)]

    def save(self, template: ProfileTemplate) -> None:
        """Keep a profile, in the place of the own one with its name. Raises PlannerError."""
        own_profiles.save_own(template, self._own, self._folder)
        self.read_again()

    def rename(self, profile: OwnProfile, name: str) -> None:
        """Raises PlannerError when another one has the name."""
        own_profiles.rename_own(profile, name, self._own)
        self.read_again()

    def delete(self, profile: OwnProfile) -> None:
        """Raises PlannerError."""
        own_profiles.delete_own(profile)
        self.read_again()

    def read_again(self) -> None:
        """Files may have come, gone or changed meanwhile."""
        before, self._own = self._own, self._read()
        if self._own != before:
            self.changed.emit()

    @property
    def folder(self) -> Path:
        return self._folder or own_profiles.folder()

    def _read(self) -> own_profiles.OwnProfiles:
        return own_profiles.read_own([template.name for template in self.shipped], self._folder)
