"""`tracker sweep`: runs a project with many values of its parameters."""

import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.command.meaning import full_id, server_at
from tracker.command.output import as_json, cut, fail, print_json, server_options
from tracker.errors import InvalidValue

if TYPE_CHECKING:
    from tracker.sweeping.driving import Driver
    from tracker.sweeping.session import Sweep
    from tracker.sweeping.trials import Trial

ENDINGS = (".yaml", ".yml")
#: Of the values of a trial, on its line.
VALUES_WIDTH = 100


@click.command()
@click.argument("source", required=False, metavar="[URI | FILE.yaml]")
@click.option("-p", "--parameter", "varied", multiple=True, metavar="NAME=VALUES", help="What to try. Repeatable.")
@click.option("-P", "--param-list", "fixed", multiple=True, metavar="NAME=VALUE", help="The same for all. Repeatable.")
@click.option("--method", help="grid (all), random or tpe (which learns).  [default: grid]")
@click.option("--trials", type=int, help="How many; a grid has an end of its own.")
@click.option("--metric", help="The metric that says how good a trial is, by its last value.")
@click.option("--goal", help="minimize or maximize.  [default: minimize]")
@click.option("--jobs", type=int, help="How many at once.  [default: what the backend has room for; local: 1]")
@click.option("--seed", type=int, help="Draws the same values again.  [default: another each time]")
@click.option("--pruner", help="median: ends trials that are worse than half of those before.")
@click.option("--startup-trials", type=int, help="The pruner lets so many end first.  [default: 5]")
@click.option("--warmup-steps", type=int, help="The pruner leaves the steps before this one alone.  [default: 0]")
@click.option("--stop-at", type=float, help="Stop once the metric is as good as this.")
@click.option("--patience", type=int, help="Stop once so many trials brought nothing better.")
@click.option("--max-failures", type=int, help="Stop once so many trials failed.")
@click.option("-e", "--entry-point", help="Its name, or a file such as train.py.  [default: main]")
@click.option("-v", "--version", help="A branch, tag or commit of a git project.")
@click.option("--experiment", "--experiment-name", "experiment", help="The experiment, by name.")
@click.option("--name", "--run-name", "name", help="The name of the sweep's own run.")
@click.option("--env-manager", help="local, virtualenv, uv or conda; else what the project asks for.")
@click.option("-b", "--backend", help="local, ray, or one that is installed.  [default: local]")
@click.option("-c", "--backend-config", metavar="FILE", help="What the backend is told: a .json file, or JSON.")
@click.option("--resume", "resumed", metavar="RUN_ID", help="Go on with this sweep: what is done stays.")
@server_options
@as_json
def sweep(
    source: str | None, varied: Iterable[str], fixed: Iterable[str], resumed: str | None, uri: str | None,
    is_json: bool, **given: Any,
) -> None:  # fmt: skip
    """Run a project with many values of its parameters, as children of one run. docs/sweeps.md tells it all.

    \b
    -p lr=0.1,0.01            these values
    -p depth=1:10             whole numbers from 1 to 10; 1:10:3 in steps of 3
    -p lr=1e-4:0.1:log        any number between, on a log scale; 1e-4:0.1:log:n=4 four of them

    Every option may stand in a file too, under its name. Exit status: 0 when a trial was finished, else 1; 130 after
    Ctrl-C.
    """
    from tracker import set_tracking_uri
    from tracker.sweeping import session

    if uri:
        set_tracking_uri(uri)
    told = _told(source, varied, fixed, {name: value for name, value in given.items() if value is not None})
    place = str(source) if source and source.endswith(ENDINGS) else "tracker sweep"
    try:
        if resumed:
            sweep = session.resume(full_id(server_at(uri), resumed), told, Lines(is_json))
        else:
            from tracker.sweeping.spec import spec_of

            sweep = session.begin(spec_of(told, place), Lines(is_json))
    except KeyboardInterrupt as end:
        fail("stopped; tracker sweep --resume goes on with it.")
        sys.exit(128 + getattr(end, "number", signal.SIGINT))
    _tell(sweep, is_json)
    sys.exit(0 if sweep.is_good else 1)


