"""What a run was of a project: as our client says it, and as `mlflow run` leaves it in tags."""

import shlex

import pytest

from runs.models import Environment
from runs.provenance.projects import project_of
from tests.factories import make_run

pytestmark = pytest.mark.django_db
MLFLOW_TAGS = {"mlflow.project.env": "virtualenv", "mlflow.project.backend": "local"}


def project_run(told=None, tags=None, **fields):
    if told is not None:
        fields["environment"] = Environment.of({"project": told})
    return project_of(make_run(**fields), tags or {})


def test_a_run_of_no_project_is_none():
    assert project_run(source_type="LOCAL", source_name="train.py") is None


def test_a_run_of_mlflow_is_read_from_its_tags_and_fields():
    found = project_run(
        None, MLFLOW_TAGS, source_type="PROJECT", source_name="https://git.example/a.git#sub",
        entry_point="main", git_commit="9f3c1e2",
    )  # fmt: skip
    assert (found.uri, found.entry_point, found.commit) == ("https://git.example/a.git#sub", "main", "9f3c1e2")
    assert (found.manager, found.environment, found.backend) == ("virtualenv", "virtualenv", "local")
    assert found.parameters is None


def test_a_run_of_our_client_says_which_values_the_project_was_given():
    found = project_run({"uri": "/code/a", "parameters": {"lr": "0.1"}, "env_manager": "uv", "environment": "python"})
    assert found.parameters == {"lr": "0.1"}
    assert (found.manager, found.environment) == ("uv", "python")


@pytest.mark.parametrize("told", [[], "text", {"uri": {}}, {"uri": 3, "parameters": [1]}, {"parameters": {"a": []}}])
def test_an_environment_of_any_shape_is_read(told):
    project_run(told, source_type="PROJECT", source_name="/code/a")


def test_a_password_in_the_address_is_not_told():
    found = project_run(None, source_type="PROJECT", source_name="https://me:s3cret@git.example/a.git")
    assert found.uri == "https://git.example/a.git"


def test_the_slash_that_mlflow_puts_before_the_folder_is_left_out():
    found = project_run(None, source_type="PROJECT", source_name="file:///code#/digits")
    assert found.uri == "file:///code#digits"


def test_what_mlflow_wrote_before_a_file_address_is_left_out():
    found = project_run(None, source_type="PROJECT", source_name="/home/ada/file:/code/a#sub")
    assert found.uri == "file:///code/a#sub"


@pytest.mark.parametrize("value", ["plain", "a b", "it's", "", "$(x)", "'"])
def test_values_that_mlflow_quoted_are_read(value):
    found = project_run(None, source_type="PROJECT", source_name="/code/a")
    assert found.values({"p": shlex.quote(value)}) == {"p": value}


@pytest.mark.parametrize("value", ["a b", "it's", "'", "'a' 'b'", '"a"'])
def test_values_that_nobody_quoted_stay(value):
    assert project_run(None, source_type="PROJECT", source_name="/a").values({"p": value}) == {"p": value}


@pytest.mark.parametrize(
    ("uri", "has"),
    [
        ("https://git.example/a.git#sub", True),
        ("git@git.example:me/a.git", True),
        ("file:///code/a", True),
        ("/code/a", False),
        ("C:/code/a", False),
        ("https://files.example/a.zip", False),
        ("https://files.example/a.zip#sub", False),
    ],
)
def test_versions_are_git_s(uri, has):
    assert project_run(None, source_type="PROJECT", source_name=uri).has_versions is has
