"""What a Xen host says of itself and its VMs, for whoever reads inventories (interchange/readers/xl.py)."""

from attrs import frozen

from vmplanner.backends.xen.xl import XlHost, read_info


@frozen
class Discovered:
    """The answers of one host: its own name, `xl info -n`, and `xl list -l`."""

    name: str
    address: str
    info: str
    domains: str


def discover(host: XlHost) -> Discovered:
    """Ask a host. Raises PlannerError when it can't be reached, or has no xl."""
    info = host.ssh.run(["xl", "info", "-n"])
    return Discovered(read_info(info).name, host.ssh.destination, info, host.ssh.run(["xl", "list", "-l"]))
