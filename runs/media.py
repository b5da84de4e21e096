"""Pictures, sound, film and tables among the files of a run, by key and step."""

import json
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

from django.db.models import Q

from runs.artifacts.previews.media import FILM_SUFFIXES, SOUND_SUFFIXES
from runs.artifacts.previews.picture import SUFFIXES as PICTURE_SUFFIXES
from runs.artifacts.previews.source import suffix_of
from runs.models import Run

MediaKind = Literal["picture", "film", "sound", "table"]

TABLE_SUFFIXES = {".csv", ".tsv", ".parquet", ".pq"}
_SUFFIXES: dict[MediaKind, set[str]] = {
    "picture": PICTURE_SUFFIXES - {".ico"},
    "film": FILM_SUFFIXES,
    "sound": SOUND_SUFFIXES,
    "table": TABLE_SUFFIXES,
}
_KINDS = {suffix: kind for kind, suffixes in _SUFFIXES.items() for suffix in suffixes}
#: The tag in which MLflow's `log_table` lists its files.
TABLES_TAG = "mlflow.loggedArtifacts"

#: What `log_image(…, key=, step=)` makes: of MLflow with `%` and `#` or `~`, of our client with `+` and `~`.
_BY_KEY = re.compile(
    r"images/(?P<key>.+?)(?P<mark>[%+])step(?P=mark)(?P<step>-?\d{1,19})(?P=mark)timestamp(?P=mark)\d{1,19}(?P=mark)"
    r"(?P<rest>[^/]*)"
)
#: `samples/epoch_010.png`, `step-500/mask.png`.
_COUNTED = re.compile(
    r"(?<![a-z])(?:global_step|step|epoch|iteration|iter|it|ep)[ _=+.-]?(\d{1,18})(?!\d)", re.IGNORECASE
)
_TRAILING = re.compile(r"[ _=+.-](\d{1,18})(?=\.[^./]+$)")
_THUMBNAIL = "compressed.webp"


class Frame(NamedTuple):
    """A file at a step; None where its name tells none."""

    step: int | None
    run_id: str
    path: str

    @property
    def address(self) -> str:
        """Where a browser may show it."""
        return f"/preview/{quote(self.run_id)}/{quote(self.path)}"


@dataclass(frozen=True)
class Reel:
    """What was logged under one key, in the order of the steps."""

    key: str
    kind: MediaKind
    frames: tuple[Frame, ...]

    @property
    def steps(self) -> list[int]:
        """The steps that there are."""
        return [frame.step for frame in self.frames if frame.step is not None]

    def at(self, step: int | None) -> Frame:
        """The frame of the nearest step, of two as near the earlier one; the last frame where no step is asked for."""
        if step is None or not self.steps:
            return self.frames[-1]
        place = bisect_left(self.steps, step)
        near = self.frames[max(0, place - 1) : place + 1]
        return min(near, key=lambda frame: abs((frame.step or 0) - step))


def media_q(run: Run) -> Q:
    """Which files of a run are media."""
    found = Q(path__in=_tables_of(run))
    for start in ("image/", "audio/", "video/"):
        found |= Q(media_type__startswith=start)
    for suffix in sorted(_KINDS):
        found |= Q(path__iendswith=suffix)
    return found & ~Q(path__endswith=_THUMBNAIL)


def reels_of(run: Run) -> list[Reel]:
    """The media of a run by key; one query, and another one for MLflow's tables."""
    tables = _tables_of(run)
    paths = run.artifacts.filter(media_q(run)).order_by("path").values_list("path", flat=True)
    return by_key(run.run_id, paths, tables)


def by_key(run_id: str, paths: Iterable[str], tables: Iterable[str] = ()) -> list[Reel]:
    """Media among paths, by kind and key; `tables` are those of other names that are tables."""
    known_tables = set(tables)
    found: dict[tuple[str, MediaKind], list[Frame]] = defaultdict(list)
    for path in paths:
        kind: MediaKind | None = "table" if path in known_tables else _KINDS.get(suffix_of(path))
        if kind is None or path.endswith(_THUMBNAIL):
            continue
        key, step = key_and_step(path)
        found[key, kind].append(Frame(step, run_id, path))
    return [Reel(key, kind, _in_order(frames)) for (key, kind), frames in sorted(found.items())]


def key_and_step(path: str) -> tuple[str, int | None]:
    """What a path says: `samples/epoch_010.png` is the key `samples/epoch` at step 10."""
    logged = _BY_KEY.fullmatch(path)
    if logged:
        return logged["key"].replace("#", "/").replace("~", "/"), int(logged["step"])
    for pattern in (_COUNTED, _TRAILING):
        counted = list(pattern.finditer(path))
        if counted:
            last = counted[-1]
            return _without_suffix(path[: last.start(1)].rstrip(" _=+.-") + path[last.end(1) :]), int(last[1])
    return _without_suffix(path), None


def _without_suffix(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    stem = name.rpartition(".")[0] if name.rpartition(".")[0] else name
    return folder + slash + stem


def _in_order(frames: Sequence[Frame]) -> tuple[Frame, ...]:
    """By step; of several at one step the last by name, which has the latest time in it. Those without a step stay."""
    by_step = {frame.step: frame for frame in frames if frame.step is not None}
    stepless = [frame for frame in frames if frame.step is None]
    return (*stepless, *(by_step[step] for step in sorted(by_step)))


def _tables_of(run: Run) -> list[str]:
    text = run.tags.filter(key=TABLES_TAG).values_list("value", flat=True).first()
    try:
        told: Any = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []
    entries = told if isinstance(told, list) else []
    return [
        entry["path"]
        for entry in entries
        if isinstance(entry, dict) and entry.get("type") == "table" and isinstance(entry.get("path"), str)
    ]
