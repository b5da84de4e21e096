"""What environments are made of, read from the files of models and projects."""

import pytest

from tracker import environments
from tracker.environments import Recipe
from tracker.errors import InvalidValue


def written(folder, **files):
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


PYTHON_ENV = """
python: 3.11.7
build_dependencies: [pip==24.0, setuptools]
dependencies:
- -r requirements.txt
- extra==1.0
"""


def test_a_python_env_names_files_that_are_read(tmp_path):
    requirements = "# made by hand\nnumpy==2.4.6\n\n--extra-index-url https://example.org/simple\n-c constraints.txt\n"
    written(tmp_path, python_env__yaml=PYTHON_ENV, requirements__txt=requirements, constraints__txt="scipy<2\n")
    assert environments.of_model(tmp_path) == Recipe(
        tmp_path,
        ("numpy==2.4.6", "--extra-index-url https://example.org/simple", "extra==1.0"),
        ("scipy<2",),
        ("pip==24.0", "setuptools"),
        "3.11.7",
    )


def test_a_conda_file_gives_what_pip_can_install(tmp_path, capsys, monkeypatch):
    said = []
    monkeypatch.setattr("tracker.environments.recipe.warn", said.append)
    lines = "- python=3.10.2\n- conda-forge::cudatoolkit=11\n- pip<=24\n- pip:\n  - mlflow\n  - numpy<3\n"
    written(tmp_path, conda__yaml=f"channels: [conda-forge]\ndependencies:\n{lines}")
    assert environments.of_model(tmp_path) == Recipe(tmp_path, ("mlflow", "numpy<3"), python="3.10.2")
    assert "cudatoolkit" in said[0]


def test_requirements_alone_are_enough(tmp_path):
    written(tmp_path, requirements__txt="numpy\n")
    assert environments.of_model(tmp_path) == Recipe(tmp_path, ("numpy",))


def test_a_model_that_asks_for_nothing(tmp_path):
    assert environments.of_model(tmp_path) == Recipe(tmp_path)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"python_env__yaml": "- a"}, "holds no keys"),
        ({"python_env__yaml": "a: ["}, "is no YAML"),
        ({"python_env__yaml": "dependencies: numpy"}, "are a list, not str"),
        ({"python_env__yaml": "python: 3.x"}, "is no version such as 3.11.7"),
        ({"python_env__yaml": "python: '3.11; rm'"}, "is no version"),
        ({"requirements__txt": "-r ../secret.txt"}, "leads out of it"),
        ({"requirements__txt": "--requirement=/etc/passwd"}, "leads out of it"),
        ({"requirements__txt": "-c missing.txt"}, "is not there"),
        ({"requirements__txt": "-r requirements.txt"}, "includes itself"),
    ],
)
def test_what_can_not_be_read_is_said(tmp_path, files, message):
    written(tmp_path, **files)
    with pytest.raises(InvalidValue, match=message):
        environments.of_model(tmp_path)
