"""A table's rows in Markdown, for notes, issues and papers."""

from collections.abc import Sequence

from runs.table.group_rows import GroupRow
from runs.table.rows import Row
from runs.table.table import RunTable
from trackerweb import formatting


def as_markdown(table: RunTable) -> str:
    """The rows of the page, with the columns that it shows but times."""
    columns = [*table.shown_params, *table.columns.metrics, *([] if table.levels else table.columns.tags)]
    numeric = [False, *([True] if table.levels else []), *(column.is_number for column in columns)]
    heads = ["Group", "n"] if table.levels else ["Run"]
    heads += [" ".join(filter(None, [column.label, column.how])) for column in columns]
    lines = [_line(heads), _line(["--:" if is_number else "---" for is_number in numeric], is_rule=True)]
    lines += [_line(_group(row)) for row in table.group_rows]
    lines += [_line(_run(row)) for row in (*table.pinned_rows, *table.rows)]
    return "\n".join(lines) + "\n"


def _run(row: Row) -> list[str]:
    metrics = [formatting.significant(cell.value, column.decimals) if cell else "" for column, cell in row.metrics]
    return [row.run.name, *(value or "" for _, value in row.params), *metrics, *(value or "" for _, value in row.tags)]


def _group(row: GroupRow) -> list[str]:
    metrics = [
        f"{formatting.significant(summary.middle, column.decimals)} {summary.in_words(column.decimals)}".strip()
        if summary
        else ""
        for column, summary, _ in row.metrics
    ]
    return [row.label, str(row.size), *(value or "" for _, value in row.params), *metrics]


def _line(cells: Sequence[str], is_rule: bool = False) -> str:
    texts = cells if is_rule else [_escaped(cell) for cell in cells]
    return f"| {' | '.join(texts)} |"


def _escaped(text: str) -> str:
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").split())
