"""The file of a comparison: what is in it, and how large it is. tests/browser/test_export.py opens it."""

import json
import re

import pytest
from django.test import Client

from exporting.comparison import page
from tests.factories import make_experiment, make_run

pytestmark = pytest.mark.django_db

KILOBYTE = 1000
SERIES = re.compile(r'<script id="series" type="application/json">(.*?)</script>', re.DOTALL)


def file_of(runs, **options):
    parts = [f"run={run.run_id}" for run in runs] + [f"{name}={value}" for name, value in options.items()]
    response = Client().get(f"/compare/export.html?{'&'.join(parts)}")
    assert response.status_code == 200
    assert "attachment" in response["Content-Disposition"]
    return response.content.decode()


def test_it_holds_the_points_params_metrics_and_notes():
    experiment = make_experiment("digits")
    runs = [
        make_run(experiment, name=f"r{n}", params={"lr": str(n)}, metrics={"loss": [3, n]}, note="Try **this**.")
        for n in range(2)
    ]
    text = file_of(runs)
    series = json.loads(SERIES.search(text)[1])
    assert [one["values"] for one in series["loss"]] == [[3, 0], [3, 1]]
    for word in ("digits", "r0", "lr", "<strong>this</strong>"):
        assert word in text


def test_but_for_its_data_it_has_at_most_300_kilobytes():
    text = file_of([make_run(metrics={"loss": range(500)}) for _ in range(2)])
    assert len(SERIES.sub("", text).encode()) < 300 * KILOBYTE


def test_many_long_curves_are_thinned_so_that_the_file_stays_small(monkeypatch):
    monkeypatch.setattr(page, "MOST_POINTS", 1000)
    runs = [make_run(metrics={f"m{key}": range(400) for key in range(4)}) for _ in range(4)]
    series = json.loads(SERIES.search(file_of(runs))[1])
    assert max(len(one["values"]) for key in series.values() for one in key) < 200


def test_what_runs_hold_is_escaped():
    evil = "</script><script>alert(1)</script>"
    runs = [make_run(name=evil, params={evil: f"{evil}{n}"}, metrics={evil: [1, 2]}, note=evil) for n in range(2)]
    assert "<script>alert" not in file_of(runs)


def test_nothing_in_it_comes_from_elsewhere():
    text = file_of([make_run(metrics={"loss": [1, 2]}) for _ in range(2)])
    assert not re.search(r'(?:src|href)="(?!http://testserver/compare/)', text)
    assert not re.search(r"url\([^#)]", text)
