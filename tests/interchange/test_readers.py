"""What a person gets from a file of each program: hosts, VMs and networks as they are there, and a word on the rest."""

import json
from pathlib import Path

from tests.interchange import inventories as given
from tests.interchange.inventories import csv_text, folder, workbook
from tests.interchange.rvtools_tables import RVTOOLS
from vmplanner.domain.groups import GroupKind
from vmplanner.domain.platform import CpuVendor, DeviceKind, PageSize, Platform
from vmplanner.domain.quantities import GIB, MIB
from vmplanner.domain.topology import PolicyName
from vmplanner.interchange.importing import Format, read
from vmplanner.interchange.inventory import Inventory, ReadDisk, Severity


def told(inventory: Inventory) -> list[str]:
    return [str(problem) for problem in inventory.problems]


def check_site(inventory: Inventory) -> None:
    web, db = inventory.machines
    assert (web.name, web.host, web.memory_bytes, web.vcpus) == ("web-01", "esx1.lab", 4 * GIB, 2)
    assert (db.memory_bytes, db.vcpus, db.os) == (32 * GIB, 8, "Debian GNU/Linux 12 (64-bit)")
    assert web.uuid == "4203aaaa-0000-0000-0000-000000000001"
    assert web.disks == (ReadDisk("Hard disk 1", 40 * GIB, "vsan"),)
    assert web.networks == {"VM Network"}
    assert web.machine_type == "vmx-19"
    host = inventory.hosts[0]
    assert (host.memory_bytes, host.cores, host.version) == (785913 * MIB, 40, "7.0.3")
    assert (host.platform, host.policy) == (Platform.VSPHERE, PolicyName.VMOTION)
    assert host.cpu is not None
    assert host.cpu.vendor is CpuVendor.INTEL
    assert {group.name: (group.kind, group.parent) for group in inventory.groups} == {
        "Blue": (GroupKind.GROUP, "DC1"),
        "DC1": (GroupKind.SITE, ""),
    }
    notes = [problem for problem in inventory.problems if problem.severity is Severity.NOTE]
    assert [problem.what for problem in notes] == [
        "old is poweredOff: nothing of it moves live, and it was left out",
        "golden is a template: it was left out",
    ]


def test_rvtools_as_a_workbook(tmp_path: Path) -> None:
    inventory = read([workbook(tmp_path / "site.xlsx", RVTOOLS)])
    check_site(inventory)
    assert inventory.formats == (("site.xlsx", "rvtools"),)
    assert [storage.capacity_bytes for storage in inventory.storages] == [20 * 1024 * GIB, 4 * 1024 * GIB]
    [place] = {machine.place.sheet for machine in inventory.machines}
    assert (place, inventory.machines[1].place.row) == ("vInfo", 3)


def test_rvtools_as_a_folder_of_csv_files(tmp_path: Path) -> None:
    files = {f"RVTools_tab{name}.csv": csv_text(table) for name, table in RVTOOLS.items()}
    check_site(read([folder(tmp_path / "export", files)]))


def test_rvtools_of_an_older_version_writes_mb_and_means_the_same(tmp_path: Path) -> None:
    older = {
        name: [[str(cell).replace("MiB", "MB") for cell in row] for row in table] for name, table in RVTOOLS.items()
    }
    check_site(read([workbook(tmp_path / "old.xlsx", older)]))


def test_rvtools_with_hosts_that_only_vms_name(tmp_path: Path) -> None:
    inventory = read([workbook(tmp_path / "info.xlsx", {"vInfo": RVTOOLS["vInfo"]})])
    assert [host.name for host in inventory.hosts] == ["esx1.lab", "esx2.lab"]
    assert inventory.hosts[0].memory_bytes is None


def test_columns_are_told_with_their_meaning_and_unit(tmp_path: Path) -> None:
    inventory = read([workbook(tmp_path / "site.xlsx", RVTOOLS)])
    columns = {(each.sheet, each.heading): (each.meaning, each.unit) for each in inventory.columns}
    assert columns["vInfo", "Memory"] == ("memory", "MiB")
    assert columns["vDisk", "Capacity MiB"] == ("size of the disk", "MiB")
    assert columns["vInfo", "NICs"] == ("", "")


