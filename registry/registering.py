"""Makes versions of registered models."""

import json
from collections.abc import Mapping
from typing import Any

from django.db.models import Max

from registry import sources
from registry.models import LoggedModel, ModelVersion, RegisteredModel
from registry.models.registered import PROMPT_TAG
from registry.sources import Source
from runs.models import Run
from trackerweb import events
from trackerweb.clock import now_ms
from trackerweb.errors import InvalidValue
from trackerweb.transactions import write_transaction

#: What the model that a version was made of keeps the names of its versions in: MLflow's clients look there.
VERSIONS_TAG = "mlflow.modelVersions"
#: What MLflow's clients say in place of a source for prompts, which have no files.
_PROMPT_SOURCES = ("dummy-source", "prompt-template")


def register(
    name: str,
    source: str,
    run_id: str | None = None,
    model_id: str | None = None,
    tags: Mapping[str, str] | None = None,
    **fields: Any,
) -> ModelVersion:
    """A new version of a registered model, which has to be there; `fields` are others of the version.

    Errors: InvalidValue for what it is made of; NotFound for the registered model.
    """
    tags = dict(tags or {})
    is_prompt = tags.get(PROMPT_TAG, "").lower() == "true"
    made_of = _of_prompt(source, run_id) if is_prompt else sources.checked(source, run_id, model_id)
    with write_transaction():
        version = _store(RegisteredModel.objects.named(name), made_of, **fields)
        version.tags.bulk_create([version.tags.model(model_version=version, key=k, value=v) for k, v in tags.items()])
        if not is_prompt:
            _note_on_model(version)
            _tell(version, tags)
    return version


def register_model(name: str, model: LoggedModel) -> ModelVersion:
    """The version of a registered model that was made of a model; made now unless it is there, and so is the name.

    Errors: InvalidValue for the name; Conflict for a model in the trash.
    """
    model.require_active()
    with write_transaction():
        home = RegisteredModel.objects.get_or_add(name)
        known = home.versions.active().filter(model_id=model.model_id).order_by("version").first()
        return known or register(name, f"models:/{model.model_id}", model_id=model.model_id)


def _of_prompt(source: str, run_id: str | None) -> Source:
    if source not in _PROMPT_SOURCES:
        raise InvalidValue(f"source: a prompt has none. Say {_PROMPT_SOURCES[0]!r}.", field="source")
    return Source(source, source, run_id or "")


def _store(home: RegisteredModel, made_of: Source, **fields: Any) -> ModelVersion:
    now = now_ms()
    # The row is locked where databases lock rows: two versions made at once get two numbers.
    RegisteredModel.objects.select_for_update().get(pk=home.pk)
    last = home.versions.aggregate(last=Max("version"))["last"] or 0
    home.touch()
    user = Run.objects.filter(run_id=made_of.run_id).values_list("user", flat=True).first() if made_of.run_id else ""
    return ModelVersion.objects.create(
        registered_model=home,
        version=last + 1,
        source=made_of.address,
        storage_location=made_of.storage,
        run_id=made_of.run_id,
        model_id=made_of.model_id,
        **{"creation_time": now, "last_update_time": now, "user": user or ""} | fields,
    )


def _note_on_model(version: ModelVersion) -> None:
    model = LoggedModel.objects.active().filter(model_id=version.model_id).first() if version.model_id else None
    if model is None:
        return
    said = {"name": version.registered_model.name, "version": version.version}
    known = _listed(model.tags.filter(key=VERSIONS_TAG).values_list("value", flat=True).first())
    model.set_tags({VERSIONS_TAG: json.dumps([*(item for item in known if item != said), said])})


def _listed(text: str | None) -> list[Any]:
    """What the tag lists by now; nothing when somebody has written something else into it."""
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def _tell(version: ModelVersion, tags: Mapping[str, str]) -> None:
    data = {
        "name": version.registered_model.name,
        "version": str(version.version),
        "source": version.source,
        "run_id": version.run_id or None,
        "tags": dict(tags),
        "description": version.description or None,
    }
    events.tell("model_version.created", data)
