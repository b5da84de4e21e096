"""What an import came to, in words and as JSON."""

from typing import Any

from importing.importer import (
    EXPERIMENTS,
    FILES,
    GROWN_RUNS,
    MODELS,
    NEW_RUNS,
    POINTS,
    REFUSED_RUNS,
    SAME_RUNS,
    VERSIONS,
)
from importing.models import Import
from importing.reporting import Level
from trackerweb.clock import now_ms

RUNS = (NEW_RUNS, GROWN_RUNS, SAME_RUNS, REFUSED_RUNS)
_WORDS = (
    (EXPERIMENTS, "experiments"),
    (NEW_RUNS, "new runs"),
    (GROWN_RUNS, "runs with news"),
    (SAME_RUNS, "runs as before"),
    (REFUSED_RUNS, "runs refused"),
    (POINTS, "points"),
    (FILES, "files"),
    (MODELS, "models"),
    (VERSIONS, "registered versions"),
)
_FINDINGS = {Level.REPAIR: "things mended", Level.REFUSAL: "things left out", Level.NOTE: "notes"}


def figures(record: Import) -> list[tuple[str, int]]:
    """What it counted, in words, without what there was none of."""
    counted = [(word, record.counts.get(name, 0)) for name, word in _WORDS]
    counted += [(word, record.counts.get(f"{level}s", 0)) for level, word in _FINDINGS.items()]
    return [(word, count) for word, count in counted if count]


def summary(record: Import) -> str:
    """One line for a terminal."""
    told = ", ".join(f"{count:,} {word}" for word, count in figures(record)) or "nothing"
    return f"{record.origin}: {told} ({seconds(record):.1f} s)." + (f" {record.error}" if record.error else "")


def seconds(record: Import) -> float:
    """How long it took, or has taken."""
    return ((record.end_time or now_ms()) - record.begin_time) / 1000


def runs_done(record: Import) -> int:
    """Runs that it has looked at."""
    return sum(record.counts.get(kind, 0) for kind in RUNS)


def brought_anything(record: Import) -> bool:
    """Whether it brought anything, or failed: what a watcher wants to hear of."""
    return bool(record.error) or any(record.counts.get(kind) for kind in (NEW_RUNS, GROWN_RUNS))


def figures_told(record: Import) -> dict[str, Any]:
    """How far it is, and what it came to."""
    return {
        "import_id": record.pk,
        "origin": record.origin,
        "state": record.state,
        "error": record.error,
        "begin_time": record.begin_time,
        "end_time": record.end_time,
        "total_runs": record.total,
        "counts": record.counts,
    }


def told(record: Import) -> dict[str, Any]:
    """All of it, with every finding."""
    findings = record.findings.order_by("pk").values("level", "place", "reason")
    return figures_told(record) | {"findings": list(findings)}
