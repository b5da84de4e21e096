"""One folder with all at which MLflow 3.17's own readers fail: it comes over, and the report tells how."""

import pytest

from runs.models import Run
from tests.factories import NOON
from tests.importing.conftest import Done, series
from tests.importing.eras import MlrunsFolder, append, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(tmp_path):
    """The folder."""
    old = MlrunsFolder(tmp_path / "mlruns", "0.4.1")
    run = old.run(old.experiment("1", "of 0.4.1"), "a" * 32, source_type=3)
    old.param(run, "lr", "0.1")
    old.point(run, "loss", 0.5)
    new = MlrunsFolder(tmp_path / "mlruns")
    experiment = new.experiment("odd-id", "of today")
    run = new.run(experiment, "b" * 32)
    append(run / "metrics" / "twice", f"{NOON} 1.0 1\n" * 2)
    append(run / "metrics" / "inf", f"{NOON} inf 1\n")
    append(run / "metrics" / "acc", f"{NOON} 0.9 7 my data d1\n")
    new.dataset(experiment, run, "my data")
    write(experiment / "bad" / "meta.yaml", "{")
    return tmp_path / "mlruns"


def test_all_comes_over_and_each_repair_and_refusal_is_told_with_its_place(root):
    done = Done(root)
    assert (done.record.state, done.counts["new_runs"], done.counts["refused_runs"]) == ("FINISHED", 2, 1)
    old = Run.objects.by_id("a" * 32)
    assert (old.params.get().value, old.source_type, series(old.run_id, "loss")) == ("0.1", "PROJECT", [(0, NOON, 0.5)])
    new = Run.objects.by_id("b" * 32)
    assert [series(new.run_id, key) for key in ("twice", "acc")] == [[(1, NOON, 1.0)], [(7, NOON, 0.9)]]
    assert new.dataset_uses.get().dataset.name == "my data"
    found = [(item["level"], item["place"], item["reason"][:30]) for item in done.told["findings"]]
    assert sorted(found) == [
        ("note", f"odd-id/{'b' * 32}/metrics/acc", "Points on the dataset 'my data'"[:30]),
        ("refusal", "odd-id/bad", "It is no YAML that can be read"),
        ("repair", f"1/{'a' * 32}/metrics/loss", "Its timestamps are seconds, as"),
        ("repair", f"odd-id/{'b' * 32}", "1 points came twice, equal in "),
    ]
