"""Which runs count as repetitions of one another."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from runs import correcting, ingest, moving
from runs.batches import Batch
from runs.configurations import is_seed, number_of
from runs.models import Run
from tests.factories import log, make_run


@pytest.mark.parametrize(
    "key",
    ["seed", "random_state", "data.seed", "torchSeed", "RandomSeed", "np_seed", "rng", "cv/fold", "fold_id", "my_seed"],
)
def test_what_tells_repetitions_apart_is_a_seed(key):
    assert is_seed(key)


@pytest.mark.parametrize("key", ["lr", "unseeded", "seed_scale", "manifold", "folding", "", "model"])
def test_what_makes_another_configuration_is_none(key):
    assert not is_seed(key)


def configuration(run):
    return Run.objects.get(pk=run.pk).configuration


@pytest.mark.django_db
def test_runs_that_differ_in_their_seed_have_one_configuration():
    one = make_run(params={"lr": "0.1", "seed": "1"})
    two = make_run(params={"seed": "2"})
    log(two, params={"lr": "0.1"})
    assert configuration(one) == configuration(two) != configuration(make_run(params={"lr": "0.2", "seed": "1"}))


@pytest.mark.django_db
def test_a_param_that_is_corrected_or_deleted_changes_the_configuration():
    run = make_run(params={"lr": "0.1", "depth": "3"})
    correcting.correct_param(run, "lr", "0.2")
    assert configuration(run) == number_of([("lr", "0.2"), ("depth", "3")])
    correcting.delete_param(run, "depth")
    assert configuration(run) == number_of([("lr", "0.2")])
    correcting.delete_param(run, "lr")
    assert configuration(run) == 0


@pytest.mark.django_db
def test_a_copy_has_the_configuration_of_its_origin():
    run = make_run(params={"lr": "0.1"})
    assert moving.copy_run(run).configuration == configuration(run) != 0


@pytest.mark.django_db(transaction=True)
def test_runs_that_were_there_before_are_given_their_number():
    run = make_run(params={"lr": "0.1", "seed": "1"})
    right = configuration(run)
    MigrationExecutor(connection).migrate([("runs", "0007_heartbeats")])
    call_command("migrate", verbosity=0)
    assert configuration(run) == right != 0


class RandomParams(TestCase):
    @settings(max_examples=50, deadline=None)
    @given(st.lists(st.dictionaries(st.sampled_from("abc"), st.just("v") | st.text("xy", max_size=2)), max_size=5))
    def test_the_number_is_that_of_the_params_however_they_came(self, batches):
        run = make_run()
        for params in batches:
            stored = dict(run.params.values_list("key", "value"))
            ingest.store(run.run_id, Batch(params={key: stored.get(key, value) for key, value in params.items()}))
        assert configuration(run) == number_of(run.params.values_list("key", "value"))