def test_xl(tmp_path: Path) -> None:
    files = {"info.txt": given.XL_INFO, "list.json": json.dumps(given.XL_LIST)}
    inventory = read([folder(tmp_path / "xen-b", files)])
    [host], [machine] = inventory.hosts, inventory.machines
    assert (host.name, host.memory_bytes, host.cores, host.version) == ("xen-b", 16383 * MIB, 4, "4.17.5")
    assert (host.platform, host.policy) == (Platform.XL, PolicyName.XEN_4)
    assert (machine.name, machine.host, machine.memory_bytes, machine.vcpus) == ("demo", "xen-b", GIB, 2)
    assert machine.networks == {"xenbr0"}
    assert machine.disks == (ReadDisk("xvda", None),)
    assert told(inventory) == ["list.json, row 1, c_info.name: Domain-0 is the host itself: it was left out"]


def test_vms_of_several_xen_hosts_by_their_folders(tmp_path: Path) -> None:
    other = given.XL_INFO.replace("xen-b", "xen-c")
    second = json.dumps(given.XL_LIST).replace("demo", "shop").replace("7ad8", "7ad9")
    files = {
        "b/info.txt": given.XL_INFO,
        "b/list.json": json.dumps(given.XL_LIST),
        "c/info.txt": other,
        "c/list.json": second,
    }
    inventory = read([folder(tmp_path / "lab", files)])
    assert {machine.name: machine.host for machine in inventory.machines} == {"demo": "xen-b", "shop": "xen-c"}


def test_libvirt(tmp_path: Path) -> None:
    inventory = read([folder(tmp_path / "kvm1", {"shop.xml": given.DOMAIN, "capabilities.xml": given.CAPABILITIES})])
    [host], [machine] = inventory.hosts, inventory.machines
    assert (host.name, host.memory_bytes, host.cores) == ("kvm1", 64 * GIB, 4)
    assert host.numa_node_bytes == (32 * GIB, 32 * GIB)
    assert host.machine_types == {"pc-q35-6.2", "pc-i440fx-6.2"}
    assert host.cpu is not None
    assert (host.cpu.vendor, host.cpu.model, host.cpu.level) == (CpuVendor.AMD, "EPYC-Rome", 0)
    assert (machine.name, machine.host, machine.memory_bytes, machine.vcpus) == ("shop", "kvm1", 4 * GIB, 2)
    assert (machine.os, machine.machine_type) == ("ubuntu.com/ubuntu/22.04", "pc-q35-6.2")
    assert (machine.cpu_passthrough, machine.cpu_features, machine.numa_nodes) == (True, {"invtsc"}, 2)
    assert (machine.page_size, machine.networks, machine.guest_tools) == (PageSize.HUGE, {"br0"}, True)
    assert [(device.kind, device.name) for device in machine.devices] == [(DeviceKind.PCI, "0000:03:00.0")]
    assert machine.disks == (ReadDisk("vda", None),)
    what = "it does not name its host; taken is 'kvm1', the name of the folder"
    assert told(inventory) == [f"capabilities.xml: {what}"]


def test_libvirt_hosts_told_by_nodeinfo_and_named_by_files(tmp_path: Path) -> None:
    inventory = read([folder(tmp_path / "dump", {"kvm7.lab-nodeinfo.txt": given.NODEINFO})])
    [host] = inventory.hosts
    assert (host.name, host.cores, host.memory_bytes) == ("kvm7.lab", 8, 65843084 * 1024)


def test_proxmox(tmp_path: Path) -> None:
    files = {
        "resources.json": json.dumps(given.PROXMOX_RESOURCES),
        "101.json": json.dumps({"data": given.PROXMOX_CONFIG}),
        "pve1.json": json.dumps(given.PROXMOX_STATUS),
    }
    inventory = read([folder(tmp_path / "pve", files)])
    one, two = inventory.hosts
    assert (one.name, one.memory_bytes, one.cores, one.version) == ("pve1", 67387539456, 8, "8.1.4")
    assert one.cpu is not None
    assert (one.cpu.vendor, one.cpu.level) == (CpuVendor.AMD, 3)
    assert (two.name, two.cores) == ("pve2", 16)
    [machine] = inventory.machines
    assert (machine.name, machine.host, machine.memory_bytes, machine.vcpus) == ("mail", "pve1", 8 * GIB, 4)
    assert (machine.uuid, machine.cpu_level) == ("4f2504e0-4f89-41d3-9a0c-0305e82c3301", 2)
    assert machine.disks == (ReadDisk("scsi0", 32 * GIB, "nfs"), ReadDisk("scsi1", 512 * MIB))
    assert (machine.networks, machine.guest_tools, machine.os) == ({"vmbr0"}, True, "Linux")
    assert [storage.name for storage in inventory.storages] == ["nfs"]
    assert told(inventory) == [
        "resources.json, row 4: tpl is a template: it was left out",
        "resources.json, row 5: off is stopped: nothing of it moves live, and it was left out",
        "resources.json, row 6: 'dns' is a container: it does not move live, and was left out",
    ]


