"""What is held against each other: runs, or groups of runs that differ in nothing but their seeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runs.colours import RunColour, colours_of
from runs.models import Run

#: Params that name a group; further ones would make a sentence of it.
NAME_PARAMS = 3


@dataclass(frozen=True)
class Contender:
    """A column of the tables, a line of the charts. Of repetitions, `runs` holds all of them, the first one leading."""

    name: str
    runs: tuple[Run, ...]
    colour: RunColour
    is_base: bool = False

    @property
    def lead(self) -> Run:
        """The run that stands for it."""
        return self.runs[0]

    @property
    def is_group(self) -> bool:
        """Whether it stands for several runs."""
        return len(self.runs) > 1


def single(runs: Sequence[Run], base: str) -> list[Contender]:
    """A contender a run, the base first."""
    colours = colours_of(run.run_id for run in runs)
    ordered = sorted(runs, key=lambda run: run.run_id != base)
    return [Contender(run.name, (run,), colours[run.run_id], is_base=place == 0) for place, run in enumerate(ordered)]


def grouped(runs: Sequence[Run], base: str, params: Mapping[str, Mapping[int, str]]) -> list[Contender]:
    """A contender a configuration, that of the base first. `params` are texts by key and run."""
    groups: dict[int, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.configuration, []).append(run)
    ordered = sorted(groups.values(), key=lambda members: all(run.run_id != base for run in members))
    colours = colours_of(members[0].run_id for members in groups.values())
    names = _names([members[0] for members in ordered], params)
    return [
        Contender(name, tuple(members), colours[members[0].run_id], is_base=place == 0)
        for place, (members, name) in enumerate(zip(ordered, names, strict=True))
    ]


def _names(leads: Sequence[Run], params: Mapping[str, Mapping[int, str]]) -> list[str]:
    """A name a configuration: the params that tell them apart, else the name of its first run."""
    apart = [key for key, values in params.items() if len({values.get(run.pk) for run in leads}) > 1]
    names = [
        ", ".join(f"{key} {params[key][run.pk]}"[:40] for key in apart[:NAME_PARAMS] if run.pk in params[key])
        for run in leads
    ]
    is_told = all(names) and len(set(names)) == len(names)
    return names if is_told else [run.name for run in leads]
