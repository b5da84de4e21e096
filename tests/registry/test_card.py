"""The card of a version: as written with figures filled in, or made of what is known."""

import pytest

from registry.card import card_of
from registry.models import ModelMetric
from registry.pages.version_page import VersionPage
from tests.factories import NOON, make_experiment, make_model, make_run, register

pytestmark = pytest.mark.django_db


def card(**fields):
    run = make_run(make_experiment("plants"), name="first", metrics={"loss": [0.5, 0.25]}, params={"lr": "0.1"})
    model = make_model(run, params={"depth": "3"}, files={"MLmodel": "flavors: {sklearn: {}}"})
    ModelMetric.objects.create(model=model, run=run, key="acc", step=1, timestamp=NOON, value=0.97, dataset_name="test")
    return card_of(VersionPage(register(model, "iris", "champion", **fields)))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("accuracy {{ metrics.acc }}", "accuracy 0.9700"),
        ("{{metrics.acc on test}}", "0.9700"),
        ("depth {{ params.depth }}", "depth 3"),
        ("{{ name }} {{ version }} of {{ run }}: {{ uri }}", "iris 1 of first: models:/iris@champion"),
        ("{{ metrics.unknown }} stays", "{{ metrics.unknown }} stays"),
        ("{{ __class__ }} {{ params.depth.__class__ }}", "{{ __class__ }} {{ params.depth.__class__ }}"),
    ],
)
def test_places_are_filled(written, shown):
    assert card(description=written) == shown


def test_without_a_description_it_is_made_of_what_is_known():
    made = card()
    assert made.startswith("# iris, version 1")
    assert "**first** in *plants*" in made
    assert "| acc on test | 0.9700 |" in made
    assert "| depth | 3 |" in made
    assert "load_model('models:/iris@champion', allow_pickle=True)" in made


def test_values_can_not_change_the_card():
    run = make_run(params={"a|b": "<script>\n# [x](y)"})
    text = card_of(VersionPage(register(make_model(run), "iris")))
    assert "<script>" not in text
    assert "| a\\|b | \\<script\\> \\# \\[x\\](y) |" in text


def test_long_tables_are_cut():
    run = make_run(params={f"p{number:03}": "1" for number in range(100)})
    text = card_of(VersionPage(register(make_model(run), "iris")))
    assert "| … | 40 more |" in text
