"""Small inventories in every format, as their programs write them, for the tests of the readers and for the fuzzers."""

import csv
import io
import json
from pathlib import Path

from openpyxl import Workbook

from tests.interchange.rvtools_tables import RVTOOLS, Table

XL_INFO = """host                   : xen-b
release                : 6.1.0-56-amd64
nr_cpus                : 8
max_cpu_id             : 7
nr_nodes               : 1
cores_per_socket       : 4
threads_per_core       : 2
total_memory           : 16383
free_memory            : 9000
xen_major              : 4
xen_minor              : 17
xen_extra              : .5
xen_version            : 4.17.5
"""
XL_LIST = [
    {"domid": 0, "config": {"c_info": {"type": "pv", "name": "Domain-0"}, "b_info": {"max_memkb": 655360}}},
    {
        "domid": 2,
        "config": {
            "c_info": {"type": "pvh", "name": "demo", "uuid": "7ad8cd07-3f83-4e21-95e3-20be230fb03e"},
            "b_info": {"max_vcpus": 2, "max_memkb": 2097152, "target_memkb": 1048576},
            "disks": [{"pdev_path": "/dev/vg/demo", "vdev": "xvda", "format": "raw"}],
            "nics": [{"devid": 0, "mac": "00:16:3e:00:00:01", "bridge": "xenbr0"}],
        },
    },
]

DOMAIN = """<domain type='kvm' id='3'>
  <name>shop</name>
  <uuid>224ff171-df64-45ef-804b-cc998c312b53</uuid>
  <metadata>
    <libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0">
      <libosinfo:os id="http://ubuntu.com/ubuntu/22.04"/>
    </libosinfo:libosinfo>
  </metadata>
  <memory unit='KiB'>8388608</memory>
  <currentMemory unit='GiB'>4</currentMemory>
  <memoryBacking><hugepages><page size='2048' unit='KiB'/></hugepages></memoryBacking>
  <vcpu placement='static' current='2'>4</vcpu>
  <os><type arch='x86_64' machine='pc-q35-6.2'>hvm</type></os>
  <cpu mode='host-passthrough' check='none'>
    <feature policy='require' name='invtsc'/>
    <numa><cell id='0' cpus='0-1' memory='2' unit='GiB'/><cell id='1' cpus='2-3' memory='2' unit='GiB'/></numa>
  </cpu>
  <devices>
    <disk type='file' device='disk'><source file='/var/lib/x.qcow2'/><target dev='vda' bus='virtio'/></disk>
    <disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>
    <interface type='bridge'><source bridge='br0'/><model type='virtio'/></interface>
    <hostdev mode='subsystem' type='pci' managed='yes'>
      <source><address domain='0x0000' bus='0x03' slot='0x00' function='0x0'/></source>
    </hostdev>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='connected'/></channel>
  </devices>
</domain>
"""
CAPABILITIES = """<capabilities>
  <host>
    <uuid>4c4c4544-0000-1000-8000-b4c04f000001</uuid>
    <cpu>
      <arch>x86_64</arch><model>EPYC-Rome</model><vendor>AMD</vendor>
      <topology sockets='1' dies='1' cores='4' threads='2'/><feature name='ht'/>
    </cpu>
    <topology><cells num='2'>
      <cell id='0'><memory unit='KiB'>33554432</memory><cpus num='4'>
        <cpu id='0' socket_id='0' core_id='0' siblings='0,4'/><cpu id='4' socket_id='0' core_id='0' siblings='0,4'/>
        <cpu id='1' socket_id='0' core_id='1' siblings='1,5'/><cpu id='5' socket_id='0' core_id='1' siblings='1,5'/>
      </cpus></cell>
      <cell id='1'><memory unit='KiB'>33554432</memory><cpus num='4'>
        <cpu id='2' socket_id='0' core_id='2' siblings='2,6'/><cpu id='6' socket_id='0' core_id='2' siblings='2,6'/>
        <cpu id='3' socket_id='0' core_id='3' siblings='3,7'/><cpu id='7' socket_id='0' core_id='3' siblings='3,7'/>
      </cpus></cell>
    </cells></topology>
  </host>
  <guest><os_type>hvm</os_type><arch name='x86_64'>
    <machine maxCpus='288'>pc-q35-6.2</machine><machine maxCpus='255'>pc-i440fx-6.2</machine>
    <domain type='qemu'/><domain type='kvm'/>
  </arch></guest>
</capabilities>
"""
NODEINFO = """CPU model:           x86_64
CPU(s):              16
CPU frequency:       2445 MHz
CPU socket(s):       1
Core(s) per socket:  8
Thread(s) per core:  2
NUMA cell(s):        1
Memory size:         65843084 KiB
"""

