"""What environments are made of, read from the files of models and projects."""

import pytest

from tracker import environments
from tracker.environments import Recipe
from tracker.errors import InvalidModel, UnsafeModel


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
    requirements = "# made by hand\nnumpy==2.4.6\n\nsix>1 ; python_version > '3'  # why\n-c constraints.txt\n"
    written(tmp_path, python_env__yaml=PYTHON_ENV, requirements__txt=requirements, constraints__txt="scipy<2\n")
    assert environments.of_model(tmp_path) == Recipe(
        tmp_path,
        ("numpy==2.4.6", "six>1 ; python_version > '3'  # why", "extra==1.0"),
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


@pytest.mark.parametrize(
    ("lines", "python"),
    [
        ("- python=3.9\n- pip", "3.9"),
        ("- conda-forge::python=3.9.7=h12debd9_1", "3.9.7"),
        ("- python=3.9.*", "3.9"),
        ("- python 3.9", "3.9"),
        ("- python>=3.8", None),
        ("- python", None),
    ],
)
def test_a_conda_file_needs_neither_channels_nor_pip(tmp_path, lines, python):
    written(tmp_path, conda__yaml=f"dependencies:\n{lines}\n")
    assert environments.of_model(tmp_path) == Recipe(tmp_path, python=python)


def test_a_python_that_is_empty_is_the_one_that_runs(tmp_path):
    written(tmp_path, python_env__yaml="python: ''")
    assert environments.of_model(tmp_path) == Recipe(tmp_path)


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
        ({"conda__yaml": "dependencies: ['python<3.10']"}, "asks for python<3.10, and Python 3"),
        ({"conda__yaml": "dependencies: ['python~oh']"}, "asks for python~oh"),
        ({"python_env__yaml": "python: 3.x"}, "is no version such as 3.11.7"),
        ({"python_env__yaml": "python: '3.11; rm'"}, "is no version"),
        ({"requirements__txt": "-r ../secret.txt"}, "leads out of it"),
        ({"requirements__txt": "--requirement=/etc/passwd"}, "leads out of it"),
        ({"requirements__txt": "-c missing.txt"}, "is not there"),
        ({"requirements__txt": "-r../secret.txt"}, "leads out of it"),
        ({"python_env__yaml": "dependencies: [null]"}, "has 'None', which is no line of pip"),
        ({"conda__yaml": "channels: []\ndependencies: [pip: [{a: b}]]"}, "is no line of pip"),
        ({"requirements__txt": "-r requirements.txt"}, "includes itself"),
        ({"requirements__txt": f"-r {'x' * 5000}"}, "is no name of a file"),
        ({"requirements__txt": "-r a.txt\n" * 200, "a__txt": "numpy\n" * 200}, "more than 10,000 lines"),
        ({"python_env__yaml": "a: !!b [1]"}, "has a tag in line 1"),
        ({"python_env__yaml": "python: 2001-99-99"}, "python_env.yaml is no YAML"),
        ({"python_env__yaml": "python: '٣.١١'"}, "is no version"),
        ({"python_env__yaml": "build_dependencies: pip"}, "are a list, not str"),
        ({"python_env__yaml": 'dependencies: ["numpy\\n--index-url http://evil"]'}, "more than one line"),
        ({"conda__yaml": "channels: []\ndependencies: [pip: 5]"}, "pip in .* are a list, not int"),
    ],
)
def test_what_can_not_be_read_is_said(tmp_path, files, message):
    written(tmp_path, **files)
    with pytest.raises(InvalidModel, match=message):
        environments.of_model(tmp_path)


@pytest.mark.parametrize("name", ["python_env.yaml", "conda.yaml", "requirements.txt"])
def test_other_encodings_are_said(tmp_path, name):
    (tmp_path / name).write_bytes(b"caf\xe9")
    with pytest.raises(InvalidModel, match=name):
        environments.of_model(tmp_path)


ODD = [
    "pkg @ file:///tmp/pkg", "pkg @ https://evil.example/pkg.whl", "git+https://evil.example/pkg", "-e .", "./pkg",
    "pkg.zip", "pkg.whl[extra]", "--index-url https://evil.example", "--extra-index-url=https://evil.example", "-f .",
    "pkg/", ".",
    "--trusted-host evil.example", "--pre", "numpy --config-settings=a=b", "numpy \\",
    "https://evil.example/a.zip",
]  # fmt: skip


@pytest.mark.parametrize("line", ODD)
def test_only_names_of_packages_are_taken(tmp_path, line):
    written(tmp_path, requirements__txt=f"numpy\n{line}\n")
    with pytest.raises(UnsafeModel) as error:
        environments.of_model(tmp_path)
    assert repr(line) in str(error.value)


@pytest.mark.parametrize("name", ["build_dependencies", "constraints"])
def test_other_lines_are_looked_at_as_well(tmp_path, name):
    dependencies = "[-c constraints.txt]"
    written(tmp_path, constraints__txt="pkg @ file:///a" if name == "constraints" else "numpy")
    build = "[]" if name == "constraints" else "[pkg @ file:///a]"
    written(tmp_path, python_env__yaml=f"build_dependencies: {build}\ndependencies: {dependencies}\n")
    with pytest.raises(UnsafeModel, match="pkg @ file:///a"):
        environments.of_model(tmp_path)


def test_whoever_trusts_the_model_takes_what_it_asks_for_and_is_told(tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr("tracker.environments.recipe.say", said.append)
    written(tmp_path, requirements__txt="numpy\n--pre\n")
    assert environments.of_model(tmp_path, allow_pickle=True) == Recipe(tmp_path, ("numpy", "--pre"), allows_code=True)
    assert [line.partition(" ")[0] for line in said] == ["'--pre'"]
