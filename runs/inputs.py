"""Notes which datasets a run used."""

from collections.abc import Sequence

from runs.batches import DatasetInput
from runs.models import Dataset, DatasetUse, Run
from runs.models.dataset import CONTEXT_TAG
from trackerweb.errors import InvalidValue
from trackerweb.transactions import write_transaction

MAX_DATASETS = 1000
#: The longest texts of a dataset and of the tags of its use, in characters: MLflow's.
_LIMITS = {"name": 500, "digest": 36, "source": 65_535, "schema": 1_048_575, "profile": 16_777_215}
MAX_TAG_KEY, MAX_TAG_VALUE = 255, 500


def use_datasets(run_id: str, inputs: Sequence[DatasetInput]) -> None:
    """Store that an active run used these. One that it used already, by name and digest, stays as it is.

    Errors: NotFound; Conflict for a run in the trash; InvalidValue. Then nothing is stored.
    """
    check(inputs)
    with write_transaction():
        run = Run.objects.by_id(run_id)
        run.require_active()
        known = set(run.dataset_uses.values_list("dataset__name", "dataset__digest"))
        for item in inputs:
            if (item.name, item.digest) not in known:
                known.add((item.name, item.digest))
                context = item.tags.get(CONTEXT_TAG)
                DatasetUse.objects.create(run=run, dataset=Dataset.of(item), tags=item.tags, context=context)


def check(inputs: Sequence[DatasetInput]) -> None:
    """Refuse more, or longer texts, than are kept.

    Errors: InvalidValue names the dataset and the field.
    """
    if len(inputs) > MAX_DATASETS:
        raise InvalidValue(f"datasets: {len(inputs)} are too many; {MAX_DATASETS} are allowed.", field="datasets")
    for index, item in enumerate(inputs):
        for name, limit in _LIMITS.items():
            _check_length(f"datasets[{index}].{name}", getattr(item, name) or "", limit)
        for key, value in item.tags.items():
            _check_length(f"datasets[{index}].tags.key", key, MAX_TAG_KEY)
            _check_length(f"datasets[{index}].tags.value", value, MAX_TAG_VALUE)


def _check_length(place: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise InvalidValue(f"{place}: {len(text)} characters are too many; {limit} are allowed.", field="datasets")