PROXMOX_RESOURCES = [
    {"id": "node/pve1", "node": "pve1", "type": "node", "status": "online", "maxcpu": 16, "maxmem": 67387539456},
    {"id": "node/pve2", "node": "pve2", "type": "node", "status": "online", "maxcpu": 16, "maxmem": 67387539456},
    {"id": "qemu/101", "vmid": 101, "name": "mail", "node": "pve1", "type": "qemu", "status": "running", "maxcpu": 4}
    | {"maxmem": 8589934592, "template": 0},
    {"id": "qemu/9000", "vmid": 9000, "name": "tpl", "node": "pve1", "type": "qemu", "status": "stopped"}
    | {"template": 1},
    {"id": "qemu/102", "vmid": 102, "name": "off", "node": "pve1", "type": "qemu", "status": "stopped", "template": 0},
    {"id": "lxc/100", "vmid": 100, "name": "dns", "node": "pve1", "type": "lxc", "status": "running"},
    {"id": "storage/pve1/nfs", "node": "pve1", "type": "storage", "storage": "nfs", "shared": 1, "maxdisk": 10**13},
    {"id": "storage/pve2/nfs", "node": "pve2", "type": "storage", "storage": "nfs", "shared": 1, "maxdisk": 10**13},
    {"id": "storage/pve1/local", "node": "pve1", "type": "storage", "storage": "local", "shared": 0},
]
PROXMOX_CONFIG = {
    "name": "mail",
    "digest": "6b907c7fee9a470a2b0d52bf736f5f1a0c75c47c",
    "cores": 2,
    "sockets": 2,
    "memory": "8192",
    "ostype": "l26",
    "cpu": "x86-64-v2-AES",
    "agent": "enabled=1",
    "smbios1": "uuid=4f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "scsi0": "nfs:101/vm-101-disk-0.qcow2,size=32G",
    "scsi1": "local:vm-101-disk-1,iothread=1,size=512M",
    "ide2": "local:iso/debian.iso,media=cdrom",
    "net0": "virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=100",
    "hostpci0": "0000:01:00.0,pcie=1",
}
PROXMOX_STATUS = {
    "pveversion": "pve-manager/8.1.4/ec5affc9e41f1d79",
    "cpuinfo": {"model": "AMD EPYC 7302P 16-Core Processor", "sockets": 1, "cores": 8, "cpus": 16}
    | {"flags": "fpu cx16 lahf_lm popcnt sse4_1 sse4_2 ssse3 avx avx2 bmi1 bmi2 f16c fma movbe xsave"},
    "memory": {"total": 67387539456, "used": 1818017792},
}

