"""Environments are made once for each content, and have this package in them."""

import io
import shutil
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from pathlib import Path

import pytest

from tests.server import ROOT
from tests.tracker.serving.served import ModelServer
from tracker import environments
from tracker.environments import Recipe, building, own
from tracker.errors import InvalidValue, TrackerError

CODE = "import importlib.metadata, tracker; print(tracker.__file__, importlib.metadata.version('trackerweb'))"

managers = pytest.mark.parametrize("manager", [pytest.param("virtualenv", marks=pytest.mark.long), "uv"])


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/trackerweb/environments"


def test_an_unknown_manager_is_refused(cache, tmp_path):
    with pytest.raises(InvalidValue, match="makes no environments"):
        environments.made(Recipe(tmp_path), "conda")


@managers
def test_a_python_that_this_package_does_not_run_on_is_refused(cache, tmp_path, manager):
    with pytest.raises(InvalidValue, match=r"needs 3\.10 or newer"):
        environments.made(Recipe(tmp_path, python="3.7.3"), manager)


def test_a_python_that_is_not_here_is_said(cache, tmp_path):
    with pytest.raises(InvalidValue, match="choose --env-manager uv"):
        environments.made(Recipe(tmp_path, python="3.99.1"), "virtualenv")


@pytest.mark.parametrize(
    "other",
    [Recipe(Path(), ("a==2",)), Recipe(Path(), ("a==1",), ("b<1",)), Recipe(Path(), ("a==1",), python="3.12.1")],
)
def test_other_content_is_another_environment(other):
    assert building._key(Recipe(Path(), ("a==1",)), "uv", "") != building._key(other, "uv", "")


def test_the_same_content_in_another_folder_is_the_same_environment(tmp_path):
    one, other = Recipe(tmp_path, ("a==1",)), Recipe(Path(), ("a==1",))
    assert building._key(one, "uv", "serve") == building._key(other, "uv", "serve")


def test_the_source_goes_along_without_what_building_leaves(tmp_path):
    place = own.put_into(tmp_path)
    assert {each.name for each in place.iterdir()} == {"tracker", "pyproject.toml", "README.md"}
    assert not list(place.rglob("__pycache__"))


@pytest.mark.slow
@pytest.mark.long
def test_a_failed_installation_is_said_and_tried_again(cache, tmp_path):
    recipe = Recipe(tmp_path, ("trackerweb-has-no-such-package==1",))
    for _ in range(2):
        with pytest.raises(TrackerError, match="could not be made"):
            environments.made(recipe, "virtualenv")
    assert not list(cache.glob("*/complete"))


def test_a_cache_that_can_not_be_written_is_said(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(TrackerError, match=r"Not a directory.* names another folder"):
        environments.made(Recipe(tmp_path), "virtualenv")


def test_an_environment_whose_python_is_gone_is_made_again(tmp_path):
    python = tmp_path / "made/python"
    times = []

    def make():
        times.append(1)
        python.touch()

    for _ in range(2):
        building.once(tmp_path / "made", python, make)
    python.unlink()
    building.once(tmp_path / "made", python, make)
    assert len(times) == 2


def test_who_waits_for_an_environment_is_told(tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(building, "say", told.append)

    def make():
        waiting.start()
        while not told:
            time.sleep(0.01)

    waiting = threading.Thread(target=building.once, args=(tmp_path / "made", tmp_path, lambda: told.append("again")))
    building.once(tmp_path / "made", tmp_path, make)
    waiting.join()
    assert told == [f"another process makes the environment {tmp_path / 'made'}: waiting for it"]


@pytest.mark.slow
@managers
def test_a_line_that_names_this_package_gets_it_as_it_is_here(cache, tmp_path, manager):
    python = environments.made(Recipe(tmp_path, ("trackerweb",)), manager)
    assert subprocess.run([python, "-I", "-c", CODE], capture_output=True, check=True).stdout


@pytest.mark.slow
@managers
def test_an_environment_is_made_once(cache, tmp_path, manager, monkeypatch, capfd):
    if manager == "uv" and not (shutil.which("uv") or Path(sys.executable).with_name("uv").exists()):
        pytest.skip("No uv here.")
    recipe = Recipe(tmp_path, ("six==1.17.0",), ("click<99",))
    python = environments.made(recipe, manager)
    assert "six==1.17.0" in capfd.readouterr().err
    told = subprocess.run(
        [python, "-c", f"import six; {CODE}"], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert str(cache) in told.stdout
    began = python.stat().st_mtime_ns
    assert environments.made(recipe, manager) == python
    assert python.stat().st_mtime_ns == began
    assert not (ROOT / "build").exists()


@pytest.mark.slow
@pytest.mark.long
def test_what_is_installed_goes_on_as_a_wheel(cache, tmp_path):
    first = environments.made(Recipe(tmp_path), "virtualenv")
    code = f"""
import pathlib
from tracker.environments import own
print(own.put_into(pathlib.Path({str(tmp_path)!r})))
"""
    told = subprocess.run([first, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    wheel = Path(told.stdout.strip())
    assert "tracker/serving/pages/model.html" in zipfile.ZipFile(wheel).namelist()
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "second"], check=True)
    second = tmp_path / "second/bin/python"
    subprocess.run([second, "-m", "pip", "install", "--quiet", wheel], check=True)
    told = subprocess.run([second, "-c", CODE], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "second" in told.stdout


@pytest.mark.slow
@managers
def test_a_model_is_served_in_its_own_environment(cache, tmp_path, patient_model, manager):
    model = tmp_path / "model"
    shutil.copytree(patient_model, model)
    (model / "requirements.txt").write_text("six==1.17.0\n")
    code = (model / "patient.py").read_text()
    (model / "patient.py").write_text(f"import six\nassert 'environments' in six.__file__\n{code}")
    server = ModelServer(model, tmp_path, "--env-manager", manager)
    server.patience_seconds = 600
    assert server.ready().predict()[1] == '{"predictions": ["a 1.5", "b 2.0"]}'
    assert server.stop() == 0


@pytest.mark.slow
@managers
def test_nothing_in_the_folder_of_a_model_is_run_or_obeyed(cache, tmp_path, manager):
    model = tmp_path / "model"
    model.mkdir()
    for module in ("pip", "venv", "setuptools"):
        (model / f"{module}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
    (model / "uv.toml").write_text("no such setting = 1\n")
    environments.made(Recipe(model, ("six==1.17.0",)), manager)
    assert not (tmp_path / "ran").exists()


@pytest.mark.slow
@managers
def test_a_package_without_a_wheel_is_built_only_for_whoever_trusts_the_model(cache, tmp_path, manager, monkeypatch):
    source = tmp_path / "index" / "only-source"
    source.mkdir(parents=True)
    setup = b"import setuptools; setuptools.setup(name='only-source', version='1', py_modules=[])\n"
    with tarfile.open(source / "only_source-1.tar.gz", "w:gz") as archive:
        entry = tarfile.TarInfo("only_source-1/setup.py")
        entry.size = len(setup)
        archive.addfile(entry, io.BytesIO(setup))
    monkeypatch.setenv("PIP_FIND_LINKS" if manager == "virtualenv" else "UV_FIND_LINKS", str(source))
    with pytest.raises(TrackerError, match="say --allow-pickle"):
        environments.made(Recipe(tmp_path, ("only-source==1",)), manager)
    environments.made(Recipe(tmp_path, ("only-source==1",), allows_code=True), manager)
