"""What filters and orders may say of one kind of thing: of runs here, of other things where they live."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

COMPARE = ("=", "!=", "<", "<=", ">", ">=")
RANGE = ("BETWEEN", "NOT BETWEEN")
MATCH = ("LIKE", "ILIKE", "~", "!~")
MEMBER = ("IN", "NOT IN")
ABSENCE = ("IS NULL", "IS NOT NULL")
OPERATORS = (*COMPARE, *RANGE, *MATCH, *MEMBER, *ABSENCE)
NUMERIC = (*COMPARE, *RANGE, *MEMBER, *ABSENCE)
TEXTUAL = ("=", "!=", *MATCH, *MEMBER, *ABSENCE)

#: What a series comes to: what filters and orders may ask of a metric.
STATISTICS = ("last", "min", "max", "mean", "count")


class Kind(StrEnum):
    """What a clause looks at."""

    METRIC = "metrics"
    PARAM = "params"
    TAG = "tags"
    ATTRIBUTE = "attributes"
    DATASET = "datasets"
    #: A key without its kind: a metric or a param next to a number, a param or a tag next to text.
    ANY = "any"
    #: A bare word: in the name, a tag or the note.
    WORD = "word"
    #: A tag's key or value.
    LABEL = "label"


@dataclass(frozen=True)
class Language:
    """The words for one kind of thing: `entities` are what may stand before a dot, `attributes` are the names that
    clients know, each with ours.

    Of the numeric attributes, `quotable` ones may be said in quotes, `times` as dates and `spans` as durations.
    `choices` are those with a few known values, `references` name another thing of the kind, `unsorted`
    are no order. With `short_forms`, what people type counts too: bare
    words and keys, `tag:base`, text without quotes.
    """

    entities: Mapping[str, Kind]
    attributes: Mapping[str, str]
    numeric_attributes: frozenset[str]
    quotable: frozenset[str] = frozenset()
    times: frozenset[str] = frozenset()
    spans: frozenset[str] = frozenset()
    choices: Mapping[str, tuple[str, ...]] | None = None
    references: frozenset[str] = frozenset()
    unsorted: frozenset[str] = frozenset()
    short_forms: bool = False

    def is_numeric(self, kind: Kind, key: str) -> bool:
        """Whether it is compared with numbers alone."""
        return kind is Kind.METRIC or (kind is Kind.ATTRIBUTE and key in self.numeric_attributes)

    def operators(self, kind: Kind, key: str) -> tuple[str, ...]:
        """What it may be compared by."""
        if self.is_numeric(kind, key):
            return NUMERIC
        if kind in (Kind.PARAM, Kind.ANY):
            return OPERATORS
        if kind is Kind.ATTRIBUTE and (key in (self.choices or {}) or key in self.references):
            return ("=", "!=", *MEMBER)
        return TEXTUAL


def named(**names: tuple[str, ...]) -> dict[str, Kind]:
    """Entities by all their names."""
    return {name: Kind[kind.upper()] for kind, words in names.items() for name in words}


DATASET_KEYS = ("name", "digest", "context")
STALE = "STALE"

#: MLflow's words for runs, and some of ours.
SPELLED_OUT = Language(
    entities=named(
        metric=("metric", "metrics"),
        param=("param", "params", "parameter", "parameters"),
        tag=("tag", "tags"),
        attribute=("attribute", "attributes", "attr", "run"),
        dataset=("dataset", "datasets"),
    ),
    attributes={
        "status": "status",
        "state": "state",
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
        "entry_point": "entry_point",
        "git_commit": "git_commit",
        "parent_run_id": "parent_run_id",
        "note": "note",
        "experiment": "experiment__name",
        "artifact": "artifact",
        "same_params_as": "same_params_as",
        "artifact_uri": "artifact_uri",
    },
    numeric_attributes=frozenset({"start_time", "end_time", "duration"}),
    times=frozenset({"start_time", "end_time"}),
    spans=frozenset({"duration"}),
    references=frozenset({"same_params_as"}),
    unsorted=frozenset({"artifact", "state", "same_params_as"}),
    choices={"state": ("RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED", STALE)},
)

#: The same with what people type into a box.
RUNS = replace(SPELLED_OUT, short_forms=True)
