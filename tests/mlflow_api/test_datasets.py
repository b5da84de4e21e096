"""Datasets over MLflow's protocol: `runs/log-inputs`, `experiments/search-datasets`."""

import pytest

from runs import purging
from runs.models import Dataset, DatasetUse, Run
from runs.moving import copy_run
from tests.mlflow_api.face import new_run, post, refused, run

pytestmark = pytest.mark.django_db

INVALID = (400, "INVALID_PARAMETER_VALUE")


def dataset(name: str = "digits", **fields: str) -> dict[str, str]:
    return {"name": name, "digest": "d1", "source_type": "local", "source": "{}"} | fields


def use(run_id: str, context: str = "training", **fields: str) -> None:
    tags = [{"key": "mlflow.data.context", "value": context}]
    post("runs/log-inputs", run_id=run_id, datasets=[{"dataset": dataset(**fields), "tags": tags}])


def test_a_run_tells_which_data_it_used():
    run_id = new_run()
    use(run_id, schema="{}", profile="{}")
    assert run(run_id)["inputs"]["dataset_inputs"] == [
        {
            "tags": [{"key": "mlflow.data.context", "value": "training"}],
            "dataset": dataset(schema="{}", profile="{}"),
        }
    ]


def test_the_same_data_is_one_row_however_many_runs_use_it():
    for run_id in (new_run(), new_run()):
        use(run_id)
    assert (Dataset.objects.count(), DatasetUse.objects.count()) == (1, 2)


def test_a_dataset_noted_again_stays_as_it_was():
    run_id = new_run()
    use(run_id, "training")
    use(run_id, "validation")
    (found,) = run(run_id)["inputs"]["dataset_inputs"]
    assert found["tags"] == [{"key": "mlflow.data.context", "value": "training"}]


@pytest.mark.parametrize("missing", ["name", "digest", "source_type", "source"])
def test_a_dataset_needs_a_name_a_digest_and_a_source(missing):
    assert refused("runs/log-inputs", run_id=new_run(), datasets=[{"dataset": dataset() | {missing: ""}}]) == INVALID


def test_a_text_longer_than_the_protocol_knows_is_refused():
    assert refused("runs/log-inputs", run_id=new_run(), datasets=[{"dataset": dataset(digest="d" * 37)}]) == INVALID


def test_the_data_of_an_experiment_is_listed_with_what_it_was_for():
    for context in ("training", "training", "validation"):
        use(new_run(), context)
    found = post("experiments/search-datasets", experiment_ids=["0"])["dataset_summaries"]
    summary = {"experiment_id": "0", "name": "digits", "digest": "d1"}
    assert found == [summary | {"context": "training"}, summary | {"context": "validation"}]


def test_a_copy_used_the_same_data():
    run_id = new_run()
    use(run_id)
    copy = copy_run(Run.objects.get(run_id=run_id))
    assert run(copy.run_id)["inputs"] == run(run_id)["inputs"]


def test_data_that_no_run_uses_any_more_is_purged_with_the_last(no_sweeper):
    run_id = new_run()
    use(run_id)
    post("runs/delete", run_id=run_id)
    purging.Purge.everything().mark()
    purging.sweep()
    assert not Dataset.objects.exists()
