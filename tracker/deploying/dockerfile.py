"""Writes the folder that an image is built from: Dockerfile, model, requirements, and this package."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from tracker import environments
from tracker.deploying import image
from tracker.deploying.image import Choices, Copy, Image, Run
from tracker.deploying.push import files_of
from tracker.environments import Recipe, own
from tracker.models.saving import folder_for

FILE = "Dockerfile"
#: Nobody: a number needs no entry in the system's list of users.
_USER = "10001:10001"
_HOME = "/tmp"  # noqa: S108 - of a container, which nobody shares
_VARIABLES = {
    "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", "PIP_NO_CACHE_DIR": "1", "UV_NO_CACHE": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1", "HOME": _HOME,
}  # fmt: skip


def write(model: Path, target: Path, choices: Choices) -> Image:
    """Put into a new folder all that an image of a model is built from. Returns what the image is made of.

    Errors: InvalidValue for a folder that holds something, and for requirements that can't be read.
    """
    recipe = environments.of_model(model, allow_pickle=choices.allow_pickle)
    with folder_for(target) as folder:
        _copy_model(model, folder / image.MODEL)
        _write_requirements(recipe, folder / image.REQUIREMENTS)
        (folder / image.PACKAGE).mkdir()
        package = own.put_into(folder / image.PACKAGE)
        made = image.of_recipe(recipe, package.name, choices)
        (folder / FILE).write_text("".join(f"{line}\n" for line in lines(made)), encoding="utf-8")
    return made


def lines(made: Image) -> Iterator[str]:
    """The lines of a Dockerfile."""
    yield "# Made by `tracker models generate-dockerfile`: an image that serves a model. Build it in this folder:"
    yield "#   docker build -t model . && docker run -p 5000:8080 model".replace("8080", str(made.port))
    yield f"FROM {made.base}"
    yield f"ENV {' '.join(f'{name}={value}' for name, value in _VARIABLES.items())}"
    yield f"WORKDIR {made.start.replace('{root}', image.ROOT)}"
    yield from (_line(step) for step in made.steps)
    yield f"USER {_USER}"
    yield f"EXPOSE {made.port}"
    yield "HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \\"
    yield f"  CMD {_words(_health(made))}"
    yield "STOPSIGNAL SIGTERM"
    yield f"ENTRYPOINT {_words(filled(made.command, image.ROOT, '0.0.0.0', made.port))}"  # noqa: S104 - of a container


def filled(words: Iterable[str], root: str, host: str, port: int) -> list[str]:
    """Words with what they leave open filled in."""
    known = {"{root}": root, "{host}": host, "{port}": str(port)}
    found = list(words)
    for name, value in known.items():
        found = [word.replace(name, value) for word in found]
    return found


def _line(step: Copy | Run) -> str:
    if isinstance(step, Copy):
        return f"COPY {_words([step.folder, f'{image.ROOT}/{step.folder}'])}"
    return f"RUN {_words(filled(step.words, image.ROOT, '', 0))}"


def _health(made: Image) -> list[str]:
    ask = f"import urllib.request; urllib.request.urlopen('http://127.0.0.1:{made.port}/ping', timeout=4)"
    return [f"{image.ROOT}/{image.ENVIRONMENT}/bin/python", "-c", ask]


def _words(words: Iterable[str]) -> str:
    """The form of a list, which no shell reads."""
    return json.dumps(list(words), ensure_ascii=False)


def _copy_model(model: Path, target: Path) -> None:
    """Readable to everybody, since nobody in particular serves it."""
    for place, file in files_of(model).items():
        (target / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target / place)
    for file in (target, *target.rglob("*")):
        file.chmod(0o755 if file.is_dir() else 0o644)


def _write_requirements(recipe: Recipe, folder: Path) -> None:
    folder.mkdir()
    told = {"build": recipe.build, "requirements": recipe.requirements, "constraints": recipe.constraints}
    for name, each in told.items():
        (folder / f"{name}.txt").write_text("".join(f"{line}\n" for line in each), encoding="utf-8")
