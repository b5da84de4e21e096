"""Where what was recorded of folders lies in the folder of a rerun."""

from __future__ import annotations

import re
from dataclasses import dataclass
from os.path import exists, isabs, normpath, realpath
from pathlib import Path, PurePath

from tracker.rerunning.recorded import Recorded


@dataclass(frozen=True)
class Layout:
    """`code` is where the source lies again, and `work` where the command is started: both in one new folder.

    `was_elsewhere` says that it was started in a folder that has nothing to do with its code.
    """

    code: Path
    work: Path
    old_code: str
    old_work: str
    was_elsewhere: bool = False

    def relocated(self, word: str) -> str:
        """A word of a command line, with paths into the old source folder leading into the new one."""
        if len(PurePath(self.old_code).parts) < 2:
            return word
        pattern = rf"(?<![\w./-]){re.escape(self.old_code)}(?=/|$)"
        moved = re.sub(pattern, lambda _: str(self.code), word)
        return self._through_link(word) or (self._from_elsewhere(moved) if self.was_elsewhere else moved)

    def _through_link(self, word: str) -> str:
        """A path that led to the code by a link outside of it, if the link is here; else empty."""
        told = Path(self.old_work, word)
        if "\0" in word or not self.old_work or PurePath(normpath(told)).is_relative_to(self.old_code):
            return ""
        real = PurePath(realpath(told))
        found = self.code / real.relative_to(self.old_code) if real.is_relative_to(self.old_code) else None
        return str(found) if found and exists(found) else ""

    def _from_elsewhere(self, word: str) -> str:
        """A path that began in the old working folder and led to the code."""
        flat = PurePath(normpath(Path(self.old_work, word)))
        if "/" not in word or not flat.is_relative_to(self.old_code):
            return word
        found = self.code / flat.relative_to(self.old_code)
        return str(found) if found.exists() else word


def layout_of(recorded: Recorded, top: Path) -> Layout:
    """How a run's folders lie below a new one, so that relative paths between them lead where they led."""
    # The server may say anything: what leads up and out would lead out of the new folder.
    code, work = (normpath(text) if isabs(text) else "" for text in (recorded.source_folder, recorded.folder))
    old_code, old_work = PurePath(code), PurePath(work)
    if not code or not work or old_code == old_work:
        return Layout(top, top, code, work)
    if old_work.is_relative_to(old_code):
        return Layout(top, top / old_work.relative_to(old_code), code, work)
    if old_code.is_relative_to(old_work):
        return Layout(top / old_code.relative_to(old_work), top, code, work)
    return Layout(top, top, code, work, was_elsewhere=True)
