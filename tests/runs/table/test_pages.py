"""The pages beside the table of an experiment: search across all, saved views, Markdown, the sheet of the language."""

import pytest

from experiments.models import SavedView
from tests.factories import NOON, make_experiment, make_run
from tests.runs.table.pages import table_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def experiment():
    found = make_experiment("vision/digits")
    make_run(
        found, run_id="r1", name="a|b", start_time=NOON + 1, params={"lr": "0.1", "seed": "1"}, metrics={"loss": 0.5}
    )
    make_run(found, run_id="r2", name="plain", params={"lr": "0.2", "seed": "1"}, metrics={"loss": 0.25})
    return found


def test_runs_of_all_experiments_are_searched(client, experiment):
    make_run(make_experiment("speech"), name="other", params={"lr": "0.1"})
    page = client.get("/search/", {"q": "lr=0.1"})
    assert sorted(row.run.name for row in page.context["table"].rows) == ["a|b", "other"]
    assert "speech" in page.text
    assert "vision/digits" in page.text


def test_runs_of_experiments_in_the_trash_are_not_searched(client, experiment):
    experiment.trash()
    assert "plain" not in client.get("/search/").text


def test_the_search_narrows_to_experiments_by_name(client, experiment):
    make_run(make_experiment("speech"), name="other")
    page = client.get("/search/", {"q": "experiment:vision"})
    assert page.context["table"].hits == 2


def test_a_view_is_saved_under_a_name_opened_and_deleted(client, experiment):
    query = "?q=lr%3C0.15&column=params.lr&column=min%28metrics.loss%29"
    answer = client.post("/views/", {"of": experiment.pk, "name": " best ", "state": query})
    view = SavedView.objects.get()
    assert answer.url == view.address == f"/experiments/{experiment.pk}/{query}"
    page = client.get(view.address)
    assert [row.run.name for row in page.context["table"].rows] == ["a|b"]
    assert ">best<" in page.text
    assert client.post(f"/views/{view.pk}/delete/").url == f"/experiments/{experiment.pk}/"
    assert client.post(f"/views/{view.pk}/delete/").status_code == 404


def test_a_view_saved_again_is_replaced(client, experiment):
    for query in ("?q=a", "?q=b"):
        client.post("/views/", {"of": experiment.pk, "name": "mine", "state": query})
        client.post("/views/", {"name": "mine", "state": query})
    assert set(SavedView.objects.values_list("query", "experiment")) == {("?q=b", None), ("?q=b", experiment.pk)}


@pytest.mark.parametrize("fields", [{"name": " "}, {"name": "x", "of": "nothing"}, {"name": "a\0"}])
def test_a_view_without_a_name_or_place_is_refused(client, fields):
    assert client.post("/views/", {"state": "?", **fields}).status_code == 400


def test_a_view_leads_nowhere_else(client, experiment):
    client.post("/views/", {"of": experiment.pk, "name": "x", "state": "?q=a&next=https://evil.example"})
    assert SavedView.objects.get().query == "?q=a"


def test_rows_as_markdown(client, experiment):
    text = client.get(f"/experiments/{experiment.pk}/table.md").text
    assert text == "| Run | lr | loss ↓ |\n| --- | --: | --: |\n| a\\|b | 0.1 | 0.5000 |\n| plain | 0.2 | 0.2500 |\n"


def test_groups_as_markdown(client, experiment):
    text = client.get(f"/experiments/{experiment.pk}/table.md", {"group": "params.seed"}).text
    assert text == "| Group | n | loss ↓ |\n| --- | --: | --: |\n| 1 | 2 | 0.3750 ± 0.1768 |\n"


def test_exports_are_of_all_that_match_in_the_order_shown(client, experiment):
    table = table_of(experiment, q="lr<0.15", sort="metrics.loss")
    addresses = dict(table.links.exports)
    assert list(addresses) == ["csv", "json", "parquet"]
    assert len(client.get(addresses["json"]).getvalue().splitlines()) == 3


def test_the_sheet_of_the_language_names_every_short_form(client):
    html = client.get("/search/help/").text
    assert all(f"<code>{form}:</code>" in html for form in ("status", "since", "has"))


def test_all_runs_in_the_trash_is_told_with_a_way_to_them(client, experiment):
    for run in experiment.runs.all():
        run.trash()
    html = client.get(f"/experiments/{experiment.pk}/").text
    assert "All runs of this experiment are in the trash" in html
    assert 'href="?trash=1"' in html
