"""What is sent to a Ray cluster, looked at without one."""

import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.server import ROOT
from tracker.errors import InvalidValue, MissingLibrary
from tracker.projects import backends
from tracker.projects.backends import Job
from tracker.projects.backends.ray import cluster, options, shipping
from tracker.projects.backends.ray.following import Log, exit_status
from tracker.projects.definition import Docker, Environment, Project


def job(folder, environment=None, manager="local", **variables):
    return Job("r", Project(folder, "p", environment or Environment("none", None), {}), "true", variables, manager, {})


def python_env(folder, text="dependencies: [numpy]\n"):
    (folder / "python_env.yaml").write_text(text)
    return Environment("python", folder / "python_env.yaml")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"adress": "http://head:8265"}, "'adress', which Ray does not take. It takes address, tracking_uri"),
        ({"num_cpus": "2"}, "num_cpus='2' is no number from 0"),
        ({"num_gpus": True}, "num_gpus=True is no number"),
        ({"num_cpus": -1}, "num_cpus=-1 is no number"),
        ({"memory": float("nan")}, "memory=nan is no number"),
        ({"resources": ["tpu"]}, "resources=['tpu'] is no object"),
        ({"resources": {"tpu": "1"}}, "resources.tpu='1' is no number"),
        ({"runtime_env": "env.yaml"}, "runtime_env='env.yaml' is no object"),
        ({"address": 8265}, "address=8265 is no address"),
        ({"tracking_uri": "head:8000"}, "'head:8000' is no address of a server"),
    ],
)
def test_options_that_cannot_be_are_named(said, told):
    with pytest.raises(InvalidValue) as error:
        options.read(said)
    assert told in str(error.value)


def test_a_job_reserves_one_processor_unless_told():
    assert options.read({}).needs() == {"CPU": 1}
    said = {"num_cpus": 0, "num_gpus": 0.5, "resources": {"tpu": 2}}
    assert options.read(said).needs() == {"GPU": 0.5, "tpu": 2}


@pytest.mark.parametrize(
    ("needs", "slots"),
    [({"CPU": 1}, 12), ({"CPU": 3}, 3), ({"CPU": 2, "GPU": 1}, 2), ({"CPU": 0.5}, 24), ({"TPU": 1}, 0), ({}, None)],
)
def test_slots_are_counted_node_by_node(needs, slots):
    nodes = [{"CPU": 8, "GPU": 2, "memory": 1e9}, {"CPU": 4}]
    assert cluster.slots(nodes, needs) == slots


@given(
    words=st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=9), min_size=1, max_size=4)
)
def test_a_command_reaches_bash_as_it_is(words):
    line = shlex.join(words)
    assert shlex.split(shipping.entry_point(line, Path("/no/such/folder"))) == ["exec", "bash", "-c", line]


@pytest.mark.parametrize(
    ("command", "there"),
    [
        ("python train.py --data /w/p/data.csv", "python train.py --data ./data.csv"),
        ("cat '/w/p/a b.csv' /w/p", "cat './a b.csv' ."),
        ("cat --file=/w/p/a", "cat --file=./a"),
        ("cat /w/p2/a /x/w/p/a file:///w/p/a", "cat /w/p2/a /x/w/p/a file:///w/p/a"),
    ],
)
def test_paths_in_the_project_are_those_of_its_copy(command, there):
    assert shlex.split(shipping.entry_point(command, Path("/w/p")))[-1] == there


def test_the_working_directory_and_this_package_are_sent(tmp_path):
    said = options.read(
        {"runtime_env": {"excludes": ["data/"], "env_vars": {"B": "2"}, "config": {"eager_install": False}}}
    )
    made = shipping.runtime_env(job(tmp_path, A="1"), said)
    assert made["working_dir"] == str(tmp_path)
    assert made["py_modules"] == [str(ROOT / "tracker")]
    assert made["excludes"] == [".git", ".venv", "__pycache__", "data/"]
    assert made["env_vars"].items() >= {"A": "1", "B": "2", "PYTHONUNBUFFERED": "1"}.items()
    assert made["config"] == {"eager_install": False}
    assert not {"pip", "uv", "conda"} & made.keys()


def test_the_job_logs_where_the_workers_reach_the_server(tmp_path):
    said = options.read({"tracking_uri": "http://tracker.lan:8000"})
    made = shipping.runtime_env(job(tmp_path, TRACKER_URI="http://127.0.0.1:8000"), said)
    assert made["env_vars"]["TRACKER_URI"] == made["env_vars"]["MLFLOW_TRACKING_URI"] == "http://tracker.lan:8000"


