"""The tabs of a run's page, without a browser."""

import pytest
from django.test import Client

from registry.models import LoggedModel
from runs.models import Environment
from runs.provenance.snapshot import Snapshot, snapshot_of
from runs.run_page.code import requirements
from runs.run_page.tabs import tabs_of
from tests.factories import NOON, make_artifact, make_run

pytestmark = pytest.mark.django_db

TABS = ["charts", "media", "logs", "system", "code", "artifacts", "models"]
PATCH = "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = '<b>'\n"


def page_of(run, tab):
    response = Client().get(f"/runs/{run.run_id}/{tab}/")
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def full_run():
    content = {
        "command": ["python", "train.py"],
        "packages": {"numpy": "2.4.6"},
        "git": {"branch": "main", "diff": PATCH, "untracked": ["notes.txt"], "remote": "https://github.com/ada/d.git"},
    }
    run = make_run(
        git_commit="9f3c", metrics={"loss": [2, 1], "system/cpu": [3, 4]}, environment=Environment.of(content)
    )
    make_artifact(run, "samples/step_1.png", b"\x89PNG\r\n\x1a\n")
    run.console.create(stream="stdout", offset=0, text="hello\n")
    LoggedModel.objects.create(
        model_id="m-1", name="net", experiment=run.experiment, source_run_id=run.run_id, creation_time=NOON,
        last_update_time=NOON,
    )  # fmt: skip
    return run


def test_an_empty_tab_is_soft_and_says_how_to_fill_it():
    run = make_run()
    assert [tab.label for tab in tabs_of(run, "") if tab.is_empty] == [
        "Charts", "Media", "Logs", "System", "Code", "Artifacts", "Models",
    ]  # fmt: skip
    for tab in TABS:
        page = page_of(run, tab)
        assert "empty-state" in page
        assert "<pre" in page


def test_a_tab_says_how_much_is_in_it(full_run):
    assert {tab.label: tab.count for tab in tabs_of(full_run, "")} == {
        "Overview": None, "Charts": 1, "Media": 1, "Logs": None, "System": 1, "Code": None, "Artifacts": 1, "Models": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tab", "texts"),
    [
        ("charts", ['data-key="loss"']),
        ("media", ["samples/step", "/preview/", "step 1"]),
        ("logs", ["hello"]),
        ("system", ['data-key="system/cpu"', 'data-key="loss"']),
        ("code", ["9f3c", "https://github.com/ada/d/commit/9f3c", "notes.txt", "numpy", "git checkout 9f3c", "&#x27;"]),
        ("models", ["models:/m-1"]),
    ],
)
def test_each_tab_shows_what_it_is_for(full_run, tab, texts):
    page = page_of(full_run, tab)
    assert "empty-state" not in page
    for text in texts:
        assert text in page


def test_the_charts_of_a_run_leave_its_machine_to_the_system_tab(full_run):
    assert 'data-key="system/cpu"' not in page_of(full_run, "charts")


def test_the_patch_and_the_packages_are_files_for_the_shell(full_run):
    client = Client()
    assert client.get(f"/runs/{full_run.run_id}/code/patch.diff").content.decode() == PATCH
    assert client.get(f"/runs/{full_run.run_id}/code/requirements.txt").content == b"numpy==2.4.6\n"
    bare = make_run()
    assert client.get(f"/runs/{bare.run_id}/code/patch.diff").status_code == 404


def test_the_source_that_was_captured_is_listed_and_read_as_text():
    run = make_run(environment=Environment.of({"python": "3", "source": {"a/b.py": "<b>x</b>\n"}}))
    assert f'href="/runs/{run.run_id}/code/source/a/b.py"' in page_of(run, "code")
    answer = Client().get(f"/runs/{run.run_id}/code/source/a/b.py")
    assert (answer.content, answer["Content-Type"]) == (b"<b>x</b>\n", "text/plain; charset=utf-8")
    assert Client().get(f"/runs/{run.run_id}/code/source/none.py").status_code == 404


@pytest.mark.parametrize(("name", "version"), [("-r", "x"), ("a", "1\n--index-url=http://h"), ("", "1"), ("a b", "1")])
def test_a_package_that_pip_could_take_for_an_option_is_left_out(name, version):
    assert requirements(Snapshot(packages={name: version})) == ""


def test_a_commit_that_is_on_no_branch_names_none():
    assert snapshot_of(make_run(git_commit="9f3c1e2", tags={"mlflow.source.git.branch": "HEAD"})).branch == ""


def test_what_a_client_says_of_its_code_is_escaped():
    evil = "<script>alert(1)</script>"
    content = {
        "command": [evil], "packages": {evil: evil}, "python": evil,
        "git": {"branch": evil, "remote": evil, "diff": evil, "untracked": [evil], "commit": evil, "log": [evil]},
    }  # fmt: skip
    assert "<script>alert" not in page_of(make_run(environment=Environment.of(content)), "code")


def test_a_remote_leads_nowhere_but_to_a_forge():
    content = {"git": {"commit": "a", "remote": "javascript:alert(1)"}}
    assert 'href="javascript' not in page_of(make_run(environment=Environment.of(content)), "code")


def test_media_are_shown_at_the_step_that_is_asked_for():
    run = make_run()
    for step in (1, 5, 9):
        make_artifact(run, f"mask_{step}.png", b"\x89PNG\r\n\x1a\n")
    page = Client().get(f"/runs/{run.run_id}/media/?step=6").content.decode()
    assert f'src="/preview/{run.run_id}/mask_5.png"' in page
    assert Client().get(f"/runs/{run.run_id}/media/?step=x").status_code == 400


def test_a_table_that_is_none_is_told_and_not_an_error():
    run = make_run()
    make_artifact(run, "a.parquet", b"PAR1 nonsense")
    assert "preview" in page_of(run, "media")