def test_xe_lists(tmp_path: Path) -> None:
    inventory = read([folder(tmp_path / "pool", {"hosts.txt": given.XE_HOSTS, "vms.txt": given.XE_VMS})])
    [host], [machine] = inventory.hosts, inventory.machines
    assert (host.name, host.memory_bytes, host.cores, host.version) == ("xcp-1", 32 * GIB, 16, "8.2.1")
    assert (host.platform, host.policy) == (Platform.XCP_NG, PolicyName.XEN_4)
    assert (machine.name, machine.host, machine.memory_bytes, machine.vcpus) == ("ADFS22", "xcp-1", 4 * GIB, 2)
    assert machine.os == "Microsoft Windows Server 2012 R2"
    assert [problem.what for problem in inventory.problems] == [
        "asleep is halted: nothing of it moves live, and it was left out",
        "'Control domain on host: xcp-1' is the host itself: it was left out",
    ]


def test_xe_pool_dump(tmp_path: Path) -> None:
    inventory = read([folder(tmp_path, {"pool.xml": given.POOL_DUMP}) / "pool.xml"])
    [host], [machine] = inventory.hosts, inventory.machines
    assert (host.name, host.memory_bytes, host.cores, host.version) == ("xen-a", 64 * GIB, 16, "8.3.0")
    assert (machine.name, machine.host, machine.memory_bytes, machine.vcpus) == ("crm", "xen-a", 8 * GIB, 4)
    assert (machine.os, machine.networks) == ("Debian GNU/Linux 12", {"Pool-wide network"})
    assert machine.disks == (ReadDisk("xvda", 40 * GIB, "iscsi"),)
    assert inventory.storages[0].capacity_bytes == 2 * 1024 * GIB
    assert told(inventory) == []


def test_graphml(tmp_path: Path) -> None:
    inventory = read([folder(tmp_path, {"net.graphml": given.GRAPHML}) / "net.graphml"])
    assert [host.name for host in inventory.hosts] == ["node-a"]
    assert inventory.hosts[0].memory_bytes == 64 * GIB
    assert [switch.name for switch in inventory.switches] == ["leaf-1"]
    assert [storage.name for storage in inventory.storages] == ["nas"]
    fast, plain = inventory.links
    assert (fast.end_a, fast.end_b, fast.bandwidth_bytes_per_s) == ("leaf-1", "node-a", 25e9 / 8)
    assert fast.latency_s is not None
    assert abs(fast.latency_s - 1e-4) < 1e-12
    assert plain.bandwidth_bytes_per_s is None


def test_netbox(tmp_path: Path) -> None:
    files = {
        "devices.csv": given.NETBOX_DEVICES,
        "interfaces.csv": given.NETBOX_INTERFACES,
        "cables.csv": given.NETBOX_CABLES,
    }
    inventory = read([folder(tmp_path / "netbox", files)])
    assert [host.name for host in inventory.hosts] == ["srv-1", "srv-2"]
    assert [switch.name for switch in inventory.switches] == ["tor-1"]
    speeds = [(link.end_b, link.bandwidth_bytes_per_s) for link in inventory.links]
    assert speeds == [("srv-1", 10e9 / 8), ("srv-2", 25e9 / 8)]
    assert {group.name: group.kind for group in inventory.groups}["R1"] is GroupKind.RACK
    assert [problem.place.field for problem in inventory.problems] == ["role", "side_a_device"]


def test_own_tables(tmp_path: Path) -> None:
    inventory = read([folder(tmp_path / "tables", given.TABLES)])
    web, db = inventory.machines
    assert (web.host, web.memory_bytes, web.os) == ("kvm1", 4 * GIB, "Debian 12")
    assert (db.profile, db.disks) == ("Web server", (ReadDisk("data", 200 * GIB, "nas"),))
    assert inventory.storages[0].capacity_bytes == 20 * 1024 * GIB
    assert [link.bandwidth_bytes_per_s for link in inventory.links] == [25e9 / 8, 25e9 / 8, 40e9 / 8]
    assert told(inventory) == []


def test_a_format_that_is_named_counts_more_than_the_content(tmp_path: Path) -> None:
    path = folder(tmp_path, {"vms.csv": given.TABLES["vms.csv"]}) / "vms.csv"
    inventory = read([path], as_format=Format.RVTOOLS)
    assert inventory.machines == ()
    assert "neither vInfo nor vHost" in told(inventory)[0]
