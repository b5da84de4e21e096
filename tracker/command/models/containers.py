"""`tracker models generate-dockerfile` and `build-docker`: container images that serve a model."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from tracker.command.models.environment import MANAGERS
from tracker.errors import InvalidValue

_NAME = re.compile(r"[a-z0-9][a-z0-9._/-]*(:[0-9]+/[a-z0-9._/-]+)?(:[\w.-]{1,128})?")


def _of_image(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that say what an image is to be."""
    for option in (
        click.option("--allow-pickle", is_flag=True, help="The image lets the model run code of its maker."),
        click.option("--port", default=8080, show_default=True, type=click.IntRange(1024, 65535), help="In the image."),
        click.option("--base-image", "base", default="", help="In place of python:3.x-slim of the model's version."),
        click.option("--env-manager", "manager", default="virtualenv", show_default=True, type=click.Choice(MANAGERS)),
        click.option("-m", "--model-uri", "uri", required=True, help="A folder, models:/name/3, s3://bucket/prefix, …"),
    ):
        command = option(command)
    return command


@click.command("generate-dockerfile")
@_of_image
@click.option("-d", "--output-directory", "target", required=True, type=click.Path(path_type=Path))
@click.option("--check", "is_checked", is_flag=True, help="Go through its steps here, and ask what then serves.")
def generate_dockerfile(uri: str, target: Path, is_checked: bool, **told: Any) -> None:
    """Write a new folder with a Dockerfile and all it needs: the model, its requirements, and this package.

    The image serves the model on its port, as nobody in particular, and says whether it is healthy.
    """
    from tracker.deploying import dockerfile
    from tracker.deploying.check import check

    made = dockerfile.write(_model(uri), target, _choices(told))
    click.echo(f"{target / dockerfile.FILE}: build it with `docker build -t NAME {target}`.")
    if is_checked:
        answer = check(target, made)
        click.echo(f"Its steps were gone through here, and the model served{': ' + answer[:200] if answer else '.'}")


@click.command("build-docker")
@_of_image
@click.option("-n", "--name", default="model", show_default=True, help="What to call the image: team/model:3.")
def build_docker(uri: str, name: str, **told: Any) -> None:
    """Build an image that serves a model, where docker or podman answers."""
    from tracker.deploying import dockerfile, engine

    if not _NAME.fullmatch(name):
        raise InvalidValue(f"--name {name[:80]!r} is no name of an image. Write it like team/model:3.")
    with tempfile.TemporaryDirectory(prefix="tracker-image-") as folder:
        context = Path(folder) / "context"
        dockerfile.write(_model(uri), context, _choices(told))
        engine.build(context, name)
    click.echo(f"{name} was built: docker run -p 5000:{told['port']} {name}")


def _model(uri: str) -> Path:
    from tracker.models import mlmodel, uris

    folder = uris.folder_of(uri).resolve()
    mlmodel.read(folder)
    return folder


def _choices(told: dict[str, Any]) -> Any:
    from tracker.deploying.image import Choices

    if re.search(r"\s|^-", told["base"]):
        raise InvalidValue(
            f"--base-image {told['base'][:80]!r} is no name of an image. Write it like python:3.11-slim."
        )
    return Choices(**told)
