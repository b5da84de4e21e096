"""The `tracker` command: find runs, compare them, deliver what is left over, find out why nothing arrives.

Exit status: 0 when all is well, 1 when something is not (a run that is not there, entries left over), 2 for a command
line that can't be meant, 3 when the server can't be reached.
"""

import sys

import click

from tracker.command.doctor import doctor
from tracker.command.exporting import export
from tracker.command.importing import import_
from tracker.command.models import models
from tracker.command.output import fail
from tracker.command.rerun import rerun
from tracker.command.runs import run, search
from tracker.command.sweep import sweep
from tracker.command.sync import sync
from tracker.errors import InvalidValue, TrackerError, Unavailable

COMPLETION = {
    "bash": 'eval "$(_TRACKER_COMPLETE=bash_source tracker)"    # in ~/.bashrc',
    "zsh": 'eval "$(_TRACKER_COMPLETE=zsh_source tracker)"    # in ~/.zshrc',
    "fish": "_TRACKER_COMPLETE=fish_source tracker | source    # in ~/.config/fish/completions/tracker.fish",
}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="trackerweb", prog_name="tracker")
def commands() -> None:
    """The command line of Trackerweb.

    TRACKER_URI names the server (http://127.0.0.1:8000), TRACKER_TOKEN says who you are. --json, on every command,
    prints for programs.
    """


@commands.command()
@click.argument("shell", type=click.Choice(list(COMPLETION)))
def completion(shell: str) -> None:
    """Print the line that makes your shell complete `tracker`."""
    click.echo(COMPLETION[shell])


for command in (run, rerun, sweep, search, sync, import_, export, models, doctor):
    commands.add_command(command)


def main() -> None:
    """The `tracker` command."""
    try:
        commands(prog_name="tracker")
    except Unavailable as error:
        sys.exit(fail(str(error), status=3))
    except InvalidValue as error:
        sys.exit(fail(str(error), status=2))
    except TrackerError as error:
        sys.exit(fail(str(error), status=1))
