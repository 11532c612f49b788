"""How a real host is reached: what a person types for ssh, and what other hosts know it by."""

import re

from attrs import field, frozen

from vmplanner.domain.errors import InvalidValue

_NAME = r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_][A-Za-z0-9_.-]*)"
_DESTINATION = re.compile(rf"((ssh://)?([A-Za-z0-9_][A-Za-z0-9_.+-]*@)?{_NAME}(:[0-9]{{1,5}})?/?)?")
_PEER = re.compile(rf"(([A-Za-z0-9_][A-Za-z0-9_.+-]*@)?{_NAME})?")


def _destination(_access: object, _attribute: object, value: str) -> None:
    if not isinstance(value, str) or not _DESTINATION.fullmatch(value):
        raise InvalidValue("Host", "address", f"must be such as root@xen-a or ssh://root@xen-a:22, not {value!a}")


def _peer(_access: object, _attribute: object, value: str) -> None:
    if not isinstance(value, str) or not _PEER.fullmatch(value):
        raise InvalidValue("Host", "migration address", f"must be a name or number such as xen-b, not {value!a}")


@frozen
class Access:
    """Addresses of a host, both empty where they are not known. They can be nothing but addresses: programs get them.

    `address` is an ssh destination: a host, user@host, ssh://user@host:port, or a name of the user's ssh configuration.
    `migration_address` is the name that other hosts send migrations to (empty: the host part of `address`).
    """

    address: str = field(default="", validator=_destination)
    migration_address: str = field(default="", validator=_peer)

    @property
    def peer(self) -> str:
        """What other hosts know it by."""
        host = self.address.removeprefix("ssh://").rstrip("/").rpartition("@")[2]
        return self.migration_address or re.sub(r":[0-9]+$", "", host)
