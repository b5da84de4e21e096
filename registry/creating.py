"""Makes models."""

import re
import uuid

from coolname import generate_slug

from experiments.models import Experiment
from registry.models import LoggedModel
from trackerweb.clock import now_ms
from trackerweb.errors import InvalidValue
from trackerweb.transactions import write_transaction

MAX_NAME_LENGTH = 500
_REFUSED = re.compile(r"[/:.%\"'\0\ud800-\udfff]")


def create_model(
    experiment: Experiment,
    name: str = "",
    model_type: str = "",
    source_run_id: str = "",
    params: dict[str, str] | None = None,
    tags: dict[str, str] | None = None,
) -> LoggedModel:
    """A new model, pending until its files are there; it gets a name if it has none.

    Errors: InvalidValue for its name; Conflict for an experiment in the trash.
    """
    check_name(name)
    experiment.require_active()
    now = now_ms()
    with write_transaction():
        model = LoggedModel.objects.create(
            model_id=f"m-{uuid.uuid4().hex}",
            experiment=experiment,
            name=name or generate_slug(2),
            model_type=model_type,
            source_run_id=source_run_id,
            creation_time=now,
            last_update_time=now,
        )
        model.add_params(params or {})
        model.set_tags(tags or {})
    return model


def check_name(name: str) -> None:
    """Refuse what an address such as `models:/name/1` could not hold.

    Errors: InvalidValue.
    """
    found = _REFUSED.search(name)
    if found is not None:
        raise InvalidValue(f"name: {name[:80]!r} holds {found[0]!r}, which a model's name can't.", field="name")
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidValue(f"name: {len(name)} characters are too many; {MAX_NAME_LENGTH} are allowed.", field="name")
