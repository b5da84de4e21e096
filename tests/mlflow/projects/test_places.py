"""Where projects come from, and the words for docker, as MLflow itself has them."""

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.tracker.projects.sources.conftest import TOLD, Repository
from tracker.errors import TrackerError
from tracker.projects import containers, sources
from tracker.projects.definition import Docker

SCRIPT = Path(__file__).with_name("places_script.py")
DOCKER = [
    {"docker_args": {}, "volumes": None, "environment": None},
    {"docker_args": {"t": True, "gpus": "all"}, "volumes": ["/data:/data", "/a b:/c:ro"], "environment": []},
    {"docker_args": {"network": "host"}, "volumes": [], "environment": [["NEW", "a b"], "FROM_HERE", ["HOME", "/x"]]},
    {"docker_args": {}, "volumes": [], "environment": [["MLFLOW_RUN_ID", "another"]]},
]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in TOLD.items():
            patch.setenv(name, value)
        folder = tmp_path_factory.mktemp("places")
        # For git, a server is a folder of this machine here.
        settings = f'[url "file://{folder}/repository/.git"]\ninsteadOf = https://example.org/name.git\n'
        (folder / "settings").write_text(settings)
        patch.setenv("GIT_CONFIG_GLOBAL", str(folder / "settings"))
        yield folder


@pytest.fixture(scope="module")
def places(home):
    """URIs and versions, by what they are."""
    repository = Repository(home / "repository")
    repository.git("tag", "v1")
    repository.git("branch", "beside")
    beside = repository.git("rev-parse", "HEAD")
    repository.commit(**{"project/MLproject": "name: a\n", ".gitignore": "ignored\n", "ignored/.keep": ""})
    (repository.folder / "ignored").mkdir(exist_ok=True)
    subprocess.run(["git", "clone", "--quiet", repository.folder, home / "clone"], check=True)
    clone = Repository.__new__(Repository)
    clone.folder = home / "clone"
    clone.git("remote", "set-url", "origin", "https://me:secret@example.org/a.git")
    clone.git("remote", "add", "aaa", "https://example.org/b.git")
    (clone.folder / "ignored").mkdir(exist_ok=True)
    with zipfile.ZipFile(home / "a.zip", "w") as archive:
        archive.writestr("below/MLproject", "name: a\n")
    shutil.copy(home / "a.zip", repository.folder / "project/b.zip")
    (home / "plain/below").mkdir(parents=True)
    address = "https://example.org/name.git"
    return {
        "a plain folder": (str(home / "plain"), None),
        "a plain folder, below": (f"{home}/plain#below", None),
        "a plain folder with a version": (str(home / "plain"), "main"),
        "a checkout": (str(repository.folder), None),
        "a checkout, below by path": (str(repository.folder / "project"), None),
        "a checkout, below by hash": (f"{repository.folder}#project", None),
        "an ignored folder": (str(repository.folder / "ignored"), None),
        "a checkout with remotes": (str(clone.folder), None),
        "a checkout with remotes, below": (str(clone.folder / "project"), None),
        "a zip": (str(home / "a.zip"), None),
        "a zip in a checkout": (str(repository.folder / "project/b.zip"), None),
        "a zip, below": (f"{home}/a.zip#below", None),
        "a zip, nothing below": (f"{home}/a.zip#nothing", None),
        "a folder that leaves": (f"{home}/plain#../repository", None),
        "nothing": (str(home / "nothing"), None),
        "a server": (address, None),
        "a server, below": (f"{address}#project", None),
        "a branch": (address, "beside"),
        "a tag": (f"{address}#project", "v1"),
        "a commit": (address, beside),
        "no such version": (address, "nothing"),
        "an option": (address, "--upload-pack=touch x"),
    }


@pytest.fixture(scope="module")
def oracle(mlflow_python, places, home):
    ids = {"run_id": "a1", "experiment_id": "7", "image": "python:3.12"}
    asked = {"places": list(places.values()), "docker": [each | ids for each in DOCKER]}
    told = {"MLFLOW_TRACKING_URI": "http://127.0.0.1:5000", "FROM_HERE": "a value", "TMPDIR": str(home)}
    done = subprocess.run(
        [mlflow_python, SCRIPT],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        env=os.environ | told,
        cwd=home,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_projects_come_from_where_mlflow_has_them_from(oracle, places):
    ours = []
    for uri, version in places.values():
        try:
            source = sources.fetched(uri, version)
        except TrackerError:
            ours.append("error")
        else:
            ours.append({"name": source.uri, "commit": source.commit, "remote": source.remote, "branch": source.branch})
    theirs = ["error" if "error" in each else each for each in oracle["places"]]
    assert dict(zip(places, ours, strict=True)) == dict(zip(places, theirs, strict=True))


def test_docker_is_told_the_same_words(oracle, monkeypatch):
    variables = {"MLFLOW_RUN_ID": "a1", "MLFLOW_TRACKING_URI": "http://127.0.0.1:5000", "MLFLOW_EXPERIMENT_ID": "7"}
    ours = []
    for each in DOCKER:
        environment = tuple(tuple(one) if isinstance(one, list) else one for one in each["environment"] or ())
        docker = Docker("python:3.12", tuple(each["volumes"] or ()), environment)
        words = containers.words_of(docker, variables, each["docker_args"], "python:3.12")
        # The value is docker's to take from its own environment.
        ours.append(["FROM_HERE=a value" if word == "FROM_HERE" else word for word in words])
    assert ours == oracle["docker"]