XE_HOSTS = """uuid ( RO)                                 : 760a1e5e-c439-42f9-bf5a-480e2bb2b959
                           name-label ( RW): xcp-1
                     software-version (MRO): product_version: 8.2.1; product_brand: XCP-ng; xen: 4.13.4
                             cpu_info (MRO): cpu_count: 16; socket_count: 1; vendor: AuthenticAMD; modelname: AMD EPYC
                         memory-total ( RO): 34359738368
                          memory-free ( RO): 135045120


"""
XE_VMS = """uuid ( RO)                       : c83c7646-db66-45e9-6b60-873dfc79621f
                  name-label ( RW): ADFS22
               is-a-template ( RW): false
               is-a-snapshot ( RO): false
           is-control-domain ( RO): false
                 power-state ( RO): running
           memory-static-max ( RW): 4294967296
          memory-dynamic-max ( RW): 4294967296
                   VCPUs-max ( RW): 2
                 resident-on ( RO): 760a1e5e-c439-42f9-bf5a-480e2bb2b959
                  os-version (MRO): name: Microsoft Windows Server 2012 R2|C:\\Windows; distro: windows; major: 6


uuid ( RO)                       : 11111111-db66-45e9-6b60-873dfc79621f
                  name-label ( RW): asleep
           is-control-domain ( RO): false
                 power-state ( RO): halted
                 resident-on ( RO): <not in database>


uuid ( RO)                       : 22222222-db66-45e9-6b60-873dfc79621f
                  name-label ( RW): Control domain on host: xcp-1
           is-control-domain ( RO): true
                 power-state ( RO): running
"""
POOL_DUMP = """<?xml version="1.0" encoding="UTF-8"?>
<database><manifest><pair key="schema_major_vsn" value="5"/><pair key="generation_count" value="37"/></manifest>
<table name="Bond"/>
<table name="VM">
<row ref="OpaqueRef:v" uuid="33333333-3333-3333-3333-333333333333" name__label="crm" power_state="Running"
 is_a_template="false" is_a_snapshot="false" is_control_domain="false" memory__static_max="8589934592"
 memory__dynamic_max="8589934592" VCPUs__max="4" VCPUs__at_startup="4" resident_on="OpaqueRef:a"
 guest_metrics="OpaqueRef:g"/>
<row ref="OpaqueRef:t" uuid="44444444-3333-3333-3333-333333333333" name__label="Debian 12" is_a_template="true"/>
</table>
<table name="VM_guest_metrics"><row ref="OpaqueRef:g" os_version="(('name' 'Debian GNU/Linux 12') ('major' '12'))"/>
</table>
<table name="VBD"><row ref="OpaqueRef:b" VM="OpaqueRef:v" VDI="OpaqueRef:d" type="Disk" device="xvda"/>
<row ref="OpaqueRef:c" VM="OpaqueRef:v" VDI="OpaqueRef:NULL" type="CD" device="xvdd"/></table>
<table name="VDI"><row ref="OpaqueRef:d" uuid="d" SR="OpaqueRef:s" virtual_size="42949672960"/></table>
<table name="SR"><row ref="OpaqueRef:s" uuid="s" name__label="iscsi" shared="true" physical_size="2199023255552"/>
</table>
<table name="VIF"><row ref="OpaqueRef:f" VM="OpaqueRef:v" network="OpaqueRef:n" MAC="00:00:00:00:00:01"/></table>
<table name="network"><row ref="OpaqueRef:n" uuid="n" name__label="Pool-wide network" bridge="xenbr0"/></table>
<table name="host">
<row ref="OpaqueRef:a" uuid="11111111-1111-1111-1111-111111111111" name__label="xen-a" hostname="xen-a"
 cpu_info="(('cpu_count' '16') ('vendor' 'GenuineIntel') ('modelname' 'Intel Xeon'))"
 software_version="(('product_version' '8.3.0') ('xen' '4.17'))" metrics="OpaqueRef:m"/></table>
<table name="host_metrics"><row ref="OpaqueRef:m" memory__total="68719476736" live="true"/></table>
</database>
"""

