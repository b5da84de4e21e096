"""Imports a source from its first experiment to its last: whatever is wrong with one run stops none of the others."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from importing.bringing import experiments, models, registry, runs
from importing.bringing.experiments import Home
from importing.found import ExperimentSource, Source, Unreadable
from importing.reporting import Report
from trackerweb.errors import TrackerError

logger = logging.getLogger(__name__)

#: What the numbers of an import count.
EXPERIMENTS, NEW_RUNS, GROWN_RUNS, SAME_RUNS, REFUSED_RUNS, POINTS, FILES, MODELS, VERSIONS = COUNTED = (
    "experiments", "new_runs", "grown_runs", "same_runs", "refused_runs", "points", "files", "models",
    "versions",
)  # fmt: skip


class Stopped(Exception):
    """Somebody asked it to stop."""


class Importer:
    """Stores all of a source. `counts` says what it came to by now; `tell` is called after every run with it."""

    def __init__(self, source: Source, report: Report, tell: Callable[[Counter[str]], None]) -> None:
        self._source, self._report, self._tell = source, report, tell
        self.counts: Counter[str] = Counter(dict.fromkeys(COUNTED, 0))

    def run(self) -> None:
        """Import everything there is, and what is new of what was imported before."""
        for experiment in self._source.experiments():
            with self._unless_bad(experiment.place, "experiment"):
                self._bring_experiment(experiment)
        with self._unless_bad("models", "registry"):
            self._bring_registry()

    def _bring_registry(self) -> None:
        for registered in self._source.registered_models():
            self._report.begin_part()
            with self._unless_bad(registered.place, "registered model"):
                self.counts[VERSIONS] += registry.bring(registered.read(), self._report)

    def _bring_experiment(self, source: ExperimentSource) -> None:
        home = experiments.bring(source.read(), self._source.origin, self._report)
        self.counts[EXPERIMENTS] += 1
        if not home.experiment.is_active:
            self._leave_in_trash(home)
            return
        self._bring_runs(source, home)
        self._bring_models(source, home)
        home.settle()

    def _leave_in_trash(self, home: Home) -> None:
        if not home.found.is_trashed:
            self._report.note(
                home.found.place, "It is in the trash here, and was left as it is. Restore it, and import again."
            )

    def _bring_runs(self, source: ExperimentSource, home: Home) -> None:
        for run in source.runs():
            self._report.begin_part()
            before = self.counts.total()
            with self._unless_bad(run.place, "run"):
                brought = runs.bring(run, home.experiment, self._source.origin, self._report)
                kind = NEW_RUNS if brought.is_new else GROWN_RUNS if brought.has_grown else SAME_RUNS
                self.counts.update({kind: 1, POINTS: brought.points, FILES: brought.files})
            if self.counts.total() == before:
                self.counts[REFUSED_RUNS] += 1
            self._tell(self.counts)

    def _bring_models(self, source: ExperimentSource, home: Home) -> None:
        for model in source.models():
            self._report.begin_part()
            with self._unless_bad(model.place, "model"):
                models.bring(model, home.experiment, self._source.origin, self._report)
                self.counts[MODELS] += 1

    @contextmanager
    def _unless_bad(self, place: str, kind: str) -> Iterator[None]:
        """Report what is wrong with a part, and go on with the next."""
        try:
            yield
        except Stopped:
            raise
        except Unreadable as error:
            self._report.refuse(place, str(error))
        except TrackerError as error:
            self._report.refuse(place, error.message)
        except OSError as error:
            self._report.refuse(place, f"It can't be read: {error.strerror or error}.")
        except Exception as error:
            # Whatever a stranger's folder holds that nobody thought of costs one part, and leaves its trace.
            logger.exception("The %s %s could not be imported", kind, place)
            self._report.refuse(place, f"It could not be imported: {type(error).__name__}: {error}"[:500])
