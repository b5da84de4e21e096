"""JSON as a tree that folds; as a table where it is one, as MLflow's log_table writes them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from runs.artifacts.previews.decoding import encoding_of, visible
from runs.artifacts.previews.source import Mismatch, Preview, Source
from runs.artifacts.previews.table import PAGE_ROWS, Column, TablePreview, type_of
from trackerweb.formatting import file_size

MAX_BYTES = 4 * 1024 * 1024
MAX_NODES = 2000
#: Templates include themselves for each level.
MAX_DEPTH = 24
MAX_TEXT_LENGTH = 1000
#: Levels that are open from the start.
OPEN_DEPTH = 2


@dataclass(frozen=True)
class Node:
    """A value in a tree: `label` is its key or place, `text` the value or how much a container holds."""

    label: str
    kind: str
    text: str
    children: Sequence["Node"] = ()
    left_out: int = 0
    is_open: bool = False


@dataclass(frozen=True, kw_only=True)
class TreePreview(Preview):
    """A value and all below it, as far as MAX_NODES and MAX_DEPTH go."""

    kind = "tree"

    root: Node


@dataclass
class _Budget:
    left: int = field(default=MAX_NODES)


def preview(source: Source) -> Preview:
    """A tree, or a table."""
    value = load(source)
    if is_table(value):
        return _table(source, value)
    budget = _Budget()
    root = _node("", value, 0, budget)
    note = "" if budget.left else f"Shown: the first {MAX_NODES:,} values."
    return TreePreview(root=root, note=note)


def load(source: Source) -> Any:
    """The file as Python values; NaN and Infinity pass, as Python writes them.

    Errors: Mismatch for what is no JSON, nests too deep, or is larger than MAX_BYTES.
    """
    if source.size > MAX_BYTES:
        raise Mismatch(f"JSON beyond {file_size(MAX_BYTES)} is shown as text.")
    encoding = encoding_of(source.head)
    text = source.read(0, MAX_BYTES).removeprefix(encoding.mark).decode(encoding.codec, "replace")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Mismatch(f"This is not JSON: {error.msg} at line {error.lineno}.") from None
    except (ValueError, RecursionError):
        raise Mismatch("This JSON nests too deep, or holds a number of thousands of digits.") from None


def is_table(value: Any) -> bool:
    """`{"columns": ["a"], "data": [[1]]}`, and nothing else."""
    return (
        isinstance(value, dict)
        and set(value) == {"columns", "data"}
        and isinstance(value["columns"], list)
        and isinstance(value["data"], list)
        and all(isinstance(row, list) for row in value["data"])
    )


def _table(source: Source, value: dict[str, list[Any]]) -> TablePreview:
    first, total = (source.page - 1) * PAGE_ROWS, len(value["data"])
    if first and first >= total:
        raise Mismatch(f"There is no page {source.page} of this table.")
    rows = [[written(cell) for cell in row] for row in value["data"][first : first + PAGE_ROWS]]
    names = [written(name)[:200] for name in value["columns"]]
    columns = [
        Column(name, type_of(row[place] for row in rows if place < len(row))) for place, name in enumerate(names)
    ]
    return TablePreview.of(columns, rows, page=source.page, has_more=first + PAGE_ROWS < total, total=total)


def written(value: Any) -> str:
    """A value in a cell: text as it is, the rest as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _node(label: str, value: Any, depth: int, budget: _Budget) -> Node:
    budget.left -= 1
    if not isinstance(value, (dict, list)):
        return Node(label, _KINDS.get(type(value), "null"), _shown(value))
    items = value.items() if isinstance(value, dict) else enumerate(value)
    children = () if depth >= MAX_DEPTH else tuple(_children(items, depth + 1, budget))
    is_open = depth < OPEN_DEPTH and len(value) <= PAGE_ROWS
    return Node(label, "container", _extent(value), children, len(value) - len(children), is_open)


def _children(items: Any, depth: int, budget: _Budget) -> Iterator[Node]:
    for key, value in islice(items, MAX_NODES):
        if budget.left <= 0:
            return
        yield _node(visible(str(key)[:MAX_TEXT_LENGTH]), value, depth, budget)


_KINDS = {str: "text", bool: "word", int: "number", float: "number"}


def _shown(value: Any) -> str:
    text = (
        json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else f'"{visible(value[:MAX_TEXT_LENGTH])}"'
    )
    return f"{text}…" if isinstance(value, str) and len(value) > MAX_TEXT_LENGTH else text


def _extent(value: dict[str, Any] | list[Any]) -> str:
    if isinstance(value, dict):
        return f"{{{len(value):,}}}"
    return f"[{len(value):,}]"
