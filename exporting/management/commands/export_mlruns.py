"""`manage.py export_mlruns DIR`: a folder that MLflow opens, and that another tracker like this one imports."""

from itertools import chain
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from exporting.mlruns.names import PORTABLE, FileSystem
from exporting.mlruns.registry import registered_models
from exporting.mlruns.writing import MlrunsWriter, all_experiments
from exporting.tree import write_folder
from runs.models import Run
from trackerweb import startup
from trackerweb.errors import TrackerError


class Command(BaseCommand):
    """May run beside a live server."""

    help = "Write experiments as a folder of MLflow (mlruns): all of them, or those that are named."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, and what."""
        parser.add_argument("folder", type=Path, metavar="DIR", help="a new folder, such as mlruns")
        parser.add_argument("--experiment", action="append", default=[], metavar="NAME", help="may be repeated")
        parser.add_argument("--portable", action="store_true", help="only names that every file system can hold")

    def handle(self, *, folder: Path, experiment: list[str], portable: bool, **options: Any) -> None:
        """Write, and tell what was written under another name.

        Errors: CommandError, and status 1; then no folder is there.
        """
        startup.require_database()
        chosen = list(all_experiments(experiment))
        missing = set(experiment) - {item.name for item in chosen}
        if missing:
            raise CommandError(f"There is no experiment {sorted(missing)[0]!r}.")
        target = folder.resolve()
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            writer = MlrunsWriter(target.as_uri(), PORTABLE if portable else FileSystem.of(target.parent), self._tell)
            files = writer.files(chosen)
            write_folder(files if experiment else chain(files, registered_models(writer)), target)
        except TrackerError as error:
            raise CommandError(error.message) from None
        except OSError as error:
            raise CommandError(f"{target} could not be written: {error}.") from None
        runs = Run.objects.kept().filter(experiment__in=chosen).count()
        self.stdout.write(f"{target}: {len(chosen):,} experiments with {runs:,} runs.")

    def _tell(self, place: str, what: str) -> None:
        self.stderr.write(f"  {place}: {what}")
