"""`tracker rerun`: runs a run again, and says whether the same came out."""

import math
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from tracker.command.meaning import full_id, server_at
from tracker.command.output import as_json, cut, print_json, server_options
from tracker.errors import InvalidValue
from tracker.notices import counted, visible

if TYPE_CHECKING:
    from tracker.rerunning import Outcome, Verdict

#: Lines that differ and are shown.
MOST_LINES = 20
#: Of a line that differs; a param may be as long as a book.
WIDTH = 300


@click.command()
@click.argument("run_id")
@click.option("-P", "--param", "params", multiple=True, metavar="NAME=VALUE", help="Another value of a param.")
@click.option("--env-manager", "manager", default="", help="uv (if it is here), virtualenv, or local: this Python.")
@click.option("--without", multiple=True, metavar="PACKAGE", help="Don't install this one. Several times for several.")
@click.option("--link", "links", multiple=True, metavar="NAME[=PATH]", help="Data that git does not know, by a link.")
@click.option("-e", "--experiment", default="", help="Where the new run goes; the old one's if left out.")
@click.option("--run-name", "name", default="", help="What the new run is called.")
@click.option("--tolerance", type=click.FloatRange(0), help="Relative; 1e-9 if left out.")
@click.option("--check", is_flag=True, help="Exit status 1 if anything but the same came out.")
@click.option("--keep", is_flag=True, help="Don't delete the folder that it ran in.")
@click.option("--dry-run", is_flag=True, help="Only bring the source back, and say what would be done.")
@server_options
@as_json
def rerun(
    run_id: str,
    params: tuple[str, ...],
    tolerance: float | None,
    check: bool,
    uri: str | None,
    is_json: bool,
    **given: Any,
) -> None:
    """Run a run again: its source, environment, command and params, as a new run that names this one.

    RUN_ID may be its name, or the first digits of its id. Its code runs here, with your rights: rerun what you trust.
    What it prints passes through, with --json to standard error. Exit status: the program's.
    """
    from tracker import rerunning

    if tolerance is not None and not math.isfinite(tolerance):
        raise InvalidValue(f"--tolerance {tolerance} is no part of a value. Write one such as 1e-3.")
    server = server_at(uri)
    options = rerunning.Options(changes=_pairs(params), to_stderr=is_json, **given)
    old = full_id(server, run_id)
    outcome = rerunning.rerun(server, old, options, rerunning.TOLERANCE if tolerance is None else tolerance)
    if outcome is None:
        return
    held = "" if tolerance is None else f"&tolerance={tolerance!r}"
    pages = {
        "run": f"{server.uri}/runs/{outcome.run_id}/",
        "comparison": f"{server.uri}/compare/?run={old}&run={outcome.run_id}&tab=metrics{held}",
    }
    if is_json:
        print_json(_as_json(outcome) | pages)
    else:
        _show(outcome, pages)
    sys.exit(_status(outcome, check))


def _pairs(said: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in said:
        key, sign, value = pair.partition("=")
        if not key or not sign or key in found:
            raise InvalidValue(f"-P {pair!r} is not NAME=VALUE, or names a param again.")
        found[key] = value
    return found


def _status(outcome: "Outcome", check: bool) -> int:
    """That of the program; with --check also 1 where something else came out."""
    if outcome.exit_status:
        return outcome.exit_status if outcome.exit_status > 0 else 128 - outcome.exit_status
    return 1 if check and not outcome.verdict.is_reproduced else 0


def _show(outcome: "Outcome", pages: dict[str, str]) -> None:
    found = outcome.verdict
    for key in outcome.ignored:
        click.echo(f"The new run logged another {visible(key)} than it was told: its program does not read it there.")
    if outcome.exit_status:
        click.echo(f"The program ended with {outcome.exit_status}.")
    click.secho(_headline(found), bold=True)
    for kind, differences in (("param", found.params), ("metric", found.metrics)):
        for difference in differences[:MOST_LINES]:
            click.echo(f"  {kind} {cut(difference.words, WIDTH)}")
        if len(differences) > MOST_LINES:
            click.echo(f"  and {counted(len(differences) - MOST_LINES, kind)} more")
    click.echo(f"{pages['run']}\n{pages['comparison']}")


def _headline(found: "Verdict") -> str:
    equal = f"{counted(found.equal_params, 'param')} and {counted(found.equal_metrics, 'metric')} are equal"
    if found.is_reproduced:
        return f"Reproduced: {equal}."
    if not found.params and not found.metrics:
        return "Nothing to compare: neither run has a param or a metric."
    other = f"{counted(len(found.params), 'param')} and {counted(len(found.metrics), 'metric')} differ"
    return f"Not reproduced: {other}, {equal}."


def _as_json(outcome: "Outcome") -> dict[str, object]:
    found = outcome.verdict
    sides = {"params": found.params, "metrics": found.metrics}
    differences = {
        name: [{"key": one.key, "before": _number(one.before), "after": _number(one.after)} for one in side]
        for name, side in sides.items()
    }
    return {
        "run_id": outcome.run_id,
        "exit_status": outcome.exit_status,
        "is_reproduced": found.is_reproduced,
        "equal_params": found.equal_params,
        "equal_metrics": found.equal_metrics,
        "differing": differences,
        "missing": list(outcome.missing),
        "ignored": list(outcome.ignored),
    }


def _number(value: str | float | None) -> str | float | None:
    """NaN and infinities as texts."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
