"""Projects in containers: the words for docker, its images, and a docker that stands in for the real one."""

import json
import os
import re

import pytest

from tracker.errors import InvalidValue, TrackerError
from tracker.projects import containers
from tracker.projects.preparing import prepared

MLPROJECT = """
name: team/digits
docker_env:
  image: python:3.12-slim
  volumes: ["/data:/data:ro", "/a b:/c"]
  environment: [["NEW", "a value"], "FROM_HERE"]
entry_points: {main: {command: "python train.py"}}
"""
VARIABLES = {
    "MLFLOW_RUN_ID": "a1b2", "MLFLOW_TRACKING_URI": "http://127.0.0.1:5000", "MLFLOW_EXPERIMENT_ID": "7",
    "MLFLOW_TRACKING_TOKEN": "geheim",
}  # fmt: skip
#: Has no image at first, and every image once it was pulled or built.
DOCKER = """
here = pathlib.Path(__file__).with_name("images")
if words[:2] == ["image", "inspect"]:
    if not here.exists():
        sys.exit(1)
    print("sha256:1234")
if words[0] == "build":
    context = pathlib.Path(words[-1])
    print((context / "Dockerfile").read_text(), *sorted(each.name for each in (context / "project").iterdir()))
if words[0] in ("pull", "build"):
    here.touch()
"""


@pytest.fixture
def docker(stand_in, monkeypatch):
    monkeypatch.setenv("FROM_HERE", "secret value")
    noted = stand_in("docker", DOCKER)
    return lambda: [json.loads(line) for line in noted.read_text().splitlines()]


def test_a_project_runs_in_a_container_of_its_image(project, docker):
    ready = prepared(project(MLproject=MLPROJECT), "virtualenv", VARIABLES, docker_args={"t": True, "gpus": "all"})
    assert ready.prefix[0].endswith("/docker")
    assert ready.prefix[1:] == (
        "run", "--rm", "-t", "--gpus", "all", "--name", "tracker-a1b2", "-v", "/data:/data:ro", "-v", "/a b:/c",
        "-e", "MLFLOW_RUN_ID=a1b2", "-e", "MLFLOW_TRACKING_URI=http://127.0.0.1:5000", "-e", "MLFLOW_EXPERIMENT_ID=7",
        "-e", "MLFLOW_TRACKING_TOKEN", "-e", "NEW=a value", "-e", "FROM_HERE", "python:3.12-slim",
    )  # fmt: skip
    assert ready.variables == {"MLFLOW_TRACKING_TOKEN": "geheim", "FROM_HERE": "secret value"}
    assert (ready.kind, ready.python, ready.image, ready.image_id) == (
        "docker",
        None,
        "python:3.12-slim",
        "sha256:1234",
    )
    assert ready.end[1:] == ("kill", "tracker-a1b2")
    assert ["pull", "python:3.12-slim"] in docker()


@pytest.mark.parametrize(
    ("volume", "is_mounted"),
    [
        ("${PWD}/data:/data", "{project}/data:/data"),
        ("$PWD:/code", "{project}:/code"),
        ("$(pwd)/a b:/data:ro", "{project}/a b:/data:ro"),
        ("$HOME/data:/data", "/home/me/data:/data"),
        ("~/data:/data", "/home/me/data:/data"),
        ("/a$:/b~", "/a$:/b~"),
    ],
)
def test_volumes_may_name_variables_as_they_may_for_mlflow(project, docker, monkeypatch, volume, is_mounted):
    monkeypatch.setenv("HOME", "/home/me")
    made = project(MLproject=MLPROJECT.replace("/a b:/c", volume))
    words = prepared(made, None, VARIABLES).prefix
    assert is_mounted.format(project=made.folder) in words


@pytest.mark.parametrize("name", ["NOT_SET", "MY_TOKEN"])
def test_volumes_name_no_secrets_and_nothing_that_is_not_set(project, docker, monkeypatch, name):
    monkeypatch.setenv("MY_TOKEN", "geheim")
    with pytest.raises(InvalidValue, match=f"names .{name}"):
        prepared(project(MLproject=MLPROJECT.replace("/a b:/c", f"/${{{name}}}:/c")), None, VARIABLES)


