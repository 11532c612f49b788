"""The `vmplanner` command: the window, and everything that works without one. A module for each command.

Exit status: 0 done, 1 the plan can't be carried out, 2 bad use or bad input. Errors are one line on stderr. With
--json, stdout carries one JSON document and nothing else.
"""

import sys
import traceback
from collections.abc import Sequence

import click
from click_default_group import DefaultGroup

from vmplanner import __version__
from vmplanner.cli.arguments import BAD_USE, PLAN_FAILED, PlanImpossible
from vmplanner.cli.check import check_plan
from vmplanner.cli.discover import discover_hosts
from vmplanner.cli.doctor import examine_file
from vmplanner.cli.export import export_chart
from vmplanner.cli.import_files import import_files
from vmplanner.cli.migrate import migrate_plan
from vmplanner.cli.new import new_project
from vmplanner.cli.plan import plan_intent
from vmplanner.cli.report import write_report
from vmplanner.cli.show import show_project
from vmplanner.cli.simulate import simulate_plan
from vmplanner.cli.validate import validate_model
from vmplanner.cli.window import open_window
from vmplanner.domain.errors import PlannerError

FAULT = 70


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point: runs a command and exits with its status."""
    try:
        status = commands.main(args=arguments, prog_name="vmplanner", standalone_mode=False)
    except PlanImpossible as impossible:
        status = _complain(str(impossible), PLAN_FAILED)
    except PlannerError as error:
        status = _complain(str(error), BAD_USE)
    except click.exceptions.Abort:
        status = _complain("interrupted", BAD_USE)
    except click.ClickException as error:
        status = _complain(error.format_message(), BAD_USE)
    except OSError as error:
        status = _complain(f"{error.filename or 'output'}: {(error.strerror or str(error)).lower()}", BAD_USE)
    except Exception:  # a fault of ours, not the user's: the traceback is the report
        traceback.print_exc()
        status = FAULT
    sys.exit(status if isinstance(status, int) else 0)


def _complain(message: str, status: int) -> int:
    click.echo(f"vmplanner: {' '.join(message.split())}", err=True)
    return status


@click.group(
    cls=DefaultGroup, default="open", default_if_no_args=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="vmplanner")
def commands() -> None:
    """Plan, run and understand live migrations of virtual machines.

    'vmplanner [FILE]' opens the window. The commands below work without one.
    """


for _command in (
    open_window, new_project, simulate_plan, check_plan, plan_intent, export_chart, write_report, show_project,
    validate_model, examine_file, import_files, discover_hosts, migrate_plan,
):  # fmt: skip
    commands.add_command(_command)
