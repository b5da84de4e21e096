"""`tracker models`: serve a model."""

import os
import sys
from pathlib import Path
from typing import NoReturn

import click

from tracker.notices import warn
from tracker.serving.options import MEGABYTE, ServingOptions

ENVIRONMENTS = ("local", "virtualenv", "uv")


@click.group()
def models() -> None:
    """Models: folders as MLflow has them."""


@models.command(context_settings={"help_option_names": ["--help"]})
@click.option(
    "-m", "--model-uri", "uri", required=True, help="A folder, models:/name/3, models:/name@alias or runs:/id/path."
)
@click.option("-p", "--port", default=5000, show_default=True, type=click.IntRange(1, 65535))
@click.option("-h", "--host", default=None, help="Where to listen; this machine alone when it is not said.")
@click.option(
    "--env-manager", type=click.Choice(ENVIRONMENTS), default="local", show_default=True,
    help="Serve in this Python, or in an environment made from the model's requirements.",
)  # fmt: skip
@click.option(
    "-w", "--workers", default=1, show_default=True, type=click.IntRange(1), help="Processes, each with the model."
)
@click.option(
    "-t",
    "--timeout",
    default=60.0,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="Seconds for a request.",
)
@click.option(
    "--max-body", default=32.0, show_default=True, type=click.FloatRange(0, min_open=True), help="Megabytes of a body."
)
@click.option("--allow-host", "hosts", multiple=True, metavar="NAME", help="A name that a proxy calls this server.")
@click.option("--allow-pickle", is_flag=True, help="Let the model run code of its maker, as pickles do.")
def serve(
    uri: str, port: int, host: str | None, env_manager: str, workers: int, timeout: float, max_body: float,
    hosts: tuple[str, ...], allow_pickle: bool,
) -> None:  # fmt: skip
    """Answer over HTTP with what a model predicts, as `mlflow models serve` does.

    POST /invocations predicts, GET / is a page with a form, /ping, /version and /metrics are for machines.
    """
    from tracker.models import mlmodel, uris

    folder = uris.folder_of(uri).resolve()
    mlmodel.read(folder)
    options = ServingOptions(
        folder, host or "127.0.0.1", port, workers, timeout, int(max_body * MEGABYTE), allow_pickle, hosts=hosts,
        name=_name(uri, folder),
    )  # fmt: skip
    _warn_of_others(options)
    if env_manager != "local":
        _serve_in_environment(env_manager, options)
    from tracker.serving.server import serve as serve_here

    serve_here(options)


def _name(uri: str, folder: Path) -> str:
    """What to call a model: its address, or the last part of its folder."""
    return uri if uri.startswith(("models:", "runs:")) else folder.name


def _warn_of_others(options: ServingOptions) -> None:
    if not options.is_local:
        warn(
            f"{options.host} is more than this machine: whoever reaches port {options.port} may ask the model, without "
            "a password. Keep it behind a firewall, or a proxy that asks for one (docs/serving.md)."
        )


def _serve_in_environment(manager: str, options: ServingOptions) -> NoReturn:
    """Become the same command in an environment of the model's own."""
    from tracker import environments

    python = environments.made(environments.of_model(options.folder), manager, extra="serve")
    told = {
        "-m": options.folder, "-p": options.port, "-h": options.host, "--workers": options.workers,
        "--timeout": options.timeout_seconds, "--max-body": options.most_bytes / MEGABYTE,
    }  # fmt: skip
    words = [str(word) for pair in told.items() for word in pair]
    words += [word for host in options.hosts for word in ("--allow-host", host)]
    words += ["--allow-pickle"] if options.allow_pickle else []
    # What this Python was told to import is not for that one.
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    sys.stdout.flush()
    os.execve(python, [str(python), "-m", "tracker", "models", "serve", *words], clean)  # noqa: S606 - no shell is meant
