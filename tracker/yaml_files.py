"""YAML that strangers wrote: plain values alone, of a size that can be read."""

from __future__ import annotations

from typing import Any, NoReturn

from tracker.errors import InvalidValue

MOST_DEPTH = 20
#: A signature of 100,000 columns is one text, so it is one value.
MOST_BYTES = 16 * 1024**2
MOST_VALUES = 50_000


def loaded(content: bytes | str, place: str) -> Any:
    """What a YAML file says. `place` names it in errors.

    Values may stand for others (&a, *a, <<: *a): MLflow writes so what it meets twice. All that they stand for counts.

    Errors: InvalidValue for what is no YAML, for values that can't be (2001-99-99), for tags, and for more than
    MOST_DEPTH levels, MOST_VALUES values or MOST_BYTES bytes.
    """
    import yaml

    if len(content) > MOST_BYTES:
        raise InvalidValue(f"{place} has {len(content):,} bytes; it is read up to {MOST_BYTES:,}.")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        # Looked at before anything is made of it: what a few aliases stand for may fill the memory.
        measure = _Measure(place)
        for event in yaml.parse(content, Loader=loader):
            measure.take(event)
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


class _Measure:
    """Counts what a file holds, event by event, with all that its aliases stand for."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._count = 0
        #: Of what is open: its anchor, the count before it, the levels within it.
        self._open: list[tuple[str | None, int, int]] = []
        #: Values and levels by anchor.
        self._anchors: dict[str, tuple[int, int]] = {}

    def take(self, event: Any) -> None:
        """Count an event of the parser.

        Errors: InvalidValue, as of `loaded`.
        """
        name, anchor = type(event).__name__, getattr(event, "anchor", None)
        if getattr(event, "tag", None):
            self._refuse(f"has a tag in line {event.start_mark.line + 1}: write the value itself.")
        self._count += 1
        if name == "AliasEvent":
            self._take_alias(event)
        elif name in ("MappingStartEvent", "SequenceStartEvent"):
            self._open.append((anchor, self._count, 0))
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            self._close(*self._open.pop())
        elif anchor:
            self._anchors[anchor] = (1, 0)
        self._check(0)

    def _take_alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            self._refuse(f"has *{event.anchor} in line {event.start_mark.line + 1}, which nothing before it is named.")
        count, levels = self._anchors[event.anchor]
        self._count += count
        self._check(levels)
        self._hold(levels)

    def _close(self, anchor: str | None, before: int, levels: int) -> None:
        if anchor:
            self._anchors[anchor] = (self._count - before, levels + 1)
        self._hold(levels + 1)

    def _hold(self, levels: int) -> None:
        """Note how deep something goes that is within what is open."""
        if self._open:
            anchor, before, most = self._open[-1]
            self._open[-1] = (anchor, before, max(most, levels))

    def _check(self, levels: int) -> None:
        if len(self._open) + levels > MOST_DEPTH or self._count > MOST_VALUES:
            self._refuse(
                f"is nested too deeply or holds too much: it may have {MOST_DEPTH} levels and {MOST_VALUES:,} values."
            )

    def _refuse(self, reason: str) -> NoReturn:
        raise InvalidValue(f"{self._place} {reason}")