def test_the_token_goes_along(tmp_path, monkeypatch):
    monkeypatch.setenv("TRACKER_TOKEN", "secret")
    assert shipping.runtime_env(job(tmp_path), options.read({}))["env_vars"]["TRACKER_TOKEN"] == "secret"


@pytest.mark.parametrize(("manager", "key"), [("uv", "uv"), ("virtualenv", "pip")])
def test_an_environment_of_packages_holds_what_this_package_needs(tmp_path, manager, key):
    made = shipping.runtime_env(job(tmp_path, python_env(tmp_path), manager), options.read({}))
    assert made[key] == {"packages": ["numpy", *shipping.NEEDS]}


def test_what_this_package_needs_is_what_pyproject_says():
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert list(shipping.NEEDS) == told["project"]["dependencies"]


def test_a_conda_environment_goes_to_conda_as_it_is(tmp_path):
    (tmp_path / "conda.yaml").write_text("channels: [conda-forge]\ndependencies: [python=3.11, numpy]\n")
    made = shipping.runtime_env(job(tmp_path, Environment("conda", tmp_path / "conda.yaml"), "conda"), options.read({}))
    assert made["conda"] == {"channels": ["conda-forge"], "dependencies": ["python=3.11", "numpy"]}


def test_conda_makes_no_environment_of_another_kind(tmp_path):
    with pytest.raises(InvalidValue, match="needs a project with conda_env"):
        shipping.runtime_env(job(tmp_path, python_env(tmp_path), "conda"), options.read({}))


def test_constraints_are_refused(tmp_path):
    (tmp_path / "limits.txt").write_text("numpy<3\n")
    environment = python_env(tmp_path, "dependencies: [numpy, -c limits.txt]\n")
    with pytest.raises(InvalidValue, match="constraints, which Ray does not take"):
        shipping.runtime_env(job(tmp_path, environment, "uv"), options.read({}))


def test_a_docker_project_is_refused_with_what_to_do(tmp_path):
    environment = Environment("docker", None, Docker("image", (), ()))
    with pytest.raises(InvalidValue, match="image_uri"):
        shipping.runtime_env(job(tmp_path, environment), options.read({}))


def test_an_image_gets_variables_alone(tmp_path):
    said = options.read({"runtime_env": {"image_uri": "lan/image:1"}})
    assert shipping.runtime_env(job(tmp_path), said).keys() == {"image_uri", "env_vars"}


@pytest.mark.parametrize(
    ("uri", "address", "is_refused"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8265", False),
        ("http://localhost:8000", "http://head:8265", True),
        ("http://[::1]:8000", "http://10.0.0.5:8265", True),
        ("http://tracker.lan:8000", "http://head:8265", False),
    ],
)
def test_a_tracking_address_of_this_machine_is_refused_for_another(uri, address, is_refused):
    if not is_refused:
        return shipping.check_reach({"TRACKER_URI": uri}, options.read({}), address)
    with pytest.raises(InvalidValue, match="tracking_uri"):
        shipping.check_reach({"TRACKER_URI": uri}, options.read({}), address)
    return shipping.check_reach({"TRACKER_URI": uri}, options.read({"tracking_uri": uri}), address)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [("SUCCEEDED", 0, 0), ("FAILED", 3, 3), ("FAILED", -9, -9), ("FAILED", None, 1), ("STOPPED", None, -15)],
)
def test_the_exit_status_is_that_of_the_command(status, code, expected):
    assert exit_status(status, code) == expected


@given(st.text(), st.lists(st.integers(0, 30)), st.integers(1, 7))
def test_a_log_that_is_read_again_is_told_once(text, ends, size):
    told = []
    log = Log(lambda stream, piece: told.append(piece))
    for end in [*ends, len(text)]:
        log.begin()
        for start in range(0, min(end, len(text)), size):
            log.add(text[start : min(start + size, end)])
    assert b"".join(told).decode() == text


def test_without_ray_one_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingLibrary, match=r"pip install 'ray\[default\]'"):
        backends.find("ray").slots({})


def test_the_backend_is_found_without_ray_and_imports_none():
    code = "import sys; from tracker.projects import backends; backends.find('ray'); print('ray' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
