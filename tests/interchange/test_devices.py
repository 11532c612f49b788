"""Hardware that is handed to VMs, as far as each program tells of it: what has it can't move just anywhere."""

import json
from pathlib import Path

import pytest

from tests.interchange import inventories as given
from tests.interchange.inventories import csv_text, folder
from tests.interchange.rvtools_tables import RVTOOLS
from vmplanner.domain.platform import Device, DeviceKind
from vmplanner.interchange.importing import read

XE_VM = given.XE_VMS.partition("\n\n\n")[0]
XE_DEVICES = """uuid ( RO)                  : 5b0
              vm-uuid ( RO): c83c7646-db66-45e9-6b60-873dfc79621f
        vm-name-label ( RO): ADFS22
       gpu-group-uuid ( RO): 9a1
      type-model-name ( RO): GRID T4-2Q


uuid ( RO)                  : 6c0
              vm-uuid ( RO): c83c7646-db66-45e9-6b60-873dfc79621f
       usb-group-uuid ( RO): 7d1
 usb-group-name-label ( RO): Group of Aladdin HASP USBs


uuid ( RO)                  : 7e0
         physical-PIF ( RO): p1
          logical-PIF ( RO): p2


uuid ( RO)                  : p2
         network-uuid ( RO): n2
           management ( RO): false


uuid ( RO)                  : 8f0
              vm-uuid ( RO): c83c7646-db66-45e9-6b60-873dfc79621f
                  MAC ( RO): 00:00:00:00:00:01
         network-uuid ( RO): n2
   network-name-label ( RO): fast
"""
DUMPED = """
<table name="VGPU"><row ref="OpaqueRef:1" uuid="1" VM="OpaqueRef:v" type="OpaqueRef:2"/></table>
<table name="VGPU_type"><row ref="OpaqueRef:2" uuid="2" model_name="GRID T4-2Q"/></table>
<table name="VUSB"><row ref="OpaqueRef:3" uuid="3" VM="OpaqueRef:v" USB_group="OpaqueRef:4"/></table>
<table name="USB_group"><row ref="OpaqueRef:4" uuid="4" name__label="Group of Aladdin HASP USBs"/></table>
<table name="network_sriov"><row ref="OpaqueRef:5" uuid="5" physical_PIF="OpaqueRef:6" logical_PIF="OpaqueRef:7"/>
</table>
<table name="PIF"><row ref="OpaqueRef:7" uuid="7" network="OpaqueRef:n"/></table>
</database>"""


def devices(path: Path) -> set[Device]:
    [machine] = read([path]).machines
    return set(machine.devices)


def test_lists_of_xe(tmp_path: Path) -> None:
    pci = "\n                other-config (MRW): auto_poweron: true; pci: 0/0000:04:00.0,0/0000:05:00.0"
    files = {"hosts.txt": given.XE_HOSTS, "vms.txt": XE_VM + pci, "devices.txt": XE_DEVICES}
    assert devices(folder(tmp_path, files)) == {
        Device(DeviceKind.PCI, "0000:04:00.0"),
        Device(DeviceKind.PCI, "0000:05:00.0"),
        Device(DeviceKind.VGPU, "GRID T4-2Q"),
        Device(DeviceKind.USB, "Group of Aladdin HASP USBs"),
        Device(DeviceKind.SR_IOV, "fast"),
    }


def test_the_dump_of_a_pool(tmp_path: Path) -> None:
    pci = "other_config=\"(('pci' '0/0000:04:00.0'))\" guest_metrics="
    dump = given.POOL_DUMP.replace("guest_metrics=", pci, 1).replace("\n</database>", DUMPED)
    assert devices(folder(tmp_path, {"pool.xml": dump}) / "pool.xml") == {
        Device(DeviceKind.PCI, "0000:04:00.0"),
        Device(DeviceKind.VGPU, "GRID T4-2Q"),
        Device(DeviceKind.USB, "Group of Aladdin HASP USBs"),
        Device(DeviceKind.SR_IOV, "Pool-wide network"),
    }


def test_rvtools_tells_of_usb_and_sr_iov(tmp_path: Path) -> None:
    files = {f"{name}.csv": csv_text(table) for name, table in RVTOOLS.items() if name != "vNetwork"}
    files["vUSB.csv"] = (
        "VM,Powerstate,Device Node,Device Type,Connected,Family,Speed\nweb-01,poweredOn,USB 1,Dongle,True,,\n"
    )
    files["vNetwork.csv"] = "VM,Adapter,Network,Mac Address\nweb-01,SR-IOV,fast,00:01\nweb-01,Vmxnet3,slow,00:02\n"
    web = next(machine for machine in read([folder(tmp_path, files)]).machines if machine.name == "web-01")
    assert web.devices == (Device(DeviceKind.SR_IOV, "fast"), Device(DeviceKind.USB, "Dongle"))
    assert web.networks == {"fast", "slow"}


@pytest.mark.parametrize("name", ["", "a\nb\x07", "x" * 500])
def test_names_of_devices_may_be_anything(tmp_path: Path, name: str) -> None:
    config = {"digest": "d", "name": "web", "cores": 1, "hostpci0": name, "hostpci1": name}
    vm = {"type": "qemu", "vmid": 101, "node": "n1", "name": "web", "status": "running"}
    files = {"resources.json": json.dumps([{"type": "node", "node": "n1"}, vm]), "101.json": json.dumps(config)}
    [device] = devices(folder(tmp_path, files))
    assert (device.kind, device.count) == (DeviceKind.PCI, 2)
    assert device.name
