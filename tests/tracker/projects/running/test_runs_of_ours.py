"""Projects that are run in a run which the program itself has just started, as searches over parameters do."""

import json

import pytest

import tracker
from tracker.projects import run, running


@pytest.fixture
def train(tmp_path):
    (tmp_path / "MLproject").write_text(json.dumps({"entry_points": {"main": {"command": "true"}}}))
    return tmp_path


@pytest.mark.parametrize(
    ("said", "home"), [({}, {"experiment": "search"}), ({"experiment_id": "0"}, {"experiment_id": 0})]
)
def test_whoever_makes_the_run_first_makes_the_same(here, train, said, home):
    with (
        tracker.start_run(experiment="search") as parent,
        tracker.start_run(experiment="search", run_name="child", nested=True) as child,
    ):
        fields = running.asked(train, run_id=child.run_id, **said).fields
    told = {key: fields.get(key) for key in ("experiment", "experiment_id", "parent_run_id", "name")}
    assert told == {"experiment": None, "experiment_id": None, "parent_run_id": parent.run_id, "name": "child"} | home


def test_a_run_is_gone_on_with_where_it_was_begun(here, train, stored):
    with tracker.start_run(experiment="searched") as parent:
        for number in range(5):
            with tracker.start_run(experiment="searched", nested=True) as child:
                assert run(train, run_id=child.run_id, env_manager="local").get_status() == "FINISHED"
                child.log_params({"number": number})
    tracker.flush(20)
    found = [one for one in stored.named("searched") if one["run_id"] != parent.run_id]
    assert sorted(one["params"]["number"] for one in found) == list("01234")
    assert {one["parent_run_id"] for one in found} == {parent.run_id}
    assert {one["entry_point"] for one in found} == {"main"}


def test_the_server_knows_of_the_end_once_it_was_waited_for(here, train, stored):
    for _ in range(8):
        submitted = run(train, env_manager="local")
        assert stored.run(submitted.run_id)["status"] == "FINISHED"
