"""`vmplanner plan`: moves that do what is asked, and when each should start."""

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vmplanner.cli.arguments import PlanImpossible, as_json_option, file_argument, seconds_told
from vmplanner.cli.writing import force_option, saver
from vmplanner.domain.project import Change, Edit, Project
from vmplanner.domain.rule_sentences import joined
from vmplanner.domain.windows import time_of

if TYPE_CHECKING:  # placements come with what they work with, for which `--help` should not wait
    from vmplanner.planning.intents import Intent


@click.command("plan")
@file_argument
@click.argument("more", nargs=-1)
@click.option("--evacuate", metavar="HOST...", multiple=True, help="Empty hosts; more of them may follow.")
@click.option("--bring-back", is_flag=True, help="With --evacuate: bring the VMs back afterwards.")
@click.option("--roll", metavar="GROUP", help="Empty the hosts of a group one by one, and bring their VMs back.")
@click.option("--maintain", metavar="TIME", help="With --roll: how long each host stays empty, such as 15min.")
@click.option("--drain", metavar="GROUP", help="Empty a rack or a site.")
@click.option("--balance", is_flag=True, help="Even out how full the hosts are.")
@click.option("--consolidate", is_flag=True, help="Empty as many hosts as can be.")
@click.option("--spread", metavar="HOST", help="HOST has failed: even out the others.")
@click.option("--move", metavar="VM...", multiple=True, help="Move VMs; more of them may follow.")
@click.option("--to", metavar="HOST", help="With --move: to this host, or one of this group; without it to any other.")
@click.option("--start", metavar="ISO", help="When it begins, such as 2026-11-23T22:00+01:00: it keeps to windows.")
@click.option("--window", metavar="TIME", help="By when all has to be done, such as 2h.")
@click.option("--max-downtime", metavar="TIME", help="How long a VM may stand still, such as 500ms.")
@click.option("--improve", metavar="TIME", help="How long to look for cheaper moves, such as 30s; needs OR-Tools.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="OUT", help="Write a project with the new plan."
)
@force_option
@as_json_option
def plan_intent(file: Path, output: Path | None, force: bool, as_json: bool, **wishes: Any) -> int:
    """Find moves that do what is asked under all rules of FILE, and when each should start.

    Without a wish the plan that FILE has is scheduled. Exit status 1 when the rules don't allow it, or something does
    not fit.
    """
    from vmplanner.planning import proposal_report
    from vmplanner.planning.exclusions import propose_without_excluded
    from vmplanner.planning.improvement import improved
    from vmplanner.planning.placement.improve import Improver
    from vmplanner.store import project_file

    save = saver(output, force=force) if output is not None else None
    project = project_file.load(file)
    intent, name = _intent(project, wishes)
    times = {each: seconds_told(each, wishes[each]) for each in ("window", "max_downtime", "improve")}
    if times["improve"] and intent is None:
        raise click.UsageError("--improve looks for cheaper moves; say what they are for, such as --balance")
    propose = partial(
        propose_without_excluded,
        project,
        intent,
        name=name,
        starts_at=time_of(wishes["start"]) if wishes["start"] else None,
        window_s=times["window"],
        max_downtime_s=times["max_downtime"],
    )
    proposal, gained = propose(), ""
    if times["improve"] and proposal.moves:
        better = improved(proposal, propose(improve=Improver(times["improve"])))
        proposal, gained = better.proposal, better.gained
    if as_json:
        told = {**proposal_report.as_json(project, proposal), **({"improvement": gained} if gained else {})}
        click.echo(json.dumps(told, indent=1))
    else:
        click.echo("\n\n".join(part for part in (proposal_report.as_text(project, proposal), gained) if part))
    if save is not None and proposal.placement.is_possible:
        before = project.plans.get(proposal.plan.id)
        save(project.applied(Change(name, [Edit(before, proposal.plan)])))
    if not proposal.placement.is_possible:
        raise PlanImpossible(f"{file}: no placement keeps all of: {', '.join(proposal.placement.conflicts)}")
    if proposal.misfits:
        more = f" (and {len(proposal.misfits) - 1} more)" if len(proposal.misfits) > 1 else ""
        raise PlanImpossible(f"{file}: {proposal.misfits[0].reason}{more}")
    return 0


def _intent(project: Project, wishes: dict[str, Any]) -> "tuple[Intent | None, str]":
    """The one wish that was told, and a name for the plan."""
    from vmplanner.planning.intents import Balance, Consolidate, Drain, Evacuate, Move, Roll, Spread
    from vmplanner.planning.proposal import hosts_named, machines_named

    told = [wish for wish in ("evacuate", "roll", "drain", "balance", "consolidate", "spread", "move") if wishes[wish]]
    if len(told) > 1:
        raise click.UsageError(f"ask for one thing at a time, not for --{' and --'.join(told)}")
    wish = told[0] if told else ""
    lists = ("evacuate", "move")
    for option, owners in (("more", lists), ("bring_back", ("evacuate",)), ("maintain", ("roll",)), ("to", ("move",))):
        if wishes[option] and wish not in owners:
            what = " ".join(wishes["more"]) if option == "more" else f"--{option.replace('_', '-')}"
            raise click.UsageError(f"{what} is for --{' and --'.join(owners)} only")
    named = (wishes[wish],) if isinstance(wishes.get(wish), str) else ()
    if wish in lists:
        named = (*wishes[wish], *wishes["more"])
    title = " ".join([wish.capitalize(), joined(named)]).strip()
    if wish == "move":
        target = wishes["to"]
        to = hosts_named(project, (target,))[0] if target else None
        moved = dict.fromkeys(machines_named(project, named), to)
        return Move(moved), f"{title} to {target}" if target else title
    ids = hosts_named(project, named)
    match wish:
        case "evacuate":
            return Evacuate(ids, wishes["bring_back"]), title
        case "roll":
            return Roll(ids, seconds_told("maintain", wishes["maintain"]) or 0.0), title
        case "drain":
            return (Drain(ids[0]) if len(ids) == 1 else Evacuate(ids)), title
        case "balance":
            return Balance(), title
        case "consolidate":
            return Consolidate(), title
        case "spread":
            return Spread(ids), title
    return None, ""
