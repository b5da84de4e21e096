"""`/projects/`: whose code the runs were of."""

import pytest
from django.test import Client

from projects.listing import projects
from tests.factories import NOON, make_experiment, make_run

pytestmark = pytest.mark.django_db
GIT = "https://me:s3cret@git.example/digits.git#models/small"


def of_project(source_name=GIT, **fields):
    return make_run(**({"source_type": "PROJECT", "source_name": source_name, "entry_point": "main"} | fields))


def test_a_project_counts_its_runs_and_names_the_last():
    of_project(status="FAILED")
    of_project(entry_point="train")
    of_project(status="RUNNING", end_time=None)
    last = of_project(start_time=NOON + 1)
    make_run(source_type="LOCAL", source_name="train.py")
    (row,) = projects()
    assert (row.runs, row.running, row.finished, row.failed, row.success_percent) == (4, 1, 2, 1, 66)
    assert (row.last, row.entry_points) == (last, ["main", "train"])
    assert (row.short_name, row.place, row.folder) == ("small", "https://git.example/digits.git", "models/small")


def test_the_project_that_ran_last_comes_first():
    of_project("/code/a", start_time=NOON)
    of_project("/code/b", start_time=NOON + 9)
    assert [row.source_name for row in projects()] == ["/code/b", "/code/a"]
    assert [row.source_name for row in projects(find="CODE/a")] == ["/code/a"]


def test_what_is_in_the_trash_does_not_count():
    of_project().trash()
    experiment = make_experiment()
    of_project(experiment=experiment)
    experiment.trash()
    assert not projects().object_list


def test_a_project_leads_to_the_table_of_its_runs():
    of_project(name="mine", source_name='it\'s "here"')
    make_run(name="another", source_name='it\'s "here"', source_type="LOCAL")
    (row,) = projects()
    page = Client().get(row.address).text
    assert "mine" in page
    assert "another" not in page


def test_the_page_tells_no_password_and_offers_no_start():
    of_project()
    page = Client().get("/projects/").text
    assert "git.example/digits.git" in page
    assert "s3cret" not in page.replace("s3cret%40", "")
    assert "Run again" not in page
    assert "Start a run" not in page


def test_without_projects_the_page_says_what_makes_one():
    assert "tracker run https://" in Client().get("/projects/").text
    of_project()
    assert "No project whose address holds" in Client().get("/projects/?find=zzz").text


def test_pages_of_projects_follow_each_other():
    for number in range(51):
        of_project(f"/code/{number}", start_time=NOON + number)
    client = Client()
    assert "1–50 of <b>51</b>" in client.get("/projects/").text
    assert "/code/0" in client.get("/projects/?page=2").text


def test_the_number_of_queries_does_not_grow_with_the_projects(django_assert_num_queries):
    for number in range(20):
        of_project(f"/code/{number}")
    with django_assert_num_queries(3):  # rows; last runs; entry points
        assert len(projects()) == 20
