"""Which runs are compared."""

import pytest

from runs.comparing import chosen
from runs.comparing.chosen import Chosen
from runs.comparing.state import State
from runs.models import Selection
from runs.search import SearchError
from tests.factories import NOON, make_experiment, make_run
from trackerweb.errors import InvalidValue, NotFound

pytestmark = pytest.mark.django_db


def test_runs_that_an_address_names_come_in_its_order_each_once():
    a, b = make_run(), make_run()
    state = State.of(_query(f"run={b.run_id}&run={a.run_id}&run={b.run_id}"))
    assert Chosen(state).runs == [b, a]


def test_unknown_and_trashed_runs_are_told_apart_from_the_rest():
    kept, gone = make_run(), make_run()
    gone.trash()
    found = Chosen(State(run_ids=(kept.run_id, gone.run_id, "nobody")))
    assert (found.runs, found.trashed, found.unknown_ids) == ([kept], [gone], ["nobody"])


def test_more_runs_than_an_address_holds_are_refused():
    with pytest.raises(InvalidValue, match="names 101 runs, and an address holds 100"):
        Chosen(State(run_ids=tuple(str(number) for number in range(101))))


def test_a_selection_holds_as_many_as_were_chosen():
    runs = [make_run() for _ in range(120)]
    assert Chosen(State(selection=Selection.keep(runs).token)).runs == runs


def test_a_selection_that_is_gone_says_how_long_it_was_kept():
    with pytest.raises(NotFound, match="kept for 30 days"):
        Chosen(State(selection="nothing"))


def test_a_filter_finds_the_runs_and_those_that_come_to_meet_it():
    experiment = make_experiment()
    first = make_run(experiment, metrics={"loss": 0.1})
    make_run(experiment, metrics={"loss": 0.9})
    make_run(metrics={"loss": 0.1})
    state = State(query="loss<0.5", experiment=experiment.pk)
    assert Chosen(state).runs == [first]
    later = make_run(experiment, start_time=NOON + 1, metrics={"loss": 0.2})
    assert Chosen(state).runs == [later, first]


def test_an_empty_filter_means_all_runs_of_the_experiment():
    experiment = make_experiment()
    run = make_run(experiment)
    make_run()
    found = Chosen(State.of(_query(f"q=&experiment={experiment.pk}")))
    assert found.runs == [run]
    assert found.is_live
    assert found.experiment == experiment


def test_the_base_stays_when_it_does_not_meet_the_filter():
    base, other = make_run(metrics={"loss": 0.9}), make_run(metrics={"loss": 0.1})
    assert Chosen(State(query="loss<0.5", base=base.run_id)).runs == [base, other]


def test_a_wrong_filter_says_where():
    with pytest.raises(SearchError, match="character 6"):
        Chosen(State(query="loss => 1"))


def test_of_more_runs_than_can_be_compared_the_first_are(monkeypatch):
    monkeypatch.setattr(chosen, "MAX_RUNS", 2)
    experiment = make_experiment()
    for score in (1, 3, 2):
        make_run(experiment, metrics={"score": score})
    found = Chosen(State(query="", experiment=experiment.pk, sort="metrics.score", descending=True))
    assert [run.metrics.get().last for run in found.runs] == [3, 2]
    assert found.total == 3


def test_runs_of_several_experiments_have_no_common_one():
    one, other = make_run(make_experiment()), make_run(make_experiment())
    assert Chosen(State(run_ids=(one.run_id, other.run_id))).experiment is None
    assert Chosen(State(run_ids=(one.run_id,))).experiment == one.experiment


@pytest.mark.parametrize("query", ["tab=nothing", "value=median", "step=x", "step=-1", "experiment=1.5", "first=no"])
def test_what_makes_no_sense_in_an_address_is_refused(query):
    with pytest.raises(InvalidValue):
        State.of(_query(query))


def _query(text):
    from django.http import QueryDict

    return QueryDict(text)
