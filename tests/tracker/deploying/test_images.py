"""Images: what their Dockerfile says, and that what it describes can be made and serves."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner

from tests.server import ROOT
from tracker import models
from tracker.command import commands
from tracker.deploying import dockerfile, image
from tracker.deploying.image import Choices, Copy, Run
from tracker.environments import Recipe
from tracker.errors import InvalidValue, TrackerError


def invoke(*words):
    return CliRunner().invoke(commands, ["models", *map(str, words)])


def commands_of(lines):
    """Each instruction with its words."""
    parts = [line.strip().split(" ", 1) for line in lines if not line.startswith("#")]
    return [(name, json.loads(rest) if rest.startswith("[") else rest) for name, rest in parts]


def test_the_folder_holds_all_that_the_dockerfile_copies(saved, tmp_path):
    done = invoke("generate-dockerfile", "-m", saved, "-d", tmp_path / "image")
    assert done.output.startswith(f"{tmp_path}/image/Dockerfile: build it with")
    told = commands_of((tmp_path / "image/Dockerfile").read_text().splitlines())
    copied = [words[0] for name, words in told if name == "COPY"]
    assert copied == ["requirements", "trackerweb", "model"]
    assert sorted(file.name for file in (tmp_path / "image").iterdir()) == sorted([*copied, "Dockerfile"])
    assert (tmp_path / "image/model/MLmodel").read_bytes() == (saved / "MLmodel").read_bytes()
    assert "scikit-learn==" in (tmp_path / "image/requirements/requirements.txt").read_text()


def test_the_dockerfile_serves_as_nobody_and_says_whether_it_is_healthy(saved, tmp_path):
    dockerfile.write(saved, tmp_path / "image", Choices(port=9000))
    told = commands_of((tmp_path / "image/Dockerfile").read_text().splitlines())
    assert told[0] == ("FROM", f"python:3.{sys.version_info.minor}-slim")
    assert ("USER", "10001:10001") in told
    assert ("EXPOSE", "9000") in told
    health = dict(told)["CMD"]
    assert health[:2] == ["/opt/model-server/environment/bin/python", "-c"]
    assert "http://127.0.0.1:9000/ping" in health[2]
    assert told[-1][0] == "ENTRYPOINT"
    assert told[-1][1][1:] == [
        "-m", "tracker", "models", "serve", "-m", "/opt/model-server/model", "-h", "0.0.0.0", "-p", "9000",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("requirements", "first"), [(["scikit-learn"], "requirements"), (["./own.whl"], "requirements")]
)
def test_packages_of_the_model_s_folder_are_there_before_they_are_installed(tmp_path, requirements, first):
    made = image.of_recipe(Recipe(tmp_path, tuple(requirements)), "source", Choices())
    steps = list(made.steps)
    install = next(place for place, step in enumerate(steps) if isinstance(step, Run) and "-r" in step.words)
    assert (steps.index(Copy("model")) < install) == (requirements == ["./own.whl"])
    assert next(step.folder for step in steps if isinstance(step, Copy)) == first


def installs(recipe):
    made = image.of_recipe(recipe, "source", Choices())
    return [step.words for step in made.steps if isinstance(step, Run) and "-r" in step.words], made.start


def test_what_a_model_names_comes_as_wheels_and_nothing_runs_where_the_model_lies(tmp_path):
    (of_model, ours), start = installs(Recipe(tmp_path, ("numpy",)))
    assert of_model[-4:] == ("--only-binary", ":all:", "-r", "{root}/requirements/requirements.txt")
    assert ours[-1].startswith("trackerweb[serve] @ file://")
    assert start == "{root}/start"


def test_a_trusted_model_may_bring_its_own_packages(tmp_path):
    (of_model, _), start = installs(Recipe(tmp_path, ("./own.whl",), allows_code=True))
    assert "--only-binary" not in of_model
    assert start == "{root}/model"


def test_libraries_of_the_system_are_installed_where_a_package_needs_them(tmp_path):
    with_it, without = (image.of_recipe(Recipe(tmp_path, (line,)), "a", Choices()) for line in ("LightGBM==4", "numpy"))
    assert [step.of_system for step in with_it.steps if isinstance(step, Run)] == [True, False, False, False]
    assert not any(step.of_system for step in without.steps if isinstance(step, Run))


def test_choices_are_in_the_image(saved, tmp_path):
    done = invoke(
        "generate-dockerfile", "-m", saved, "-d", tmp_path / "image", "--env-manager", "uv", "--allow-pickle",
        "--base-image", "registry/python:3.11",
    )  # fmt: skip
    assert done.exit_code == 0
    text = (tmp_path / "image/Dockerfile").read_text()
    assert "FROM registry/python:3.11\n" in text
    assert text.rstrip().endswith('"--allow-pickle"]')
    assert '"/opt/model-server/uv/bin/uv", "pip", "install"' in text


def test_a_folder_that_holds_something_is_refused(saved, tmp_path):
    (tmp_path / "thesis.tex").touch()
    done = invoke("generate-dockerfile", "-m", saved, "-d", tmp_path)
    assert isinstance(done.exception, InvalidValue)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize(
    "words", [["--base-image", "a\nRUN evil"], ["--base-image", "--platform=x y"], ["--port", "80"]]
)
def test_odd_choices_are_refused(saved, tmp_path, words):
    assert invoke("generate-dockerfile", "-m", saved, "-d", tmp_path / "image", *words).exit_code != 0
    assert not (tmp_path / "image").exists()


def test_the_model_can_be_read_by_nobody_in_particular(saved, tmp_path):
    own = shutil.copytree(saved, tmp_path / "own")
    own.chmod(0o700)
    (own / "MLmodel").chmod(0o600)
    dockerfile.write(own, tmp_path / "image", Choices())
    assert (tmp_path / "image/model").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "image/model/MLmodel").stat().st_mode & 0o777 == 0o644


def test_without_an_engine_the_other_way_is_named(saved, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    monkeypatch.setenv("CONTAINER_HOST", "tcp://127.0.0.1:9")
    done = invoke("build-docker", "-m", saved, "-n", "team/model:3")
    assert isinstance(done.exception, TrackerError)
    assert "No engine of containers answers here" in str(done.exception)
    assert "generate-dockerfile" in str(done.exception)


def test_the_engine_is_told_name_and_folder(saved, tmp_path):
    engine = tmp_path / "docker"
    engine.write_text('#!/bin/sh\n[ "$1" = info ] || { echo "$@"; ls "$4"; } > "$TOLD"\n')
    engine.chmod(0o755)
    command = [sys.executable, "-m", "tracker", "models", "build-docker", "-m", saved, "-n", "team/model:3"]
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    told = {"PATH": path, "TOLD": str(tmp_path / "told"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=os.environ | told, capture_output=True, text=True)
    assert "team/model:3 was built" in done.stdout
    told = (tmp_path / "told").read_text().split()
    assert told[:3] == ["build", "--tag", "team/model:3"]
    assert told[4:] == ["Dockerfile", "model", "requirements", "trackerweb"]


@pytest.mark.parametrize("name", ["-v", "A", "a b", ""])
def test_odd_names_of_images_are_refused(saved, name):
    done = invoke("build-docker", "-m", saved, f"--name={name}")
    assert "is no name of an image" in str(done.exception)


@pytest.mark.slow
@pytest.mark.parametrize("manager", [pytest.param("virtualenv", marks=pytest.mark.long), "uv"])
def test_what_the_dockerfile_describes_can_be_made_and_serves(saved, tmp_path, manager):
    command = [sys.executable, "-m", "tracker", "models", "generate-dockerfile", "-m", saved, "-d", tmp_path / "image"]
    done = subprocess.run(
        [*command, "--env-manager", manager, "--check"], env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith(
        'Its steps were gone through here, and the model served: {"predictions": ['
    )


@pytest.mark.slow
def test_a_step_that_fails_ends_the_check(tmp_path):
    models.save_model(
        os.path.join(os.path.dirname(__file__), "../batch/seen.py"), tmp_path / "m", requirements=["./no"]
    )
    done = invoke("generate-dockerfile", "-m", tmp_path / "m", "-d", tmp_path / "image", "--check", "--allow-pickle")
    assert "A step of the image ended with 1" in str(done.exception)