def test_an_image_that_is_here_is_not_pulled(project, docker, tmp_path):
    (tmp_path / "programs/images").touch()
    prepared(project(MLproject=MLPROJECT), None, VARIABLES)
    assert not [words for words in docker() if words[0] == "pull"]


def test_an_image_with_the_project_in_it_is_built(project, docker, capfd):
    ready = prepared(project(MLproject=MLPROJECT, **{"train.py": ""}), None, VARIABLES, build_image=True)
    assert ready.prefix[-1] == ready.image == "team/digits"
    told = capfd.readouterr().err
    assert "FROM python:3.12-slim\nCOPY project/ /mlflow/projects/code/\nWORKDIR /mlflow/projects/code/\n" in told
    assert "MLproject train.py" in told


def test_what_can_not_be_copied_into_an_image_is_said(project, docker):
    there = project(MLproject=MLPROJECT)
    os.mkfifo(there.folder / "pipe")
    with pytest.raises(TrackerError, match=r"can't be copied into an image: .*pipe.* is a named pipe"):
        prepared(there, None, VARIABLES, build_image=True)


def test_what_a_container_is_given_is_said(project, docker, monkeypatch):
    told = []
    monkeypatch.setattr(containers, "say", told.append)
    monkeypatch.setattr(containers, "warn", told.append)
    prepared(project(MLproject=MLPROJECT), None, VARIABLES)
    assert told[0] == "the project's container gets /data:/data:ro of this machine"
    assert "the project's container gets the variables FROM_HERE of this machine" in told
    assert told.index("pulling python:3.12-slim") > 2
    assert any("say -A network=host" in line for line in told)
    told.clear()
    prepared(project(MLproject=MLPROJECT), None, VARIABLES, docker_args={"network": "host"})
    assert not [line for line in told if "-A network" in line]


@pytest.mark.parametrize("name", ["d", "detach"])
def test_a_container_is_not_left_alone(project, docker, name):
    with pytest.raises(InvalidValue, match="leaves the container alone"):
        prepared(project(MLproject=MLPROJECT), None, VARIABLES, docker_args={name: True})


def test_a_variable_that_is_not_here_is_said(project, docker, monkeypatch):
    monkeypatch.delenv("FROM_HERE")
    with pytest.raises(InvalidValue, match="wants FROM_HERE of this machine's environment"):
        prepared(project(MLproject=MLPROJECT), None, VARIABLES)


def test_a_project_without_a_name_has_no_image(project, docker):
    with pytest.raises(InvalidValue, match="name: a project with a docker_env has one"):
        prepared(project(MLproject=re.sub("name: .*", "", MLPROJECT)), None, VARIABLES)


@pytest.mark.parametrize("image", ["--privileged", "a b", '"a\\nRUN touch x"', "$(x)"])
def test_an_image_is_no_option_and_no_line(project, docker, image):
    with pytest.raises(InvalidValue, match="image is no name of an image"):
        prepared(project(MLproject=MLPROJECT.replace("python:3.12-slim", image)), None, VARIABLES, build_image=True)


@pytest.mark.parametrize("name", ["Digits", "-x", "a b"])
def test_a_name_that_is_none_of_an_image_is_said_when_one_is_built(project, docker, name):
    with pytest.raises(InvalidValue, match="names an image too"):
        prepared(project(MLproject=MLPROJECT.replace("team/digits", name)), None, VARIABLES, build_image=True)


def test_without_an_engine_it_is_said(project, stand_in, monkeypatch):
    monkeypatch.setenv("FROM_HERE", "")
    for name in ("docker", "podman"):
        stand_in(name, "sys.exit('not running')")
    with pytest.raises(TrackerError, match=r"docker says: not running.*start docker or podman"):
        prepared(project(MLproject=MLPROJECT), None, VARIABLES)


def test_an_image_that_can_not_be_had_is_said(project, stand_in, monkeypatch):
    monkeypatch.setenv("FROM_HERE", "")
    stand_in("docker", "sys.exit(words[0] != 'info')")
    with pytest.raises(TrackerError, match="docker pull ended with 1"):
        prepared(project(MLproject=MLPROJECT), None, VARIABLES)
