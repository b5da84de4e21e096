"""`manage.py backup FILE`: all of the tracker in one file, while its server runs."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from runs.artifacts import store
from trackerweb import sqlite
from trackerweb.backup import Made, Places, make
from trackerweb.errors import TrackerError
from trackerweb.progress import Progress


class Command(BaseCommand):
    """Writes a backup."""

    help = "Write the database and all files of runs to FILE, verified, while the server runs."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, and what to leave out."""
        parser.add_argument("file", type=Path, help="the backup to write, such as tracker.zip")
        parser.add_argument("--without-artifacts", action="store_true", help="the database only")
        parser.add_argument("--force", action="store_true", help="replace FILE when it is there")

    def handle(self, *, file: Path, without_artifacts: bool, force: bool, **options: Any) -> None:
        """Write it, and name contents that are missing or damaged.

        Errors: CommandError, and status 1, when it could not be made, or is not whole.
        """
        try:
            with Progress() as progress:
                made = make(
                    Places.of_settings(), file.absolute(), progress, with_artifacts=not without_artifacts, force=force
                )
        except TrackerError as error:
            raise CommandError(error.message) from None
        except OSError as error:
            raise CommandError(f"The backup could not be written: {error}. Nothing is at {file}.") from None
        if "runs_blob" in made.manifest.database.tables:
            # What lost its last name meanwhile was kept for us.
            sqlite.leave_checkpoints_to_the_server()
            store.drop_unused()
        self._tell(made)

    def _tell(self, made: Made) -> None:
        manifest = made.manifest
        files = f"{manifest.blobs.count} files" if manifest.blobs else "no files"
        runs = manifest.database.tables.get("runs_run", 0)
        self.stdout.write(f"{made.path}: {runs} runs, {files}, {made.size:,} bytes.")
        for damaged in manifest.damaged:
            self.stderr.write(f"damaged: content {damaged.sha256}, {damaged.size} bytes of something else")
        for sha256 in manifest.missing:
            self.stderr.write(f"missing: content {sha256}")
        if not made.is_whole:
            raise CommandError("The backup holds the rest. `manage.py check_data` says which runs these belong to.")
