"""`--env-manager`: a command that becomes itself again in an environment of the model's own; and `prepare-env`."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from tracker.command.output import as_json, print_json

MANAGERS = ("virtualenv", "uv")
ENVIRONMENTS = ("local", *MANAGERS)
#: What `serve` and `predict` need of this package, so that one environment does for both.
EXTRA = "serve"


@click.command("prepare-env")
@click.option("-m", "--model-uri", "uri", required=True, help="A folder, models:/name/3, s3://bucket/prefix, …")
@click.option("--env-manager", default="virtualenv", show_default=True, type=click.Choice(MANAGERS))
@click.option("--allow-pickle", is_flag=True, help="Let what is installed run code of its maker.")
@as_json
def prepare_env(uri: str, env_manager: str, allow_pickle: bool, is_json: bool) -> None:
    """Make the environment that `serve` and `predict` use with the same --env-manager, and print its Python."""
    from tracker import environments
    from tracker.models import mlmodel, uris

    folder = uris.folder_of(uri).resolve()
    mlmodel.read(folder)
    recipe = environments.of_model(folder, allow_pickle=allow_pickle)
    python = environments.made(recipe, env_manager, extra=EXTRA)
    if is_json:
        print_json({"python": str(python)})
    else:
        click.echo(python)


def run_again(
    manager: str, folder: Path, words: Sequence[str] = (), extra: str = EXTRA, *, allow_pickle: bool
) -> NoReturn:
    """Become this command line, with a model's folder and more words at its end, in the model's environment."""
    from tracker import environments

    python = environments.made(environments.of_model(folder, allow_pickle=allow_pickle), manager, extra=extra)
    line = [*sys.argv[1:], "-m", str(folder), *words, "--env-manager", "local"]
    # What this Python was told to import is not for that one.
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    sys.stdout.flush()
    os.execve(python, [str(python), "-m", "tracker", *line], clean)  # noqa: S606 - no shell is meant to read it
