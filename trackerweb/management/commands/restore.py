"""`manage.py restore FILE`: a backup becomes the tracker of an empty folder."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from trackerweb.backup import Places, Restored, check, restore
from trackerweb.errors import TrackerError
from trackerweb.progress import Progress


class Command(BaseCommand):
    """Restores or verifies a backup."""

    help = "Verify the backup FILE and unpack it into TRACKER_HOME, which must hold no data and have no server."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Which backup, and whether only to look."""
        parser.add_argument("file", type=Path, help="what `manage.py backup` wrote")
        parser.add_argument("--check-only", action="store_true", help="verify all of it and unpack nothing")

    def handle(self, *, file: Path, check_only: bool, **options: Any) -> None:
        """Verify, unpack and tell.

        Errors: CommandError, and status 1; then nothing was restored.
        """
        try:
            with Progress() as progress:
                found = check(file, progress) if check_only else restore(file, Places.of_settings(), progress)
        except TrackerError as error:
            raise CommandError(error.message) from None
        except OSError as error:
            raise CommandError(f"The backup could not be restored: {error}. No data was changed.") from None
        self._tell(found, "is whole" if check_only else "is restored. Start the server")

    def _tell(self, found: Restored, state: str) -> None:
        manifest = found.manifest
        self.stdout.write(f"The backup of {manifest.created} {state}: {found.runs} runs, {found.files} files.")
        if manifest.blobs is None:
            self.stdout.write("It was made without files: put them into TRACKER_ARTIFACTS from elsewhere.")
        absent = len(manifest.damaged) + len(manifest.missing)
        if absent:
            self.stdout.write(f"{absent} files were damaged or missing before it was made: see manage.py check_data.")
