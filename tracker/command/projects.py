"""`tracker run URI`: runs a project."""

import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.command.output import as_json, fail, print_json, server_options
from tracker.notices import say

if TYPE_CHECKING:
    from tracker.projects.following import SubmittedRun

_EXPERIMENTS = ("--experiment-name", "--experiment")


class RunsAndProjects(click.Group):
    """The group `tracker run`: what is no subcommand, in front, begins the command line of a project."""

    #: Nobody can type it.
    PROJECT = ""

    def parse_args(self, context: click.Context, words: list[str]) -> list[str]:
        """Lead what begins with neither a subcommand nor an option of the group to the project."""
        if words and words[0] not in self.commands and words[0] not in self.get_help_option_names(context):
            words = [self.PROJECT, *words]
        return super().parse_args(context, words)

    def list_commands(self, context: click.Context) -> list[str]:
        """Those that are typed."""
        return [name for name in super().list_commands(context) if name != self.PROJECT]


@click.command(RunsAndProjects.PROJECT, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("project", metavar="URI")
@click.option("-e", "--entry-point", default="main", show_default=True, help="Its name, or a file such as train.py.")
@click.option("-v", "--version", help="A branch, tag or commit of a git project.")
@click.option("-P", "--param-list", "parameters", multiple=True, metavar="NAME=VALUE", help="A parameter. Repeatable.")
@click.option("-A", "--docker-args", multiple=True, metavar="NAME[=VALUE]", help="An option of docker run. Repeatable.")
@click.option(*_EXPERIMENTS, "experiment_name", help="The experiment, by name.")
@click.option("--experiment-id", type=int, help="The experiment, by number.")
@click.option("-b", "--backend", default="local", show_default=True, help="local, ray, or one that is installed.")
@click.option("-c", "--backend-config", metavar="FILE", help="What the backend is told: a .json file, or JSON.")
@click.option("--env-manager", help="local, virtualenv, uv or conda; else what the project asks for.")
@click.option(
    "--storage-dir",
    envvar="MLFLOW_TMP_DIR",
    type=click.Path(path_type=Path),
    help="Where files that path parameters name by their address are put.",
)
@click.option("--run-id", help="Go on with this run.")
@click.option("--run-name", help="The run's name.")
@click.option("--build-image", is_flag=True, help="Build a new image for a docker project.")
@server_options
@as_json
def project(**given: Any) -> None:
    """Run a project: a folder, a git address or a zip, with #subfolder. docs/projects.md tells it all.

    What it prints passes through, with --json to standard error. Exit status: 0 as its command ended with 0, else 1;
    130 after Ctrl-C, and 128 with the number of another signal that ended it.
    """
    sys.exit(_run(**given))


def _run(
    project: str, parameters: Iterable[str], docker_args: Iterable[str], uri: str | None, is_json: bool, **given: Any
) -> int:
    """Run it to its end. Returns the exit status."""
    # Here and not on top: other commands have no use for them.
    from tracker import set_tracking_uri
    from tracker.projects import following, running, signals

    if uri:
        set_tracking_uri(uri)
    if not given["run_id"]:
        given |= _experiment_of_environment(given)
    asked = running.asked(
        project, parameters=_pairs(parameters, "-P"), docker_args=_pairs(docker_args, "-A", allows_flags=True), **given
    )
    begun: list[SubmittedRun] = []
    try:
        with signals.raised():
            show = following.to_stderr if is_json else following.to_terminal
            status = 0 if running.launch(asked, show, begun.append).wait() else 1
    except KeyboardInterrupt as end:
        status = 128 + getattr(end, "number", signal.SIGINT)
        # It may have come just before the run was waited for.
        for submitted in begun:
            submitted.cancel()
    finally:
        for submitted in begun:
            _tell(submitted, is_json)
    return status


def _experiment_of_environment(given: dict[str, Any]) -> dict[str, Any]:
    """Where the run goes unless it is said: as `mlflow run` reads it, unless our own variable says so."""
    is_said = given["experiment_name"] or given["experiment_id"] is not None or os.environ.get("TRACKER_EXPERIMENT")
    name, number = (os.environ.get(f"MLFLOW_EXPERIMENT_{part}") for part in ("NAME", "ID"))
    if is_said or not (name or number):
        return {}
    return {"experiment_name": name} if name else {"experiment_id": number}


def _tell(submitted: "SubmittedRun", is_json: bool) -> None:
    if is_json:
        told = {name: getattr(submitted, name) for name in ("run_id", "url", "status", "exit_status")}
        print_json(told)
    elif submitted.status == "FINISHED":
        say(f"run {submitted.run_id} is FINISHED. {submitted.url}")
    else:
        fail(f"run {submitted.run_id} is {submitted.status}: {submitted.ending}. {submitted.url}")


def _pairs(words: Iterable[str], option: str, allows_flags: bool = False) -> dict[str, str]:
    """`NAME=VALUE` by name."""
    found: dict[str, Any] = {}
    for word in words:
        name, marker, value = word.partition("=")
        if not name or not (marker or allows_flags):
            raise click.UsageError(f"{option} {word!r}: write it {option} NAME=VALUE.")
        if name in found:
            raise click.UsageError(f"{option} {name} is said twice.")
        found[name] = value if marker else True
    return found
