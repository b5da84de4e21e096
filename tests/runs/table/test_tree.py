"""Nested runs stand below what started them."""

import pytest

from tests.factories import NOON, make_experiment, make_run
from tests.runs.table.pages import names, table_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def experiment():
    """A sweep with two trials, of which one started another; and a run by itself."""
    found = make_experiment()
    make_run(found, run_id="sweep", name="sweep", start_time=NOON)
    for number in (1, 2):
        make_run(found, run_id=f"t{number}", name=f"trial-{number}", parent_run_id="sweep", start_time=NOON + number)
    make_run(found, run_id="deep", name="deep", parent_run_id="t1", start_time=NOON + 3)
    make_run(found, run_id="alone", name="alone", start_time=NOON + 4)
    return found


def test_children_stand_below_their_parent(experiment):
    table = table_of(experiment)
    assert [(row.run.name, row.children) for row in table.rows] == [("alone", 0), ("sweep", 2)]
    below = table_of(experiment, below="sweep")
    assert [(row.run.name, row.children) for row in below.rows] == [("trial-2", 0), ("trial-1", 1)]


def test_a_flat_table_has_them_all(experiment):
    assert len(table_of(experiment, tree="off").rows) == 5


def test_a_child_whose_parent_the_filter_leaves_out_stands_by_itself(experiment):
    assert names(table_of(experiment, q="name:trial")) == ["trial-2", "trial-1"]
    assert names(table_of(experiment, q="NOT name:sweep")) == ["alone", "trial-2", "trial-1"]


def test_a_parent_that_is_not_here_hides_nobody(experiment):
    make_run(experiment, name="orphan", parent_run_id="never-came")
    assert "orphan" in names(table_of(experiment))


def test_the_children_have_a_page_of_their_own(experiment, client):
    row = next(row for row in table_of(experiment).rows if row.children)
    page = client.get(f"/experiments/{experiment.pk}/{row.children_address}")
    assert names(page.context["table"]) == ["trial-2", "trial-1"]


def test_many_children_are_shown_in_part_with_a_way_to_all(experiment):
    for number in range(30):
        make_run(experiment, parent_run_id="sweep", name=f"more-{number}")
    table = table_of(experiment, below="sweep", rows="25")
    assert (len(table.rows), table.is_cut) == (25, True)
    assert "parent_run_id" in table.all_children


def test_runs_are_counted_whole_in_a_tree(experiment):
    table = table_of(experiment)
    assert (table.hits, len(table.rows)) == (5, 2)


def test_a_tree_takes_every_filter_that_is_allowed(client, experiment):
    query = " OR ".join(f"word{number}" for number in range(200))
    assert client.get(f"/experiments/{experiment.pk}/", {"q": query}).status_code == 200
