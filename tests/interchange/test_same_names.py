"""Things that share a name: none is lost unsaid, none gets on the wrong host, and a host is in one place at a time."""

import json
from pathlib import Path

from tests.interchange.inventories import folder
from vmplanner.domain.project import Project
from vmplanner.interchange.importing import read
from vmplanner.interchange.merge import Merge, merge

INFO = "host : {}\nxen_major : 4\nnr_cpus : 8\nthreads_per_core : 1\ntotal_memory : 32000\n"
HOSTS = "Host,Cluster,Datacenter,# Memory,# CPU,# Cores,CPU Model,ESX Version,UUID\n"
VMS = "VM,Powerstate,Template,CPUs,Memory,Host,Cluster,Datacenter,VM UUID\n"


def imported(path: Path, project: Project | None = None) -> tuple[Project, Merge]:
    before = project or Project()
    result = merge(before, read([path]))
    return before.applied(result.change), result


def told(result: Merge) -> str:
    return "\n".join(map(str, result.problems))


def domains(name: str) -> str:
    config = {"c_info": {"name": name, "uuid": name}, "b_info": {"max_memkb": 2**20, "max_vcpus": 1}}
    return json.dumps([{"domid": 1, "config": config}])


def test_vms_of_a_host_of_which_there_are_two_are_left_out_and_told(tmp_path: Path) -> None:
    hosts = f"{HOSTS}esx1,A,DA,65536,2,16,Intel,ESXi 7.0.3,u1\nesx1,B,DB,65536,2,16,Intel,ESXi 7.0.3,u2\n"
    hosts += "esx2,B,DB,65536,2,16,Intel,ESXi 7.0.3,u3\n"
    vms = f"{VMS}v1,poweredOn,False,2,4096,esx1,A,DA,x1\nv2,poweredOn,False,2,4096,esx2,B,DB,x2\n"
    project, result = imported(folder(tmp_path, {"vHost.csv": hosts, "vInfo.csv": vms}))
    assert [host.name for host in project.hosts.values()] == ["esx1", "esx1", "esx2"]
    assert [vm.name for vm in project.machines.values()] == ["v2"]
    assert "there are several hosts called 'esx1', and v1 may run on any of them; give them different names" in told(
        result
    )


def test_two_descriptions_of_hosts_that_call_themselves_the_same_are_told(tmp_path: Path) -> None:
    files = {f"{each}/info.txt": INFO.format("localhost") for each in ("one", "two")}
    files |= {f"{each}/list.json": domains(f"vm {each}") for each in ("one", "two")}
    project, result = imported(folder(tmp_path, files))
    assert len(project.hosts) == 1
    assert "Host localhost is told at one/info.txt too; if these are two hosts, give them different names" in told(
        result
    )


def test_vms_of_proxmox_may_share_a_name_and_clusters_their_numbers(tmp_path: Path) -> None:
    def resources(node: str, numbers: list[int]) -> str:
        vms = [
            {"type": "qemu", "vmid": number, "node": node, "name": "web", "status": "running", "maxmem": 2**30}
            for number in numbers
        ]
        return json.dumps([{"type": "node", "node": node, "maxmem": 2**36, "maxcpu": 8}, *vms])

    project, _ = imported(folder(tmp_path, {"a.json": resources("n1", [100, 101]), "b.json": resources("n2", [100])}))
    assert sorted((vm.name, project.hosts[vm.host_id].name) for vm in project.machines.values()) == [
        ("web (100) on n1", "n1"),
        ("web (100) on n2", "n2"),
        ("web (101)", "n1"),
    ]


def test_a_host_that_was_put_into_another_rack_is_no_longer_in_the_first(tmp_path: Path) -> None:
    def devices(rack: str) -> str:
        return f"name,role,site,rack\nh1,server,Oslo,{rack}\nh2,server,Oslo,R1\n"

    project, _ = imported(folder(tmp_path / "before", {"devices.csv": devices("R1")}))
    project, result = imported(folder(tmp_path / "after", {"devices.csv": devices("R2")}), project)
    members = {group.name: [project.hosts[each].name for each in group.member_ids] for group in project.groups.values()}
    assert members == {"Oslo": [], "R1": ["h2"], "R2": ["h1"]}
    assert {entry.name for entry in result.updated} == {"R1"}


def test_a_rack_of_which_the_files_say_nothing_loses_the_host_that_moved(tmp_path: Path) -> None:
    rows = "name,role,site,rack\n"
    project, _ = imported(folder(tmp_path / "before", {"devices.csv": f"{rows}h1,server,Oslo,R1\n"}))
    project, _ = imported(folder(tmp_path / "after", {"devices.csv": f"{rows}h1,server,Oslo,R2\n"}), project)
    assert {group.name: len(group.member_ids) for group in project.groups.values()} == {"Oslo": 0, "R1": 0, "R2": 1}


def test_thousands_and_words_of_other_countries_in_rvtools(tmp_path: Path) -> None:
    vms = VMS.replace(",", ";") + "a;poweredOn;FALSCH;2;4.096;esx1;A;D;x1\nb;poweredOn;FAUX;2;16,384;esx1;A;D;x2\n"
    vms += "t;poweredOn;WAHR;2;8.192;esx1;A;D;x3\n"
    project, result = imported(folder(tmp_path, {"vInfo.csv": vms}))
    assert {vm.name: vm.memory_bytes // 2**20 for vm in project.machines.values()} == {"a": 4096, "b": 16384}
    assert "t is a template: it was left out" in told(result)
    assert "true or false" not in told(result)
