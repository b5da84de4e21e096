"""The form that starts a run, and the command that it means."""

from pathlib import Path

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from projects.asking import Wanted
from runs.models import Environment
from runs.provenance.repeating import is_secret
from tests.factories import make_run
from trackerweb.errors import InvalidValue

GIT = "https://git.example/a.git#sub"


def sent(query):
    return Wanted.sent(QueryDict(query))


def test_a_form_becomes_words_and_nothing_is_read_by_a_shell():
    wanted = sent(
        f"uri={GIT.replace('#', '%23')}&version=main&entry_point=train&manager=uv&key=lr&value=$(x)&key=&value="
    )
    assert wanted.command(["tracker"], "r1") == [
        "tracker", "run", GIT, "--run-id=r1", "--version=main", "--entry-point=train", "--env-manager=uv",
        "-P", "lr=$(x)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("uri", "--upload-pack=touch /tmp/x"),
        ("uri", "ext::sh -c id"),
        ("uri", "relative/folder"),
        ("uri", ""),
        ("uri", "/a\nb"),
        ("uri", "/not/there"),
        ("uri", "/" + "x" * 300),
        ("version", "--help"),
        ("entry_point", "-e"),
        ("experiment", "-x"),
        ("name", "-x"),
        ("manager", "pip"),
    ],
)
@pytest.mark.django_db
def test_what_could_be_an_option_or_is_no_project_is_refused(field, value):
    with pytest.raises(InvalidValue) as refusal:
        Wanted(**({"uri": GIT} | {field: value})).checked()
    assert refusal.value.field == field


@pytest.mark.parametrize(
    "params", [(("-x", "1"),), (("a", "1"), ("a", "2")), (("", "1"),), (("a=b", "1"),), (("a", "\0"),)]
)
@pytest.mark.django_db
def test_a_param_that_is_none_is_refused(params):
    with pytest.raises(InvalidValue, match="params: "):
        Wanted(uri=GIT, params=params).checked()


@pytest.mark.parametrize(
    "uri", [str(Path(__file__).parent), "https://x.example/a.zip#sub", "git@git.example:me/a.git", "file:///code/a"]
)
@pytest.mark.django_db
def test_every_kind_of_project_is_taken(uri):
    assert Wanted(uri=uri).checked().experiment == "Default"


@pytest.mark.django_db
def test_a_run_of_a_project_fills_the_form_but_for_its_secrets():
    told = {"uri": GIT, "commit": "9f3", "entry_point": "train", "parameters": {"lr": "1", "api_key": "s3cret"}}
    wanted = Wanted.like(make_run(environment=Environment.of({"project": told})))
    assert (wanted.uri, wanted.version, wanted.entry_point, wanted.experiment) == (GIT, "9f3", "train", "Default")
    assert wanted.params == (("lr", "1"), ("api_key", ""))


@pytest.mark.django_db
def test_a_run_of_no_project_is_refused_with_the_remedy():
    with pytest.raises(InvalidValue, match="tracker rerun"):
        Wanted.like(make_run())


KEYS = st.text(max_size=5).filter(lambda key: not is_secret(key))


@given(st.lists(st.tuples(KEYS, st.text(max_size=5)), max_size=4), st.text(max_size=9))
def test_what_is_kept_can_be_asked_again(params, uri):
    wanted = Wanted(uri=uri, params=tuple(params))
    assert Wanted.again(wanted.kept()) == wanted


def test_a_secret_is_not_kept():
    assert "s3cret" not in str(Wanted(uri=GIT, params=(("token", "s3cret"),)).kept())
