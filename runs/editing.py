"""What a person may change on a run's page."""

from collections.abc import Mapping

from runs.models import Run
from trackerweb.errors import InvalidValue
from trackerweb.transactions import write_transaction

MAX_NAME_LENGTH = 1000


def change_run(run: Run, form: Mapping[str, str]) -> None:
    """Store what the form holds: `name`, `note`, a tag by `tag` and `value`, or `remove_tag`.

    Errors: Conflict for a run in the trash; InvalidValue for an empty name or key, or text that can't be stored.
    """
    run.require_active()
    if any("\0" in value for value in form.values()):
        raise InvalidValue("The form holds the character U+0000, which can't be stored. Remove it.")
    with write_transaction():
        _store(run, form)


def _store(run: Run, form: Mapping[str, str]) -> None:
    if "name" in form:
        run.change(name=_checked_name(form["name"]))
    if "note" in form:
        # Browsers send line ends as CRLF; what a script logged has none.
        run.change(note=form["note"].replace("\r\n", "\n").strip())
    if "tag" in form:
        run.set_tag(form["tag"].strip(), form.get("value", "").strip())
    if "remove_tag" in form:
        run.delete_tag(form["remove_tag"])


def _checked_name(text: str) -> str:
    name = text.strip()
    if not name:
        raise InvalidValue("A run needs a name.", field="name")
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidValue(f"This name has {len(name)} characters. {MAX_NAME_LENGTH} are allowed.", field="name")
    return name
