"""YAML that strangers wrote: plain values alone, of a size that can be read."""

from __future__ import annotations

from typing import Any

from tracker.errors import InvalidValue

MOST_DEPTH = 20
#: A signature of 100,000 columns is one text, so it is one value.
MOST_BYTES = 16 * 1024**2
MOST_VALUES = 50_000


def loaded(content: bytes | str, place: str) -> Any:
    """What a YAML file says. `place` names it in errors.

    Errors: InvalidValue for what is no YAML, for values that can't be (2001-99-99), for anchors, aliases and tags, and
    for more than MOST_DEPTH levels, MOST_VALUES values or MOST_BYTES bytes.
    """
    import yaml

    if len(content) > MOST_BYTES:
        raise InvalidValue(f"{place} has {len(content):,} bytes; it is read up to {MOST_BYTES:,}.")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        # Looked at before anything is made of it: what a few aliases stand for may fill the memory.
        _check(yaml.parse(content, Loader=loader), place)
        return yaml.load(content, Loader=loader)  # noqa: S506 - a safe loader, in C where it is there
    except InvalidValue:
        raise
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        raise InvalidValue(f"{place} is no YAML: {str(error)[:300]}") from None


def dumped(fields: Any, *, sort_keys: bool = True) -> str:
    """The YAML text of plain values, in which nothing stands for something else."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    return yaml.dump(fields, Dumper=Dumper, sort_keys=sort_keys, default_flow_style=False)


def _check(events: Any, place: str) -> None:
    depth = 0
    for count, event in enumerate(events):
        name = type(event).__name__
        depth += name.endswith(("MappingStartEvent", "SequenceStartEvent")) - name.endswith(
            ("MappingEndEvent", "SequenceEndEvent")
        )
        if getattr(event, "anchor", None) or getattr(event, "tag", None):
            line = event.start_mark.line + 1
            raise InvalidValue(f"{place} has an anchor, an alias or a tag in line {line}: write the value itself.")
        if depth > MOST_DEPTH or count > MOST_VALUES:
            raise InvalidValue(
                f"{place} is nested too deeply or holds too much: it may have {MOST_DEPTH} levels and {MOST_VALUES:,} "
                "values."
            )
