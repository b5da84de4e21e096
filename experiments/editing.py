"""What a person may change on an experiment's page."""

from collections.abc import Mapping

from experiments.models import Direction, Experiment
from experiments.querysets import check_tag
from trackerweb.errors import InvalidValue
from trackerweb.forms import plain_text, refuse_nul
from trackerweb.transactions import write_transaction


def change_experiment(experiment: Experiment, form: Mapping[str, str]) -> None:
    """Store what the form holds: `name`, `note`, `primary_metric` with `primary_direction`, a tag by `tag` and `value`,
    `remove_tag`, or the good end of another metric by `metric` and `direction`.

    Errors: Conflict for an experiment in the trash; InvalidValue or AlreadyExists for what can't be stored.
    """
    experiment.require_active()
    refuse_nul(form)
    with write_transaction():
        _store(experiment, form)


def _store(experiment: Experiment, form: Mapping[str, str]) -> None:
    if "name" in form:
        experiment.change(name=form["name"].strip())
    if "note" in form:
        experiment.change(note=plain_text(form["note"]))
    if "primary_metric" in form:
        metric, direction = form["primary_metric"].strip(), form.get("primary_direction", "")
        experiment.change(primary_metric=metric, primary_direction=_checked_direction(metric, direction))
    if "tag" in form:
        key = form["tag"].strip()
        check_tag(key)
        experiment.set_tags({key: form.get("value", "").strip()})
    if "metric" in form:
        metric, direction = form["metric"].strip(), form.get("direction", "")
        if not metric:
            raise InvalidValue("Name the metric whose good end you mean.", field="metric")
        experiment.say_direction(metric, Direction(checked) if (checked := _checked(direction, "direction")) else None)
    if "remove_tag" in form:
        experiment.delete_tag(form["remove_tag"])


def _checked_direction(metric: str, direction: str) -> str:
    """The good end of a primary metric; none without one."""
    checked = _checked(direction, "primary_direction")
    return checked if metric else ""


def _checked(direction: str, field: str) -> str:
    if direction not in ("", *Direction.values):
        raise InvalidValue(f"{direction[:40]!r} is no direction. Use max or min.", field=field)
    return direction
