"""`tracker models serve`: answers over HTTP with what a model predicts."""

from pathlib import Path
from typing import Any

import click

from tracker.command.models.environment import ENVIRONMENTS, run_again
from tracker.notices import warn
from tracker.serving.options import MEGABYTE, ServingOptions

_POSITIVE = click.FloatRange(0, min_open=True)


# -h is the host, as it is in MLflow.
@click.command(context_settings={"help_option_names": ["--help"], "show_default": True})
@click.option(
    "-m", "--model-uri", "uri", required=True, help="A folder, models:/name/3, models:/name@alias or runs:/…."
)
@click.option("-p", "--port", default=5000, type=click.IntRange(1, 65535))
@click.option("-h", "--host", default="127.0.0.1", help="Where to listen. Whoever reaches it may ask the model.")
@click.option("--env-manager", default="local", type=click.Choice(ENVIRONMENTS), help="local is this Python.")
@click.option("-w", "--workers", default=1, type=click.IntRange(1), help="Processes, each with the model in memory.")
@click.option("-t", "--timeout", "timeout_seconds", default=60.0, type=_POSITIVE, help="Seconds for a request.")
@click.option("--max-body", "most_megabytes", default=32.0, type=_POSITIVE, help="Megabytes of a body.")
@click.option(
    "--threads", default=ServingOptions.threads, type=click.IntRange(1), help="Predictions at once, a worker."
)
@click.option("--queue", default=ServingOptions.queue, type=click.IntRange(0), help="Requests that wait, a worker.")
@click.option("--allow-host", "hosts", multiple=True, metavar="NAME", help="A name that a proxy calls this server.")
@click.option("--name", default="", help="What its page calls the model.")
@click.option("--allow-pickle", is_flag=True, help="Let the model run code of its maker, as pickles do.")
def serve(uri: str, env_manager: str, most_megabytes: float, name: str, **told: Any) -> None:
    """Answer over HTTP with what a model predicts, as `mlflow models serve` does.

    POST /invocations predicts, GET / is a page with a form, /ping, /version and /metrics are for machines.
    """
    from tracker.models import mlmodel, uris

    folder = uris.folder_of(uri).resolve()
    mlmodel.read(folder)
    name = name or _name(uri, folder)
    if env_manager != "local":
        # Of an option that is said twice the last one counts.
        run_again(env_manager, folder, ["--name", name], allow_pickle=told["allow_pickle"])
    options = ServingOptions(folder, name=name, most_bytes=int(most_megabytes * MEGABYTE), **told)
    _warn_of_others(options)
    from tracker.serving.server import serve as serve_here

    serve_here(options)


def _name(uri: str, folder: Path) -> str:
    """What to call a model: its address, or the last part of its folder."""
    return uri if uri.startswith(("models:", "runs:", "s3:")) else folder.name


def _warn_of_others(options: ServingOptions) -> None:
    if not options.is_local:
        warn(
            f"{options.host} is more than this machine: whoever reaches port {options.port} may ask the model, without "
            "a password. Keep it behind a firewall, or a proxy that asks for one (docs/serving.md)."
        )
