"""Which host a list of VMs is of, where the list does not say: the one that is described in the same folder."""

from attrs import define, field

from vmplanner.interchange.files.document import Document


@define
class HostsOfFolders:
    """The hosts that were described, by their folders."""

    _by_folder: dict[str, set[str]] = field(factory=dict)

    def add(self, document: Document, name: str) -> None:
        self._by_folder.setdefault(document.folder, set()).add(name)

    def of(self, document: Document) -> str:
        """The only host of the folder, or of all folders; "" where there is none or more than one."""
        here = self._by_folder.get(document.folder, set())
        everywhere = here or set().union(*self._by_folder.values())
        return next(iter(everywhere)) if len(everywhere) == 1 else ""
