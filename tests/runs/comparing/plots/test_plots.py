"""The plots of a comparison: what is shown before anything is chosen."""

import json
import re

import pytest
from django.http import QueryDict
from django.test import Client

from experiments.models import Direction
from runs.comparing.comparison import Comparison
from runs.comparing.plots import importance
from runs.comparing.state import State
from tests.factories import NOON, make_experiment, make_run

pytestmark = pytest.mark.django_db


def plots_of(runs, **options):
    query = QueryDict(mutable=True)
    query.setlist("run", [run.run_id for run in runs])
    for name, value in options.items():
        query[name] = value
    return Comparison(State.of(query)).plots


@pytest.fixture
def sweep():
    """Twelve runs: lr decides, momentum a little, the optimizer not at all."""
    experiment = make_experiment(primary_metric="acc", primary_direction=Direction.MAX)
    runs = []
    for number in range(12):
        lr, momentum = 10 ** -(number % 4 + 1), 0.1 * (number // 4)
        params = {
            "lr": repr(lr),
            "momentum": repr(momentum),
            "opt": "adam" if number % 2 else "sgd",
            "seed": str(number),
        }
        metrics = {"acc": [0.1, 0.9 - 0.1 * (number % 4) + momentum / 10], "loss": [2, 1 + number % 4]}
        end_time = NOON + 1000 * (number + 1)
        runs.append(make_run(experiment, name=f"r{number}", params=params, metrics=metrics, end_time=end_time))
    return runs


def test_params_stand_in_the_order_of_what_they_say_and_seeds_are_none(sweep):
    plots = plots_of(sweep)
    assert plots.target.name == "acc"
    assert next(param.name for param in plots.params) == "lr"
    assert "seed" not in [param.name for param in plots.params]
    assert [column.name for column in plots.axes][-1] == "acc"


def test_kinds_follow_from_the_values(sweep):
    kinds = {param.name: param.kind for param in plots_of(sweep).params}
    assert kinds == {"lr": "log", "momentum": "number", "opt": "category"}


def test_every_plot_shows_something_before_anything_is_chosen(sweep):
    plots = plots_of(sweep)
    assert [column.name for column in plots.across] == ["duration (s)", "acc"]
    assert plots.front
    assert plots.grid is not None
    assert {column.name for column in plots.surface} == {"lr", "momentum"}
    assert plots.by.name == "opt"
    assert len(plots.boxes) == 2
    assert plots.bars[0].name == "r8"
    assert plots.matrix[0][1][0] == 1


def test_what_is_chosen_is_shown_and_what_is_not_there_passed_over(sweep):
    plots = plots_of(sweep, metric="loss", px="lr", py="gone", by="lr", axis="momentum", cx="momentum")
    assert plots.target.name == "loss"
    assert [column.name for column in plots.across] == ["lr", "loss"]
    assert plots.by.name == "lr"
    assert [column.name for column in plots.axes] == ["momentum", "loss"]
    assert plots.surface[0].name == "momentum"


def test_groups_of_seeds_are_rows_with_their_means():
    experiment = make_experiment()
    for lr in ("0.1", "0.2"):
        for seed in ("1", "2"):
            value = float(lr) + float(seed)
            make_run(experiment, params={"lr": lr, "seed": seed}, metrics={"acc": value})
    runs = list(experiment.runs.order_by("pk"))
    plots = plots_of(runs, group="seeds")
    assert plots.target.values == pytest.approx((1.6, 1.7))
    assert plots.params[0].values == (0.1, 0.2)


def test_a_forest_finds_the_param_that_decides(sweep):
    forest = plots_of(sweep).forest
    assert max(forest.shares, key=forest.shares.get) == "lr"
    assert sum(forest.shares.values()) == pytest.approx(1)
    assert forest.runs == 12


def test_few_runs_and_a_missing_library_grow_no_forest(sweep, monkeypatch):
    assert plots_of(sweep[:9]).forest is None
    monkeypatch.setattr(importance, "has_forest", lambda: False)
    assert plots_of(sweep).forest is None


def test_a_param_that_some_runs_lack_and_values_that_are_no_numbers_are_drawn_too():
    runs = [
        make_run(params={"a": "1"}, metrics={"acc": 1, "bad": float("nan")}),
        make_run(params={"b": "x"}, metrics={"acc": 2, "bad": float("inf")}),
        make_run(metrics={"acc": 3}),
    ]
    plots = plots_of(runs)
    assert plots.params == []
    json.dumps(plots.data, allow_nan=False)


def test_the_page_has_the_data_and_a_table_beside_each_plot(sweep):
    address = "&".join(f"run={run.run_id}" for run in sweep)
    page = Client().get(f"/compare/?{address}&tab=plots").content.decode()
    data = json.loads(re.search(r'<script id="plot-data" type="application/json">(.*?)</script>', page)[1])
    assert data["target"]["name"] == "acc"
    kinds = re.findall(r'data-plot="(\w+)"', page)
    assert kinds == ["parallel", "scatter", "contour", "box", "bar", "correlation"]
    assert page.count("<table") == len(kinds) + 1
    assert "Spearman" in page


def test_the_forest_is_asked_for_apart(sweep):
    address = "&".join(f"run={run.run_id}" for run in sweep)
    piece = Client().get(f"/compare/importance/?{address}&tab=plots")
    assert "random forest of 100 trees over 12 runs" in piece.content.decode()
    assert Client().get(f"/compare/importance/?run={sweep[0].run_id}").status_code == 204


def test_runs_without_a_metric_that_differs_say_so():
    runs = [make_run(end_time=None, status="SCHEDULED") for _ in range(2)]
    address = "&".join(f"run={run.run_id}" for run in runs)
    assert "No metric that differs" in Client().get(f"/compare/?{address}&tab=plots").content.decode()


def test_names_that_attack_stay_text():
    evil = "</script><script>alert(1)</script>"
    runs = [make_run(name=evil, params={evil: f"{evil}{n}"}, metrics={evil: n, "b": n}) for n in range(3)]
    address = "&".join(f"run={run.run_id}" for run in runs)
    assert "<script>alert" not in Client().get(f"/compare/?{address}&tab=plots").content.decode()


def test_huge_numbers_break_no_plot_and_no_forest():
    ends = (-1.7e308, 1.7e308)
    runs = [
        make_run(params={"a": repr(ends[n % 2]), "b": repr(1e39 * n)}, metrics={"acc": ends[n % 2] * (n / 12)})
        for n in range(12)
    ]
    plots = plots_of(runs)
    assert plots.grid is not None
    json.dumps(plots.data, allow_nan=False)
    assert plots.forest is None or sum(plots.forest.shares.values()) == pytest.approx(1)
