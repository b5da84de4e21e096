"""What a person may change on a run's page."""

from collections.abc import Mapping

from runs.models import Run
from trackerweb.errors import InvalidValue
from trackerweb.forms import plain_text, refuse_nul
from trackerweb.transactions import write_transaction

MAX_NAME_LENGTH = 1000


def change_run(run: Run, form: Mapping[str, str]) -> None:
    """Store what the form holds: `name`, `note`, a tag by `tag` and `value`, or `remove_tag`.

    Errors: Conflict for a run in the trash; InvalidValue for an empty name or key, or text that can't be stored.
    """
    run.require_active()
    refuse_nul(form)
    with write_transaction():
        _store(run, form)


def _store(run: Run, form: Mapping[str, str]) -> None:
    if "name" in form:
        run.change(name=checked_name(form["name"]))
    if "note" in form:
        run.change(note=plain_text(form["note"]))
    if "tag" in form:
        run.set_tag(form["tag"].strip(), form.get("value", "").strip())
    if "remove_tag" in form:
        run.delete_tag(form["remove_tag"])


def checked_name(text: str) -> str:
    """A run's name without surrounding blanks.

    Errors: InvalidValue for an empty or overlong one.
    """
    name = text.strip()
    if not name:
        raise InvalidValue("A run needs a name.", field="name")
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidValue(f"This name has {len(name)} characters. {MAX_NAME_LENGTH} are allowed.", field="name")
    return name
