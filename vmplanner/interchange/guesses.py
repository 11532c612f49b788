"""Which profile a VM may have, by its name, its operating system and its size. A guess, and marked as one.

No inventory says what runs in a VM. Names of machines often do: the first rule with a word that the name has counts.
The profile's name ends in "(guess)", and the source of each piece begins with what the guess came from.
"""

import re
from collections.abc import Sequence
from typing import Protocol

from attrs import evolve, frozen

from vmplanner.domain.checks import MAX_NAME_LENGTH
from vmplanner.domain.machines import Profile
from vmplanner.domain.quantities import GIB

MARK = " (guess)"
_WORDS = (
    ("In-memory cache", "redis memcached memcache valkey cache"),
    ("PostgreSQL database", "postgres postgresql pgsql pg mysql mariadb maria oracle ora mssql sql db database mongo"),
    ("Build server", "jenkins build builder ci runner gitlab teamcity bamboo"),
    (
        "Java application server",
        "java tomcat jboss wildfly weblogic websphere app appserver kafka elastic elasticsearch",
    ),
    ("Batch analytics", "spark hadoop analytics etl batch dwh hive presto"),
    ("File server", "file files fileserver nas smb samba nfs ftp share backup"),
    ("Web server", "web www nginx apache httpd proxy haproxy lb frontend portal"),
    ("Desktop", "vdi desktop citrix"),
)
_DESKTOPS = re.compile(r"windows (7|8|10|11)\b", re.IGNORECASE)
_SMALL_BYTES = 2 * GIB
_LARGE_BYTES = 16 * GIB


class ProfileSource(Protocol):
    """A profile before it meets a VM, such as those of the library."""

    @property
    def name(self) -> str: ...

    def profile_for(self, memory_bytes: int) -> Profile: ...


@frozen
class Guess:
    name: str
    reason: str


def guess(name: str, os: str, memory_bytes: int) -> Guess:
    """The library's profile that fits best, and why."""
    words = {word.rstrip("0123456789") for word in re.split(r"[^a-z0-9]+", name.casefold()[:200])}
    for profile, known in _WORDS:
        found = words & set(known.split())
        if found:
            return Guess(profile, f"from '{min(found)}' in the VM's name")
    if match := _DESKTOPS.search(os):
        return Guess("Desktop", f"from its operating system, {match.group()}")
    if memory_bytes <= _SMALL_BYTES:
        return Guess("Idle Linux", "from its small memory")
    if memory_bytes <= _LARGE_BYTES:
        return Guess("Web server", "from its middling memory")
    return Guess("Java application server", "from its large memory")


def guessed_profile(name: str, os: str, memory_bytes: int, known: Sequence[ProfileSource]) -> Profile:
    """The profile that is guessed, in the VM's size; empty where none of the known has its name."""
    found = guess(name, os, memory_bytes)
    source = next((each for each in known if each.name == found.name), None)
    if source is None:
        return Profile()
    return marked(source.profile_for(memory_bytes), found.reason)


def marked(profile: Profile, reason: str) -> Profile:
    """The profile as a guess, in its name and in what its pieces say of their source."""
    pieces = [evolve(piece, source=f"guess {reason}; {piece.source}"[:MAX_NAME_LENGTH]) for piece in profile.pieces]
    return Profile(f"{profile.name}{MARK}", pieces)


def refitted(profile: Profile, memory_bytes: int) -> Profile:
    """The profile with all pieces smaller in proportion, as far as the memory is smaller than they are."""
    if profile.size_bytes <= memory_bytes:
        return profile
    scale = memory_bytes / profile.size_bytes
    return evolve(profile, pieces=[evolve(each, size_bytes=int(each.size_bytes * scale)) for each in profile.pieces])
