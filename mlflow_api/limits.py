"""What the protocol allows in one request, as MLflow's clients and servers know it (mlflow 3.17, utils/validation)."""

import posixpath
import re
from collections.abc import Iterable, Mapping, Sized

from trackerweb.errors import InvalidValue

MAX_METRICS, MAX_PARAMS, MAX_TAGS, MAX_ENTITIES = 1000, 100, 100, 1000
MAX_KEY_LENGTH = 250
MAX_REGISTRY_TAG_VALUE = 100_000
_NAME = re.compile(r"[/\w.\- :]*")


def check_names(names: Iterable[str], place: str) -> None:
    """Refuse keys of params, metrics and tags that MLflow would not take: they might be files elsewhere.

    Errors: InvalidValue.
    """
    for name in names:
        _check_name(name, place)


def _check_name(name: str, place: str) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidValue(
            f"Invalid value {name[:80]!r} for {place}: a name is made of letters, digits and _ - . : / and spaces."
        )
    # The rule that keeps a name one name where it becomes the name of a file.
    norm = posixpath.normpath(name)
    if norm != name or norm == "." or norm.startswith(("..", "/")):
        raise InvalidValue(f"Invalid value {name[:80]!r} for {place}: as a path it would be {norm[:80]!r}.")
    if len(name) > MAX_KEY_LENGTH:
        raise InvalidValue(f"{place} {name[:40]!r}… has {len(name)} characters; {MAX_KEY_LENGTH} are allowed.")


def check_batch(metrics: Sized, params: Sized, tags: Sized) -> None:
    """Refuse more than one log-batch may carry.

    Errors: InvalidValue names the limit.
    """
    sizes = {"metrics": (len(metrics), MAX_METRICS), "params": (len(params), MAX_PARAMS), "tags": (len(tags), MAX_TAGS)}
    sizes["metrics, params and tags"] = (sum(size for size, _ in sizes.values()), MAX_ENTITIES)
    for what, (size, limit) in sizes.items():
        if size > limit:
            raise InvalidValue(f"A batch can hold at most {limit} {what}. Got {size}. Send several batches.")


def check_registry_tags(tags: Mapping[str, str]) -> None:
    """Refuse tags that MLflow's registry would not take.

    Errors: InvalidValue.
    """
    check_names(tags, "key")
    for key, value in tags.items():
        if len(value) > MAX_REGISTRY_TAG_VALUE:
            raise InvalidValue(
                f"value: the tag {key!r} has {len(value)} characters; {MAX_REGISTRY_TAG_VALUE} are allowed."
            )
