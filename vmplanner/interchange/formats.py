"""The formats of other programs that can be imported, by name: apart from their readers, which take time to load."""

from enum import StrEnum


class Format(StrEnum):
    """In the order in which a file is tried: the plain tables would take many a CSV file for one of theirs."""

    RVTOOLS = "rvtools"
    LIBVIRT = "libvirt"
    XL = "xl"
    PROXMOX = "proxmox"
    XENSERVER = "xenserver"
    GRAPHML = "graphml"
    NETBOX = "netbox"
    TABLES = "tables"

    @property
    def label(self) -> str:
        return {
            Format.RVTOOLS: "RVTools",
            Format.LIBVIRT: "libvirt",
            Format.XL: "Xen (xl)",
            Format.PROXMOX: "Proxmox VE",
            Format.XENSERVER: "XCP-ng or XenServer",
            Format.GRAPHML: "GraphML",
            Format.NETBOX: "NetBox",
            Format.TABLES: "vmplanner's tables",
        }[self]
