"""What every page of a run begins with."""

from functools import cached_property

from runs.colours import RunColour, colours_of
from runs.models import Run
from runs.run_page.notices import Notice, notices_of
from runs.run_page.progress import Progress, progress_of
from runs.run_page.tabs import Tab, tabs_of


class RunHead:
    """A run's name, status and neighbours; `current` names the address of the tab that is open."""

    def __init__(self, run: Run, current: str) -> None:
        self.run, self._current = run, current

    @property
    def colour(self) -> RunColour:
        """Its colour in charts."""
        return colours_of([self.run.run_id])[self.run.run_id]

    @cached_property
    def progress(self) -> Progress | None:
        """How far it is while it runs."""
        return progress_of(self.run)

    @cached_property
    def notices(self) -> list[Notice]:
        """What other rooms have to say of it."""
        return notices_of(self.run)

    @cached_property
    def previous(self) -> Run | None:
        """The run of the same experiment that began before this one."""
        return Run.objects.before(self.run)

    @cached_property
    def following(self) -> Run | None:
        """The run of the same experiment that began after this one."""
        return Run.objects.after(self.run)

    @cached_property
    def best(self) -> Run | None:
        """The best run of its experiment, where one metric says so and it is another one."""
        found = Run.objects.best_of(self.run.experiment)
        return None if found == self.run else found

    @cached_property
    def tabs(self) -> list[Tab]:
        """What there is to see."""
        return tabs_of(self.run, self._current)