GRAPHML = """<?xml version="1.0" encoding="utf-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key attr.name="label" attr.type="string" for="node" id="d0"/>
  <key attr.name="type" attr.type="string" for="node" id="d1"/>
  <key attr.name="memory" attr.type="string" for="node" id="d2"/>
  <key attr.name="bandwidth" attr.type="string" for="edge" id="d3"/>
  <key attr.name="latency" attr.type="string" for="edge" id="d4"/>
  <graph edgedefault="undirected">
    <node id="n0"><data key="d0">leaf-1</data><data key="d1">switch</data></node>
    <node id="n1"><data key="d0">node-a</data><data key="d1">Server</data><data key="d2">64 GiB</data></node>
    <node id="n2"><data key="d0">nas</data><data key="d1">storage</data></node>
    <edge source="n0" target="n1"><data key="d3">25 Gbit/s</data><data key="d4">0.1 ms</data></edge>
    <edge source="n0" target="n2"/>
  </graph>
</graphml>
"""

NETBOX_DEVICES = """name,role,manufacturer,device_type,site,rack,status
tor-1,Access Switch,Arista,7050SX,Oslo,R1,active
srv-1,Server,Dell,R640,Oslo,R1,active
srv-2,Hypervisor,Dell,R640,Oslo,R2,active
pdu-1,PDU,APC,AP8000,Oslo,R1,active
"""
NETBOX_INTERFACES = """device,name,type
tor-1,Ethernet1,25gbase-x-sfp28
tor-1,Ethernet2,25gbase-x-sfp28
srv-1,eno1,10gbase-x-sfpp
srv-2,eno1,25gbase-x-sfp28
"""
NETBOX_CABLES = """side_a_device,side_a_type,side_a_name,side_b_device,side_b_type,side_b_name,status
tor-1,dcim.interface,Ethernet1,srv-1,dcim.interface,eno1,connected
tor-1,dcim.interface,Ethernet2,srv-2,dcim.interface,eno1,connected
pdu-1,dcim.poweroutlet,1,srv-1,dcim.powerport,psu1,connected
"""

TABLES = {
    "hosts.csv": "host,memory (GiB),cores,platform\nkvm1,128,32,libvirt\nkvm2,128,32,libvirt\n",
    "vms.csv": "VM,host,memory (GiB),vCPUs,OS,profile\nweb-1,kvm1,4,2,Debian 12,\ndb-1,kvm2,16,8,,Web server\n",
    "disks.csv": "VM,disk,size,storage\ndb-1,data,200 GiB,nas\n",
    "storages.csv": "storage,capacity (TiB)\nnas,20\n",
    "switches.csv": "switch\ncore\n",
    "links.csv": "end A,end B,bandwidth (Gbit/s),latency (ms)\ncore,kvm1,25,0.1\ncore,kvm2,25,0.1\ncore,nas,40,0.1\n",
}


def csv_text(table: Table, separator: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(table)
    return text.getvalue()


def workbook(path: Path, sheets: dict[str, Table]) -> Path:
    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def folder(path: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, encoding="utf-8")
    return path


ALL_TEXTS = {
    "RVTools_tabvInfo.csv": csv_text(RVTOOLS["vInfo"]),
    "RVTools_tabvHost.csv": csv_text(RVTOOLS["vHost"], ";"),
    "RVTools_tabvDisk.csv": csv_text(RVTOOLS["vDisk"]),
    "xl-info.txt": XL_INFO,
    "xl-list.json": json.dumps(XL_LIST, indent=4),
    "shop.xml": DOMAIN,
    "kvm1-capabilities.xml": CAPABILITIES,
    "kvm2-nodeinfo.txt": NODEINFO,
    "resources.json": json.dumps(PROXMOX_RESOURCES),
    "101.json": json.dumps(PROXMOX_CONFIG),
    "pve1.json": json.dumps(PROXMOX_STATUS),
    "xe-hosts.txt": XE_HOSTS,
    "xe-vms.txt": XE_VMS,
    "pool.xml": POOL_DUMP,
    "net.graphml": GRAPHML,
    "devices.csv": NETBOX_DEVICES,
    "interfaces.csv": NETBOX_INTERFACES,
    "cables.csv": NETBOX_CABLES,
    **TABLES,
}
