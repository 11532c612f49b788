"""A report needs no other file, says what a manager asks first, and takes no name for markup."""

from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner
from PySide6.QtWidgets import QApplication

from tests.small_projects import two_hosts, web_profile
from tests.ui.exports.references import of_pages
from vmplanner.cli import commands
from vmplanner.domain.errors import PlannerError
from vmplanner.domain.plans import Technique
from vmplanner.domain.project import Project
from vmplanner.domain.quantities import MIB
from vmplanner.domain.topology import PolicyName
from vmplanner.planning.preflight import Severity
from vmplanner.store import library, project_file
from vmplanner.ui.charts.host_uses import host_uses, most_used
from vmplanner.ui.exports.report_contents import case_of, report_of
from vmplanner.ui.exports.report_files import export_report, rendered_report
from vmplanner.ui.exports.subject import subject_of

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HARMFUL = '<script>alert(1)</script><img src="http://example.com/x"> & "quoted"'
EMPTY = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(project: Project) -> Page:
    return Page(rendered_report(project, project.plan, "html", now=NOW).decode())


def words_of(project: Project) -> list[str]:
    return [" ".join(words) for words in of_pages(rendered_report(project, project.plan, "pdf", now=NOW))]


def test_it_begins_with_what_a_manager_asks(qapp: QApplication) -> None:
    first = words_of(two_hosts(3))[0]
    assert "3 VMs move" in first
    assert "3 virtual machines with 3 GiB of memory move from 1 host (alpha) to 1 host (beta)." in first
    assert "The plan is predicted to take" in first
    assert "Nothing was found that stands in the way of the plan." in first
    assert "half of the predicted times were" in first


def test_the_page_loads_nothing(qapp: QApplication) -> None:
    page = page_of(two_hosts(2))
    assert {tag for tag, _ in page.elements}.isdisjoint({"script", "link", "img", "iframe", "object", "image"})
    for _, attributes in page.elements:
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name not in ("href", "src", "xlink:href") or str(value).startswith("#")
    assert ("http-equiv", "Content-Security-Policy") in {
        item for tag, attributes in page.elements for item in attributes.items() if tag == "meta"
    }


def test_drawings_have_ids_of_their_own(qapp: QApplication) -> None:
    ids = [attributes["id"] for _, attributes in page_of(two_hosts(2)).elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_names_are_texts(qapp: QApplication) -> None:
    project = two_hosts(1)
    machines = {key: evolve(machine, name=HARMFUL) for key, machine in project.machines.items()}
    hosts = {key: evolve(host, name=f"{key} {HARMFUL}") for key, host in project.hosts.items()}
    named = evolve(project, name=HARMFUL, machines=machines, hosts=hosts)
    page = page_of(named)
    assert {tag for tag, _ in page.elements}.isdisjoint({"script", "img"})
    assert page.text.count(HARMFUL) > 5
    assert "<script>alert(1)</script>" in " ".join(words_of(named))


def test_headings_of_long_tables_are_repeated_and_pages_numbered(qapp: QApplication) -> None:
    pages = words_of(two_hosts(60))
    assert sum("Stands still" in page for page in pages) > 1
    assert all(f"{number} of {len(pages)}" in page for number, page in enumerate(pages, 1))


def test_charts_show_the_longest_of_many_moves_and_say_so(qapp: QApplication) -> None:
    text = page_of(two_hosts(60)).text
    assert "Shown are the 40 longest of 60 moves" in text


def test_a_note_is_told_and_stands_in_no_way(qapp: QApplication) -> None:
    project = library.example("clark-2005")
    case = case_of(project, project.plan)
    note = evolve(case.checked.findings[0], severity=Severity.INFORMS)
    report = report_of(evolve(case, checked=evolve(case.checked, findings=(note,))), {}, NOW)
    assert (report.key_figures[-1].value, report.key_figures[-1].label) == ("1", "note to read")
    assert "Nothing was found that stands in the way of the plan, but there is 1 note to read." in report.summary
    parts = {section.title: section.parts for section in report.sections}
    assert parts["What stands in the way"] == ("The checks before the plan found nothing that stands in its way.",)
    assert len(parts["To know"]) == 1


def test_what_post_copy_risks_is_on_the_first_page(qapp: QApplication) -> None:
    project = two_hosts(2)
    moves = [move.by(Technique.POST_COPY) for move in project.plan.migrations]
    changed = evolve(project, plans={project.plan.id: evolve(project.plan, migrations=moves)})
    assert "2 moves would go by post-copy: web-1, web-2. Such a machine is lost if" in words_of(changed)[0]


def test_each_host_is_told_at_its_own_fullest() -> None:
    project = two_hosts(2)
    run = subject_of(project).run
    most = most_used(project, project.plan, run)
    for use in host_uses(project, project.plan, run, run.makespan_s):
        assert most[use.host_id] >= max(use.before_bytes, use.after_bytes)


def test_a_blocked_plan_says_what_to_mend(qapp: QApplication) -> None:
    project = two_hosts(2, target_memory_bytes=64 * MIB)
    text = page_of(project).text
    assert "must be mended before all of it can be done" in text
    assert "blocks" in text


def test_a_move_that_would_not_complete_is_named(qapp: QApplication) -> None:
    busy = web_profile(writes_pages_per_s=500_000)
    text = page_of(two_hosts(1, profile=busy, bandwidth_bytes_per_s=20e6)).text
    assert "1 move would not complete: web-1." in text


def test_what_is_guessed_is_told(qapp: QApplication) -> None:
    text = page_of(library.example("evacuate-a-rack")).text
    assert "was not measured in 17 of the 20 machines" in text
    assert "Values of the hypervisors that nobody has published" in text


def test_hypervisors_without_measurements_are_named(qapp: QApplication) -> None:
    assert "No such measurements were made of Xen 4." in page_of(two_hosts(1, policy=PolicyName.XEN_4)).text


def test_the_last_run_stands_beside_the_forecast(qapp: QApplication) -> None:
    project = two_hosts(1)
    run = evolve(subject_of(project).run, name="Tuesday's run")
    text = page_of(project.with_run(run)).text
    assert "“Tuesday's run” of" in text
    assert "It came to the same as what is predicted here." in text
    assert "Predicted standstill" not in text
    assert "Predicted standstill" in page_of(project.with_run(evolve(run, backend="Xen over SSH"))).text


@pytest.mark.parametrize("format", ["html", "pdf"])
def test_an_empty_project_has_a_report(qapp: QApplication, format: str) -> None:
    project = Project()
    assert rendered_report(project, project.plan, format, now=NOW)


def test_an_unknown_format_is_refused(qapp: QApplication, tmp_path: Path) -> None:
    project = two_hosts(1)
    with pytest.raises(PlannerError, match="'doc' is not a format for a report; use html, pdf"):
        export_report(project, project.plan, tmp_path / "out.doc", "doc", now=NOW)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "beginning"), [("out.html", b"<!DOCTYPE html>"), ("out.pdf", b"%PDF")])
def test_from_the_command_line(qapp: QApplication, tmp_path: Path, name: str, beginning: bytes) -> None:
    file = tmp_path / "two.vmplan"
    project_file.save(two_hosts(2), file)
    result = CliRunner().invoke(commands, ["report", str(file), "-o", str(tmp_path / name)], catch_exceptions=False)
    assert (result.exit_code, result.output) == (0, "")
    assert (tmp_path / name).read_bytes().startswith(beginning)
