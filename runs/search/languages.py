"""What filters and orders may say of one kind of thing: of runs here, of other things where they live."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

COMPARE = ("=", "!=", "<", "<=", ">", ">=")
MATCH = ("=", "!=", "LIKE", "ILIKE")
MEMBER = ("IN", "NOT IN")
ABSENCE = ("IS NULL", "IS NOT NULL")
OPERATORS = (*COMPARE, "LIKE", "ILIKE", *MEMBER, *ABSENCE)


class Kind(StrEnum):
    """What a clause looks at."""

    METRIC = "metrics"
    PARAM = "params"
    TAG = "tags"
    ATTRIBUTE = "attributes"
    DATASET = "datasets"


@dataclass(frozen=True)
class Language:
    """The words for one kind of thing: `entities` are what may stand before a dot, `attributes` are the names that
    clients know, each with ours.
    """

    entities: Mapping[str, Kind]
    attributes: Mapping[str, str]
    numeric_attributes: frozenset[str]

    def is_numeric(self, kind: Kind, key: str) -> bool:
        """Whether it is compared with numbers."""
        return kind is Kind.METRIC or (kind is Kind.ATTRIBUTE and key in self.numeric_attributes)

    def operators(self, kind: Kind, key: str) -> tuple[str, ...]:
        """What it may be compared by."""
        if self.is_numeric(kind, key):
            return COMPARE
        if kind in (Kind.ATTRIBUTE, Kind.DATASET):
            return (*MATCH, *MEMBER)
        if kind is Kind.PARAM:
            return OPERATORS
        return (*MATCH, *MEMBER, *ABSENCE)


def named(**names: tuple[str, ...]) -> dict[str, Kind]:
    """Entities by all their names."""
    return {name: Kind[kind.upper()] for kind, words in names.items() for name in words}


DATASET_KEYS = ("name", "digest", "context")

#: MLflow's words for runs, and a few of ours.
RUNS = Language(
    entities=named(
        metric=("metric", "metrics"),
        param=("param", "params", "parameter", "parameters"),
        tag=("tag", "tags"),
        attribute=("attribute", "attributes", "attr", "run"),
        dataset=("dataset", "datasets"),
    ),
    attributes={
        "status": "status",
        "start_time": "start_time",
        "created": "start_time",
        "Created": "start_time",
        "end_time": "end_time",
        "duration": "duration",
        "run_name": "name",
        "run name": "name",
        "Run name": "name",
        "Run Name": "name",
        "run_id": "run_id",
        "run_uuid": "run_id",
        "user_id": "user",
        "source_name": "source_name",
        "source_type": "source_type",
        "git_commit": "git_commit",
        "parent_run_id": "parent_run_id",
        "artifact_uri": "artifact_uri",
    },
    numeric_attributes=frozenset({"start_time", "end_time", "duration"}),
)
