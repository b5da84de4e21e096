"""Versions side by side: facts, metrics, params, signature, requirements."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from registry.models import ModelVersion
from registry.pages.version_page import VersionPage
from trackerweb.formatting import file_size, significant

MOST = 12


@dataclass(frozen=True)
class Row:
    """A key, and what each version has there; None for nothing."""

    key: str
    values: list[str | None]

    @property
    def differs(self) -> bool:
        """Whether not all have the same."""
        return len(set(self.values)) > 1

    @property
    def cells(self) -> list[tuple[str | None, bool]]:
        """Each value, and whether it is another than the first version's."""
        return [(value, value != self.values[0]) for value in self.values]


@dataclass(frozen=True)
class Section:
    """Rows of one kind."""

    title: str
    rows: list[Row]

    @property
    def different(self) -> int:
        """How many rows differ."""
        return sum(row.differs for row in self.rows)


class VersionComparison:
    """Some versions of one registered model, the first of which is what the others are measured by."""

    def __init__(self, versions: Sequence[ModelVersion], *, only_different: bool = False) -> None:
        self.pages = [VersionPage(version) for version in versions[:MOST]]
        self.only_different = only_different

    @cached_property
    def sections(self) -> list[Section]:
        """All there is to compare."""
        made = [
            self._section("Facts", _facts),
            self._section("Metrics", lambda page: {s.name: significant(s.value) for s in page.scores}),
            self._section("Params", lambda page: page.params),
            self._section("Signature", _signature),
            self._section("Requirements", _requirements),
        ]
        return [section for section in made if section.rows]

    @property
    def different(self) -> int:
        """How many rows differ."""
        return sum(section.different for section in self.sections)

    def _section(self, title: str, told: Callable[[VersionPage], Mapping[str, str]]) -> Section:
        columns = [told(page) for page in self.pages]
        rows = [Row(key, [column.get(key) for column in columns]) for key in _keys(columns)]
        return Section(title, [row for row in rows if row.differs or not self.only_different])


def _keys(columns: Iterable[Mapping[str, str]]) -> list[str]:
    """The keys of all, in the order of their first appearance."""
    return list(dict.fromkeys(key for column in columns for key in column))


def _facts(page: VersionPage) -> dict[str, str]:
    told = {
        "run": page.run.name if page.run else "",
        "flavors": ", ".join(sorted(page.contents.flavors)),
        "Python": page.contents.python,
        "MLflow": str(page.contents.mlmodel.get("mlflow_version", "")),
        "stage": page.version.stage,
        "data": ", ".join(use.dataset.name for use in page.datasets),
        "files": f"{len(page.files)}, {file_size(page.size)}" if page.files else "",
    }
    return {key: value for key, value in told.items() if value}


def _signature(page: VersionPage) -> dict[str, str]:
    return {
        f"{title[:-1].lower()} {column.name or place}": column.kind + ("" if column.is_required else ", optional")
        for title, columns in page.contents.signature.parts
        for place, column in enumerate(columns)
    }


def _requirements(page: VersionPage) -> dict[str, str]:
    """The version of each package."""
    found = {}
    for line in page.contents.requirements:
        name, sign, version = line.partition("==")
        found[name.strip()] = version.strip() if sign else line
    return found
