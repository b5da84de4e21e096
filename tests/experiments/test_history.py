"""The audit trail as pages tell it."""

import pytest
from django.test import Client

from experiments.history import History, Line
from experiments.models import AuditEntry
from tests.factories import NOON, make_experiment, make_run

pytestmark = pytest.mark.django_db


def line(action, before):
    return Line(AuditEntry(action=action, kind="run", object_id="r1", name="first", before=before))


@pytest.mark.parametrize(
    ("action", "before", "what", "old"),
    [
        ("correct param", {"lr": "0.1"}, "Corrected the param lr", [("was", "0.1")]),
        ("delete param", {"note": ""}, "Deleted the param note", [("was", "empty")]),
        ("set tag", {"a": None}, "Set the tag a", [("was", "not there")]),
        ("set tag", {"a": None, "b": "1"}, "Set the tags a, b", [("a", "not there"), ("b", "1")]),
        ("change", {"primary_metric": "f1"}, "Changed primary metric", [("was", "f1")]),
        ("move", {"experiment": "old", "experiment_id": 3}, "Moved here", [("from", "old")]),
        ("copy", {"copied_from": "r0"}, "Made as a copy", [("copied from", "r0")]),
        ("restore", {}, "Restored", []),
        ("restore", {"name": "old"}, "Restored", [("name", "old")]),
        ("something new", {}, "Something new", []),
        ("delete artifact", {f"f{place}": "ab" for place in range(5)}, "Deleted f0, f1, f2 and 2 more", None),
    ],
)
def test_an_entry_says_what_was_done_and_what_was_there(action, before, what, old):
    told = line(action, before)
    assert told.what == what
    assert old is None or [(item.label, item.text) for item in told.old] == old


def test_a_cut_says_how_much_went():
    told = {
        "points": 1204, "nan_count": 2, "first_step": 5000, "last_step": 6204, "last": "NaN", "min": 0.25,
        "max": "Infinity",
    }  # fmt: skip
    (old,) = line("cut metric", {"loss": told}).old
    assert old.text == "1,204 points from step 5,000 to 6,204, last NaN, min 0.2500, max ∞"


def test_a_time_is_told_as_a_moment():
    assert line("change", {"end_time": NOON}).old[0].time == NOON


def test_the_page_tells_of_one_thing_and_links_to_it():
    runs = [make_run(name="first"), make_run(name="other")]
    for run in runs:
        run.change(note="new")
    page = Client().get(f"/history/?kind=run&object={runs[0].run_id}").text
    assert f'<a class="clip" href="/runs/{runs[0].run_id}/">first</a>' in page
    assert "other" not in page


def test_the_page_tells_of_everything_a_page_at_a_time():
    run, experiment = make_run(), make_experiment("digits")
    for number in range(55):
        run.change(note=str(number))
    experiment.change(note="new")
    page = Client().get("/history/").text
    assert "digits" in page
    cursor = History().next_cursor
    assert f"?cursor={cursor}" in page
    older = Client().get(f"/history/?cursor={cursor}").text
    assert "digits" not in older
    assert "Older" not in older


def test_nothing_changed_says_so():
    assert "Nothing was changed here" in Client().get("/history/?kind=run&object=r1").text


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 40, "١"])
def test_a_place_that_is_none_is_refused(cursor):
    assert Client().get("/history/", {"cursor": cursor}).status_code == 400


def test_old_values_are_escaped():
    make_run().change(note="<script>alert(1)</script>")
    AuditEntry.objects.update(before={"<script>alert(2)</script>": "<script>alert(3)</script>" * 9}, action="<b>")
    assert "<script>alert" not in Client().get("/history/").text


def test_the_page_costs_two_queries(django_assert_num_queries):
    for _ in range(5):
        make_run().change(note="new")
    with django_assert_num_queries(2):  # entries; count in the bar
        Client().get("/history/")
