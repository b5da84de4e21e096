"""The card of a version: Markdown for those who are to use it, with figures filled in.

A description is Markdown with places such as `{{ metrics.accuracy }}`, `{{ params.depth }}`, `{{ version }}`,
`{{ name }}`, `{{ run }}` and `{{ uri }}`; what is not known stays as it is written. Without a description, a card is
made of what is known.
"""

import re
from collections.abc import Iterable

from registry.contents import Column
from registry.pages.snippets import Snippets
from registry.pages.version_page import VersionPage
from trackerweb.formatting import significant

_PLACE = re.compile(r"\{\{\s*([\w.\-/@ ()]+?)\s*\}\}")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")
MOST_LINES = 60


def card_of(page: VersionPage) -> str:
    """The card of a version, as Markdown."""
    return filled(page.version.description or "", page) or _made(page)


def filled(text: str, page: VersionPage) -> str:
    """A text with its places filled in."""
    known = _known(page)
    return _PLACE.sub(lambda found: known.get(found[1], found[0]), text).strip()


def _known(page: VersionPage) -> dict[str, str]:
    version = page.version
    told = {
        "name": version.registered_model.name,
        "version": str(version.version),
        "uri": page.uri,
        "run": page.run.name if page.run else "",
        "size": str(page.size),
    }
    told |= {f"params.{key}": plain(value) for key, value in page.params.items()}
    return told | {f"metrics.{score.name}": significant(score.value) for score in reversed(page.scores)} | {
        f"metrics.{score.key}": significant(score.value) for score in reversed(page.scores)
    }  # fmt: skip


def plain(text: str) -> str:
    """A text that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _made(page: VersionPage) -> str:
    version = page.version
    parts = [f"# {plain(version.registered_model.name)}, version {version.version}"]
    if page.run is not None:
        parts.append(f"Made by the run **{plain(page.run.name)}** in *{plain(page.run.experiment.name)}*.")
    scores = [(score.name, significant(score.value)) for score in page.scores]
    parts += _table("Metrics", ("Metric", "Value"), scores)
    parts += _table("Params", ("Param", "Value"), page.params.items())
    data = [(use.dataset.name, use.context or "used") for use in page.datasets]
    parts += _table("Data", ("Dataset", "Used for"), data)
    for name, columns in page.contents.signature.parts:
        parts += _table(name, ("Name", "Type"), map(_told, columns))
    lines = Snippets(page.uri, "", page.contents).load.splitlines()
    parts.append("## Use it\n\n" + "\n".join(f"    {line}".rstrip() for line in lines))
    return "\n\n".join(parts) + "\n"


def _told(column: Column) -> tuple[str, str]:
    return column.name or "(unnamed)", column.kind + ("" if column.is_required else ", may be left out")


def _table(title: str, heads: tuple[str, str], rows: Iterable[tuple[str, str]]) -> list[str]:
    """A table under a heading; nothing for no rows."""
    lines = [f"| {plain(key)} | {plain(value)} |" for key, value in rows]
    if not lines:
        return []
    more = [f"| … | {len(lines) - MOST_LINES} more |"] if len(lines) > MOST_LINES else []
    head = [f"| {heads[0]} | {heads[1]} |", "| --- | --- |"]
    return [f"## {title}\n\n" + "\n".join([*head, *lines[:MOST_LINES], *more])]
