"""Which data and models runs used: `runs/log-inputs`, `experiments/search-datasets`."""

from typing import Any

import msgspec

from mlflow_api.endpoint import endpoint
from mlflow_api.experiments import id_of
from mlflow_api.messages import Message, MissingValue, Pair, RunMessage, texts_of
from registry import lineage
from runs import inputs
from runs.batches import DatasetInput
from runs.models import DatasetUse
from trackerweb.errors import InvalidValue
from trackerweb.transactions import write_transaction

MAX_EXPERIMENTS = 20
MAX_SUMMARIES = 1000


class DatasetFields(msgspec.Struct):
    """A dataset of a request."""

    name: str | None = None
    digest: str | None = None
    source_type: str | None = None
    source: str | None = None
    schema: str | None = None
    profile: str | None = None


class InputFields(msgspec.Struct):
    """A dataset and the tags of its use."""

    dataset: DatasetFields | None = None
    tags: list[Pair] | None = None


class ModelInput(msgspec.Struct):
    """A model that a run took."""

    model_id: str | None = None


class LogInputs(RunMessage):
    """`runs/log-inputs`."""

    datasets: list[InputFields] | None = None
    models: list[ModelInput] | None = None


class SearchDatasets(Message):
    """`experiments/search-datasets`."""

    experiment_ids: list[str] | None = None


@endpoint(LogInputs)
def log_inputs(message: LogInputs) -> dict[str, Any]:
    """Note the datasets and models that a run used, all or none."""
    run_id = message.run_id or ""
    given = [_input(item, f"datasets[{index}]") for index, item in enumerate(message.datasets or ())]
    with write_transaction():
        inputs.use_datasets(run_id, given)
        lineage.note_inputs(run_id, [item.model_id or "" for item in message.models or ()])
    return {}


def _input(item: InputFields, place: str) -> DatasetInput:
    dataset = item.dataset or DatasetFields()
    for name in ("name", "digest", "source_type", "source"):
        if not getattr(dataset, name):
            raise MissingValue(f"{place}.dataset.{name}")
    return DatasetInput(**msgspec.structs.asdict(dataset), tags=texts_of(item.tags, f"{place}.tags"))


@endpoint(SearchDatasets)
def search(message: SearchDatasets) -> dict[str, Any]:
    """The datasets that runs of some experiments used, each with what for."""
    ids = message.experiment_ids or []
    if not 0 < len(ids) <= MAX_EXPERIMENTS:
        raise InvalidValue(f"Name 1 to {MAX_EXPERIMENTS} experiment_ids. Got {len(ids)}.", field="experiment_ids")
    uses = DatasetUse.objects.of_experiments([id_of(text) for text in ids])[:MAX_SUMMARIES]
    summaries = [
        {"experiment_id": str(experiment), "name": name, "digest": digest}
        | ({} if context is None else {"context": context})
        for experiment, name, digest, context in uses
    ]
    return {"dataset_summaries": summaries} if summaries else {}
