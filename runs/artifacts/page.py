"""What the Artifacts page of a run shows: its tree, and the chosen file or folder."""

from collections.abc import Sequence
from functools import cached_property
from urllib.parse import quote, urlencode

from runs.artifacts import store
from runs.artifacts.paths import ancestors
from runs.artifacts.previews.kinds import preview_of
from runs.artifacts.previews.source import Preview, Source
from runs.artifacts.tree import PAGE_ENTRIES, Entry, FileTree, Row
from runs.models import Artifact, Run
from trackerweb.errors import NotFound


class ArtifactsPage:
    """A run's files with one of them, or a folder, chosen. Its queries are counted in its test."""

    def __init__(self, run: Run, path: str | None = None, number: int = 1) -> None:
        self.run, self.number = run, number
        self.tree = FileTree(run)
        self.chosen = self._found(path)

    def _found(self, path: str | None) -> Entry:
        """What is at `path`, "" being the root; what tells most when none was chosen.

        Errors: NotFound.
        """
        if path is None:
            return self.tree.most_telling or self.tree.root
        found = self.tree.find(path)
        if found is None:
            raise NotFound(f"Run {self.run.run_id!r} has no artifact {path!r}. It may be deleted.", field="path")
        return found

    @property
    def rows(self) -> Row:
        """The tree."""
        return self.tree.rows(self.chosen, self.number)

    @property
    def folders(self) -> list[Entry]:
        """The folders above what is chosen, outermost first."""
        found = [self.tree.find(path) for path in reversed(ancestors(self.chosen.path))]
        return [entry for entry in found if entry is not None]

    @property
    def listing(self) -> Sequence[Entry]:
        """A page of what lies in the chosen folder."""
        first = (self.number - 1) * PAGE_ENTRIES
        return self.chosen.sorted_children[first : first + PAGE_ENTRIES]

    @property
    def next_number(self) -> int | None:
        """The number of the folder's next page, if there is one."""
        return self.number + 1 if self.number * PAGE_ENTRIES < len(self.chosen.children) else None

    @property
    def previous_number(self) -> int | None:
        """The number of the folder's page before, if there is one."""
        return self.number - 1 if self.number > 1 else None

    @cached_property
    def artifact(self) -> Artifact:
        """The chosen file."""
        return self.run.artifacts.select_related("blob").get(path=self.chosen.path)

    @cached_property
    def preview(self) -> Preview:
        """What is shown of the chosen file.

        Errors: NotFound when its content is missing from the disk.
        """
        with store.open_blob(self.artifact.blob) as file:
            return preview_of(Source(self.run.run_id, self.artifact.path, self.artifact.blob.size, file, self.number))

    @property
    def neighbours(self) -> tuple[Entry | None, Entry | None]:
        """The files before and after the chosen one in its folder."""
        siblings = self.tree.siblings_of(self.chosen)
        place = siblings.index(self.chosen)
        before = siblings[place - 1] if place else None
        return before, siblings[place + 1] if place + 1 < len(siblings) else None

    @property
    def preview_address(self) -> str:
        """Where a browser may show the chosen file's content."""
        return f"/preview/{quote(self.run.run_id)}/{quote(self.chosen.path)}"

    @property
    def download_address(self) -> str:
        """The chosen file, or the chosen folder as a zip."""
        base = f"/api/v1/runs/{quote(self.run.run_id)}/artifacts"
        if self.chosen.is_folder:
            return f"{base}.zip?{urlencode({'path': self.chosen.path})}"
        return f"{base}/{quote(self.chosen.path)}"