def _told(source: str | None, varied: Iterable[str], fixed: Iterable[str], given: dict[str, Any]) -> dict[str, Any]:
    """The fields that the file and the command line say; the command line has the last word.

    Errors: InvalidValue.
    """
    from tracker.sweeping import space, spec

    is_file = bool(source) and str(source).endswith(ENDINGS)
    told = spec.read(Path(str(source))) if is_file else {"uri": source} if source else {}
    parameters = {name: space.parsed(text, f"-p {name}") for name, text in _pairs(varied, "-p")}
    parameters |= {name: space.Values((text,)) for name, text in _pairs(fixed, "-P")}
    if parameters:
        in_file = told.get("parameters")
        told |= {"parameters": (in_file if isinstance(in_file, dict) else {}) | parameters}
    return told | given


def _pairs(words: Iterable[str], option: str) -> Iterable[tuple[str, str]]:
    for word in words:
        name, marker, value = word.partition("=")
        if not name or not marker:
            raise InvalidValue(f"{option} {word!r} has no name and value. Write it {option} lr=0.1.")
        yield name, value


class Lines:
    """Tells on the terminal how a sweep goes, one line a trial; with --json on standard error."""

    def __init__(self, is_json: bool) -> None:
        self._is_json = is_json

    def begins(self, sweep: "Sweep", jobs: int) -> None:
        """It begins, or goes on."""
        spec = sweep.spec
        done = f", {len(sweep.trials)} of them done" if sweep.trials else ""
        at_once = f", {jobs} at once" if jobs > 1 else ""
        self._say(f"sweep {sweep.run_id}: {spec.total} trials by {spec.method}{done}{at_once}")
        self._say(sweep.url)

    def ended(self, trial: "Trial", driver: "Driver") -> None:
        """A trial ended."""
        total = str(driver.spec.total)
        words = [f"{len(driver.ended):>{len(total)}}/{total}", _line_of(trial, driver.spec.metric)]
        if driver.best is not None:
            words.append(f"best {driver.best.value:.6g} ({driver.best.number})")
        words.append(cut(_values(trial), VALUES_WIDTH))
        if trial.failure and trial.state == "failed":
            words.append(cut(", ".join(trial.failure.splitlines()[-2:]), VALUES_WIDTH))
        self._say("  ".join(words))

    def _say(self, line: str) -> None:
        click.echo(line, err=self._is_json)


def _line_of(trial: "Trial", metric: str | None) -> str:
    words = [f"trial {trial.number} {trial.state}"]
    if trial.seconds is not None:
        words.append(f"{trial.seconds:.1f} s")
    if trial.value is not None:
        words.append(f"{metric} {trial.value:.6g}")
    elif metric and trial.state == "finished":
        words.append(f"no {metric}")
    return "  ".join(words)


def _values(trial: "Trial") -> str:
    return " ".join(f"{name}={value}" for name, value in trial.values.items())


def _tell(sweep: "Sweep", is_json: bool) -> None:
    """How it went."""
    from tracker.sweeping.driving import counts_of

    if is_json:
        print_json(_described(sweep))
        return
    counts = ", ".join(f"{count} {state}" for state, count in counts_of(sweep.trials).items() if count)
    click.echo(f"{counts or 'no trial ended'}{f'; stopped early: {sweep.stopped}' if sweep.stopped else ''}")
    if sweep.best is not None:
        click.secho(f"best: trial {sweep.best.number}  {sweep.spec.metric} {sweep.best.value:.6g}", bold=True)
        click.echo(f"{_values(sweep.best)}\n{sweep.url.replace(sweep.run_id, sweep.best.run_id)}")
    elif sweep.spec.metric and sweep.is_good:
        fail(f"no trial logged the metric {sweep.spec.metric!r}: none can be called the best.")


def _described(sweep: "Sweep") -> dict[str, Any]:
    fields = ("number", "run_id", "state", "value", "seconds", "values", "failure")
    trials = [{name: getattr(trial, name) for name in fields} for trial in sweep.trials]
    best = next((one for one in trials if sweep.best and one["run_id"] == sweep.best.run_id), None)
    told = {"run_id": sweep.run_id, "url": sweep.url, "total": sweep.spec.total, "stopped": sweep.stopped}
    return told | {"best": best, "trials": sorted(trials, key=lambda one: one["number"])}
