"""What differs between the code and the surroundings of two runs, but for the source itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from runs.provenance.snapshot import Commit, Snapshot


@dataclass(frozen=True)
class Change:
    """A fact before and after; an empty text where one side does not have it."""

    label: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        """Whether it is a change at all."""
        return self.before != self.after


class Differences:
    """How the surroundings of `other` differ from those of `one`."""

    def __init__(self, one: Snapshot, other: Snapshot) -> None:
        self.one, self.other = one, other

    @property
    def is_empty(self) -> bool:
        """Nothing differs, the source included."""
        sides = (self.one, self.other)
        is_other = sides[0].patch != sides[1].patch or sides[0].source != sides[1].source
        return not (self.source or self.facts or self.packages or is_other)

    @property
    def is_one_commit(self) -> bool:
        """Both ran what one commit has, or had changed it."""
        return bool(self.one.commit) and self.one.commit == self.other.commit

    @property
    def are_two_commits(self) -> bool:
        """Both are known, and they are not one."""
        return bool(self.one.commit and self.other.commit) and not self.is_one_commit

    @property
    def source(self) -> list[Change]:
        """Commit, branch, remote, command."""
        sides = [
            {"Commit": side.commit, "Branch": side.branch, "Remote": side.remote, "Command": side.command_line}
            for side in (self.one, self.other)
        ]
        return _changes(sides[0], sides[1])

    @property
    def facts(self) -> list[Change]:
        """Python, system, hardware."""
        return _changes(self.one.facts, self.other.facts)

    @cached_property
    def packages(self) -> list[Change]:
        """Packages that came, went or have another version."""
        return _changes(self.one.packages, self.other.packages)

    @property
    def commits_between(self) -> list[Commit] | None:
        """The commits from the older run's on to the newer run's, the newest first; None where no log says."""
        for newer, older in ((self.other, self.one), (self.one, self.other)):
            shas = [commit.sha for commit in newer.log]
            if older.commit and older.commit in shas:
                return list(newer.log[: shas.index(older.commit)])
        return None

    @property
    def code_words(self) -> str:
        """How far apart the code of the two is, in a few words."""
        if not self.one.commit and not self.other.commit:
            return "not captured"
        words = self._commit_words
        if self.one.patch != self.other.patch:
            words.append(f"uncommitted {_changed_lines(self.one.patch)} → {_changed_lines(self.other.patch)}")
        return ", ".join(words) or "the same"

    @property
    def _commit_words(self) -> list[str]:
        if self.one.commit == self.other.commit:
            return []
        between = self.commits_between
        if between is None:
            return [f"{self.one.commit[:8] or 'no commit'} → {self.other.commit[:8] or 'no commit'}"]
        return [f"{len(between)} commit{'s' if len(between) != 1 else ''}{' back' if self.is_backwards else ''}"]

    @property
    def is_backwards(self) -> bool:
        """Whether `other` is the older one."""
        return bool(self.other.commit) and self.other.commit in [commit.sha for commit in self.one.log]

    @property
    def address(self) -> str:
        """Where a browser shows what lies between the commits, on the forges whose addresses are known."""
        home = self.one.repository
        if not home or home != self.other.repository or self.one.commit == self.other.commit:
            return ""
        ends = f"{quote(self.one.commit, safe='')}...{quote(self.other.commit, safe='')}"
        if "gitlab" in home:
            return f"{home}/-/compare/{ends}"
        return f"{home}/compare/{ends}" if "github" in home else ""


def _changed_lines(patch: str) -> str:
    """`+6 −2`, counted without a look at what the patch means; `clean` without one."""
    lines = [line for line in patch.splitlines() if not line.startswith(("+++", "---"))]
    added, removed = (sum(line.startswith(sign) for line in lines) for sign in "+-")
    return f"+{added:,} −{removed:,}" if patch.strip() else "clean"


def _changes(one: Mapping[str, str], other: Mapping[str, str]) -> list[Change]:
    labels: Iterable[str] = dict.fromkeys([*one, *other])
    made = (Change(label, one.get(label, ""), other.get(label, "")) for label in labels)
    return [change for change in made if change.differs]
