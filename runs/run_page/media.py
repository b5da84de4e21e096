"""What the Media tab of a run shows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from runs.artifacts import store
from runs.artifacts.previews.kinds import preview_of
from runs.artifacts.previews.source import Preview, Source
from runs.media import Frame, Reel, reels_of
from runs.models import Run
from trackerweb.errors import NotFound

PAGE_REELS = 48
#: Tables whose rows a page shows at once; of others it shows the name.
PAGE_TABLES = 6


@dataclass(frozen=True)
class Shown:
    """A key with the frame of the step that is looked at; `preview` has the rows of a table."""

    reel: Reel
    frame: Frame
    preview: Preview | None = None

    @property
    def frames_json(self) -> str:
        """[step, address, path] of each of its frames, for the slider."""
        return json.dumps([[frame.step, frame.address, frame.path] for frame in self.reel.frames])


class MediaPage:
    """The media of a run at a step; at their last ones where none is asked for. `number` counts pages from 1."""

    def __init__(self, run: Run, step: int | None = None, number: int = 1) -> None:
        self.run, self.step, self.number = run, step, number

    @cached_property
    def reels(self) -> list[Reel]:
        """All of them: pictures first, then film, sound and tables."""
        order = ("picture", "film", "sound", "table")
        return sorted(reels_of(self.run), key=lambda reel: order.index(reel.kind))

    @cached_property
    def steps(self) -> list[int]:
        """Every step at which something was logged."""
        return steps_of(self.reels)

    @property
    def shown(self) -> list[Shown]:
        """A page of them."""
        first = (self.number - 1) * PAGE_REELS
        return shown_at(self.reels[first : first + PAGE_REELS], self.step)

    @property
    def next_number(self) -> int | None:
        """The number of the next page, if there is one."""
        return self.number + 1 if self.number * PAGE_REELS < len(self.reels) else None

    @property
    def previous_number(self) -> int | None:
        """The number of the page before, if there is one."""
        return self.number - 1 if self.number > 1 else None


def steps_of(reels: Sequence[Reel]) -> list[int]:
    """Every step of some media, where a slider has something to choose from."""
    found = sorted({step for reel in reels for step in reel.steps})
    return found if len(found) > 1 else []


def shown_at(reels: Sequence[Reel], step: int | None) -> list[Shown]:
    """Each at its nearest step; the rows of the first few tables with them."""
    made, tables = [], 0
    for reel in reels:
        frame = reel.at(step)
        preview = None
        if reel.kind == "table" and tables < PAGE_TABLES:
            tables += 1
            preview = preview_of_frame(frame)
        made.append(Shown(reel, frame, preview))
    return made


def preview_of_frame(frame: Frame) -> Preview | None:
    """What the file of a frame holds; None where its content is missing."""
    artifact = Run.objects.by_id(frame.run_id).artifacts.select_related("blob").filter(path=frame.path).first()
    if artifact is None:
        return None
    try:
        with store.open_blob(artifact.blob) as file:
            return preview_of(Source(frame.run_id, frame.path, artifact.blob.size, file))
    except NotFound:
        return None
