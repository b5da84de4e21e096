"""Tags that MLflow's clients use for what is a field of a run here. Such a tag is the field: it has no row of its own,
so that a name changed on a page and a name changed by a script are one name.
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

FIELDS = {
    "mlflow.runName": "name",
    "mlflow.note.content": "note",
    "mlflow.parentRunId": "parent_run_id",
    "mlflow.source.name": "source_name",
    "mlflow.source.type": "source_type",
    "mlflow.source.git.commit": "git_commit",
    "mlflow.project.entryPoint": "entry_point",
}
#: How tags begin that clients write for themselves.
OF_CLIENTS = ("mlflow.", "tracker.")
#: The run that a run repeats.
RERUN_OF = "tracker.rerunOf"
RUN_NAME = "mlflow.runName"


def of_clients() -> Q:
    """Rows whose key is such a tag's."""
    return reduce(or_, (Q(key__startswith=start) for start in OF_CLIENTS))


def fields_in(tags: Mapping[str, str]) -> dict[str, str]:
    """What tags say about fields of their run, by the names of the fields. A run can't lose its name."""
    return {FIELDS[key]: tags[key] for key in tags.keys() & FIELDS.keys() if key != RUN_NAME or tags[key]}


def without_fields(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that are no more than tags."""
    return {key: value for key, value in tags.items() if key not in FIELDS}


def told_by(run: Any) -> Iterable[tuple[str, str]]:
    """The fields of a run as tags, those that say something."""
    for key, field in FIELDS.items():
        value = getattr(run, field)
        if value:
            yield key, value


def emptied(key: str) -> dict[str, Any]:
    """The change of a run's fields that removing a tag of `FIELDS` means; none for the name."""
    field = FIELDS[key]
    return {} if key == RUN_NAME else {field: None if field == "parent_run_id" else ""}
