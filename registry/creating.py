"""Makes models."""

import re
import uuid
from collections.abc import Mapping
from typing import Any

from coolname import generate_slug

from experiments.models import Experiment
from registry import lineage
from registry.models import LoggedModel, RunModel
from runs.models import Run
from trackerweb.clock import now_ms
from trackerweb.errors import Conflict, InvalidValue
from trackerweb.transactions import write_transaction

MAX_NAME_LENGTH = 500
MODEL_ID = re.compile(r"m-[0-9a-z]{32}")
_REFUSED = re.compile(r"[/:.%\"'\0\ud800-\udfff]")


def create_model(
    experiment: Experiment,
    name: str = "",
    model_type: str = "",
    source_run_id: str = "",
    params: dict[str, str] | None = None,
    tags: dict[str, str] | None = None,
    model_id: str = "",
) -> LoggedModel:
    """A new model, pending until its files are there; it gets a name and an id if it has none.

    Errors: InvalidValue for its name; Conflict for an experiment in the trash.
    """
    check_name(name)
    experiment.require_active()
    now = now_ms()
    with write_transaction():
        model = LoggedModel.objects.create(
            model_id=model_id or f"m-{uuid.uuid4().hex}",
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


def put_model(
    model_id: str,
    source_run_id: str = "",
    experiment: Experiment | None = None,
    params: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    step: int = 0,
    **fields: Any,
) -> tuple[LoggedModel, bool]:
    """The model with this id, made if there is none, and given out by its run: (model, made). Sent twice, one model:
    it gets the params and tags that it lacks.

    It lives where its run does unless an experiment is said. Errors: InvalidValue for an id that can't be; NotFound for
    the run; Conflict for a param with another value, or what is in the trash.
    """
    if not MODEL_ID.fullmatch(model_id):
        raise InvalidValue(
            f"model_id: {model_id[:80]!r} is no id of a model: m- and 32 letters and digits.", field="model_id"
        )
    run = Run.objects.by_id(source_run_id) if source_run_id else None
    home = experiment or (run.experiment if run else Experiment.objects.by_id(0))
    params, tags = dict(params or {}), dict(tags or {})
    with write_transaction():
        model = LoggedModel.objects.kept().filter(model_id=model_id).select_related("experiment").first()
        made = model is None
        if model is None:
            told: dict[str, Any] = {"source_run_id": source_run_id, "params": params, "tags": tags}
            model = create_model(home, model_id=model_id, **told, **fields)
        else:
            _complete(model, params, tags)
        if run is not None and not run.model_uses.filter(role=RunModel.Role.OUTPUT, model_id=model_id).exists():
            lineage.note_outputs(run.run_id, {model_id: step})
    return model, made


def _complete(model: LoggedModel, params: Mapping[str, str], tags: Mapping[str, str]) -> None:
    model.require_active()
    known = dict(model.params.values_list("key", "value"))
    for key, value in params.items():
        if known.get(key, value) != value:
            raise Conflict(
                f"params: {key!r} is {known[key][:80]!r} already, and is written once; {value[:80]!r} was not stored.",
                field=f"params.{key}",
            )
    model.add_params({key: value for key, value in params.items() if key not in known})
    model.set_tags(dict(tags))


def check_name(name: str) -> None:
    """Refuse what an address such as `models:/name/1` could not hold.

    Errors: InvalidValue.
    """
    found = _REFUSED.search(name)
    if found is not None:
        raise InvalidValue(f"name: {name[:80]!r} holds {found[0]!r}, which a model's name can't.", field="name")
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidValue(f"name: {len(name)} characters are too many; {MAX_NAME_LENGTH} are allowed.", field="name")
