"""What projects run in: this Python, environments of pip and uv, and those of a conda that stands in for one."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tracker.environments import Recipe, building, conda
from tracker.errors import InvalidValue, MissingLibrary, TrackerError
from tracker.projects import preparing
from tracker.projects.preparing import Prepared, prepared

MLPROJECT = "name: a\nentry_points: {main: {command: python train.py}}\n"
PYTHON_ENV = "dependencies: [-r requirements.txt]\n"
#: Makes what conda makes: a folder with Python in it.
MAKES = """
if "--prefix" in words:
    place = pathlib.Path(words[words.index("--prefix") + 1])
    if place.exists():
        sys.exit("prefix is there already")
    (place / "bin").mkdir(parents=True)
    (place / "bin/python").symlink_to(sys.executable)
"""


def told(noted):
    return [json.loads(line) for line in noted.read_text().splitlines()] if noted.exists() else []


@pytest.mark.parametrize("manager", [None, "local"])
def test_without_an_environment_the_python_of_the_path_runs(project, manager):
    ready = prepared(project(MLproject=MLPROJECT), manager)
    assert (ready.kind, ready.variables, ready.prefix) == ("local", {}, ())


def test_local_leaves_a_named_environment_alone(project, cache):
    ready = prepared(project(**{"python_env.yaml": PYTHON_ENV, "requirements.txt": "six"}), "local")
    assert ready.kind == "local"
    assert not cache.exists()


def test_unknown_managers_are_refused(project):
    with pytest.raises(InvalidValue, match="env_manager: 'poetry' is none of local, virtualenv, uv, conda"):
        prepared(project(MLproject=MLPROJECT), "poetry")


def test_conda_makes_nothing_of_a_python_env(project):
    with pytest.raises(InvalidValue, match=r"conda makes nothing of a python_env\.yaml"):
        prepared(project(**{"python_env.yaml": PYTHON_ENV, "requirements.txt": "six"}), "conda")


def recipe_of(project):
    return preparing._recipe(project)


def test_files_of_requirements_lie_in_the_project_whatever_folder_names_them(project):
    made = project(
        MLproject="python_env: envs/python_env.yaml\n",
        **{
            "envs/python_env.yaml": "python: '3.11'\ndependencies: [-r requirements/all.txt]\n",
            "requirements/all.txt": "-r base.txt\nsix\n",
            "requirements/base.txt": "numpy<3\n",
        },
    )
    assert recipe_of(made) == Recipe(
        made.folder, ("numpy<3", "six"), python="3.11", allows_code=True, has_ours=False, depends_on=""
    )


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("train.py", "import tracker\n", True),
        ("train.py", "import os, tracker as t\n", True),
        ("below/train.py", "def f():\n    from tracker import start_run\n", True),
        ("notes.ipynb", '{"source": [\n   "import tracker\\n"]}', True),
        ("run.sh", "python -m tracker run .\n", True),
        ("train.py", "import mlflow  # no tracker\n", False),
        ("train.py", "import my.tracker\nfrom a import tracker\n", False),
        ("train.txt", "import tracker\n", False),
    ],
)
def test_this_package_goes_into_environments_of_code_that_imports_it(project, name, code, expected):
    assert recipe_of(project(**{name: code})).has_ours is expected


def test_a_project_with_a_tracker_of_its_own_needs_none(project):
    assert not recipe_of(project(**{"train.py": "import tracker\n", "tracker.py": ""})).has_ours


def test_what_leads_beyond_names_of_packages_is_said(project, monkeypatch):
    said = []
    monkeypatch.setattr(preparing, "say", said.append)
    recipe = recipe_of(project(**{"python_env.yaml": "dependencies: ['git+https://example.org/a', six]\n"}))
    assert len(said) == 1
    assert said[0].startswith("'git+https://example.org/a' of the project leads beyond names of packages")
    assert recipe.depends_on == ""


def test_an_environment_with_the_project_in_it_depends_on_its_files(project):
    files = {"python_env.yaml": "dependencies: [.]\n", "setup.py": "one"}
    first = recipe_of(project(**files))
    assert recipe_of(project(**files)).depends_on == first.depends_on
    assert recipe_of(project(**files | {"setup.py": "two"})).depends_on != first.depends_on
    assert building._key(first, "uv", "") != building._key(replace(first, depends_on=""), "uv", "")


def test_files_of_any_name_count_for_an_environment(project):
    there = project(MLproject=MLPROJECT, **{"python_env.yaml": "dependencies: ['.']"})
    before = preparing._recipe(there)
    Path(os.fsdecode(os.fsencode(there.folder) + b"/\xff.py")).touch()
    assert preparing._recipe(there) != before


def test_an_editable_project_has_an_environment_of_its_own_unless_it_is_a_copy(project, tmp_path, monkeypatch):
    made = project(**{"python_env.yaml": "dependencies: [-e .]\n", "setup.py": "one"})
    own = recipe_of(made)
    assert own.requirements == ("-e .",)
    assert str(made.folder) in own.depends_on
    monkeypatch.setattr("tracker.projects.sources.is_copy", lambda folder: True)
    copy = recipe_of(made)
    assert copy.requirements == (".",)
    assert str(made.folder) not in copy.depends_on


@pytest.mark.parametrize("python", ["3.1", "3.10"])
def test_a_version_that_yaml_reads_as_a_number_is_said(project, python):
    with pytest.raises(InvalidValue, match=r"python: '3\.10'"):
        recipe_of(project(**{"python_env.yaml": f"python: {python}\n"}))


def test_old_pythons_are_for_projects_that_do_not_import_this_package(tmp_path):
    assert building._minor(Recipe(tmp_path, python="3.7.16", has_ours=False)) == "3.7"


CONDA = "channels: [conda-forge]\ndependencies:\n- python=3.11\n- libgdal\n- pip:\n  - six\n"
#: All of it pip can do.
SIMPLE_CONDA = "channels: [conda-forge]\ndependencies:\n- python\n- pip\n- pip:\n  - six==1.17.0\n"


def test_conda_makes_an_environment_once(project, cache, stand_in, monkeypatch, capfd):
    noted = stand_in("conda", MAKES)
    made = project(MLproject=f"conda_env: conda.yaml\n{MLPROJECT}", **{"conda.yaml": CONDA})
    ready = prepared(made, None)
    place = ready.python.parent.parent
    assert told(noted) == [["env", "create", "--prefix", str(place), "--file", str(made.folder / "conda.yaml")]]
    assert ready.kind == "conda"
    assert ready.variables["PATH"].startswith(f"{place}/bin{os.pathsep}")
    assert ready.variables["CONDA_PREFIX"] == str(place)
    assert place.is_relative_to(cache)
    assert "libgdal" in capfd.readouterr().err
    assert prepared(made, "conda") == ready
    assert len(told(noted)) == 1


def test_what_conda_makes_depends_on_files_that_it_names(project, cache, stand_in):
    noted = stand_in("conda", MAKES)
    files = {"conda.yaml": CONDA.replace("six", "-r requirements.txt"), "requirements.txt": "six\n"}
    first = prepared(project(**files), None)
    assert prepared(project(**files | {"requirements.txt": "numpy\n"}), None) != first
    assert prepared(project(**files), None) == first
    assert len(told(noted)) == 2


def test_conda_makes_one_that_asks_for_nothing(project, cache, stand_in):
    noted = stand_in("conda", MAKES)
    ready = prepared(project(MLproject=MLPROJECT), "conda")
    place = str(ready.python.parent.parent)
    assert told(noted) == [
        ["create", "--yes", "--channel", "conda-forge", "--override-channels", "--prefix", place, "python"]
    ]


def test_micromamba_has_its_own_words(project, cache, stand_in, monkeypatch):
    noted = stand_in("micromamba", MAKES)
    monkeypatch.setenv("MLFLOW_CONDA_CREATE_ENV_CMD", "micromamba")
    made = project(**{"conda.yaml": CONDA})
    place = str(prepared(made, None).python.parent.parent)
    assert told(noted) == [["create", "--yes", "--prefix", place, "--file", str(made.folder / "conda.yaml")]]


def test_a_conda_that_fails_is_said_and_tried_again(project, cache, stand_in):
    noted = stand_in("conda", f"{MAKES}\nsys.exit(3)")
    made = project(**{"conda.yaml": CONDA})
    for _ in range(2):
        with pytest.raises(TrackerError, match="conda ended with 3"):
            prepared(made, None)
    assert len(told(noted)) == 2
    stand_in("conda", MAKES)
    assert prepared(made, None).kind == "conda"


def test_scripts_of_packages_have_a_say_in_the_variables(tmp_path):
    scripts = tmp_path / "etc/conda/activate.d"
    scripts.mkdir(parents=True)
    (scripts / "gdal.sh").write_text('export GDAL_DATA="$CONDA_PREFIX/share\nof gdal"; echo noise\n')
    variables = conda.variables(tmp_path, "/bin:/usr/bin")
    assert variables["GDAL_DATA"] == f"{tmp_path}/share\nof gdal"
    assert variables.keys() == {"PATH", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "CONDA_SHLVL", "GDAL_DATA"}


def test_the_conda_that_variables_name_comes_first(stand_in, tmp_path, monkeypatch):
    stand_in("conda")
    assert Path(conda.program()).name == "conda"
    stand_in("mamba")
    monkeypatch.setenv("CONDA_EXE", str(tmp_path / "programs/mamba"))
    assert Path(conda.program()).name == "mamba"
    monkeypatch.setenv("MLFLOW_CONDA_HOME", str(tmp_path / "missing"))
    assert conda.program() is None


@pytest.fixture
def no_conda(monkeypatch):
    monkeypatch.setenv("MLFLOW_CONDA_HOME", "/nowhere")


def test_without_conda_its_packages_can_not_be_had(project, cache, no_conda):
    with pytest.raises(MissingLibrary, match="choose --env-manager virtualenv, uv or local"):
        prepared(project(**{"conda.yaml": CONDA}), None)


def test_without_conda_what_pip_can_do_is_done_by_virtualenv(project, cache, no_conda, monkeypatch):
    warned, asked = [], []
    monkeypatch.setattr(preparing, "warn", warned.append)
    monkeypatch.setattr(
        preparing.environments, "made", lambda recipe, manager: asked.append((recipe, manager)) or Path("/e/bin/python")
    )
    made = project(**{"conda.yaml": SIMPLE_CONDA})
    ready = prepared(made, None)
    assert (ready.kind, ready.variables["VIRTUAL_ENV"]) == ("virtualenv", "/e")
    assert "so virtualenv makes it" in warned[0]
    assert asked == [(Recipe(made.folder, ("six==1.17.0",), allows_code=True, has_ours=False), "virtualenv")]


@pytest.mark.slow
@pytest.mark.parametrize("manager", ["uv", pytest.param("virtualenv", marks=pytest.mark.long)])
def test_a_project_runs_in_its_own_environment_with_a_package_of_its_own(project, cache, manager, capfd):
    made = project(
        MLproject=MLPROJECT,
        **{
            "python_env.yaml": "build_dependencies: [setuptools, wheel]\ndependencies: [six==1.17.0, .]\n",
            "pyproject.toml": "[project]\nname = 'own'\nversion = '1'\n[tool.setuptools]\npy-modules = ['own']\n",
            "own.py": "VALUE = 7\n",
            "train.py": "import own, six, sys, tracker; print(sys.prefix, six.__file__, own.VALUE)\n",
        },
    )
    ready = prepared(made, manager)
    assert ready.kind == manager
    ran = subprocess.run(
        ["bash", "-c", "python train.py"],
        cwd=made.folder,
        env=os.environ | ready.variables,
        capture_output=True,
        text=True,
    )
    assert str(cache) in ran.stdout.split()[1], ran.stderr
    assert ran.stdout.split()[2] == "7"
    assert "six==1.17.0" in capfd.readouterr().err
    assert prepared(made, manager) == ready


@pytest.mark.slow
def test_an_environment_of_nothing_has_nothing_in_it(project, cache):
    ready = prepared(project(MLproject=MLPROJECT, **{"train.py": ""}), "uv")
    found = subprocess.run([ready.python, "-c", "import click"], capture_output=True, text=True)
    assert "ModuleNotFoundError" in found.stderr
    assert isinstance(ready, Prepared)
