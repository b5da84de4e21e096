"""What happens before the first request: the database is brought up to date, and the address is told."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from experiments.models import Experiment
from runs.artifacts.storage import blob_storage
from trackerweb import home_lock, sqlite

try:
    import fcntl
except ImportError:  # Windows: two servers that start at once on a new folder are not told apart there
    fcntl = None  # type: ignore[assignment]

DEFAULT_PORT = 8000


@dataclass(frozen=True)
class Address:
    """Where to listen."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """What to type into a browser."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read `8000`, `127.0.0.1:8000`, `localhost:8000` or `[::1]:8000`.

        Errors: CommandError for anything else, and for an address others can reach while there are no passwords.
        """
        host, _, port = text.rpartition(":")
        host = host.strip("[]") or "127.0.0.1"
        if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            raise CommandError(f"{text!r} is no address. Use 8000, 127.0.0.1:8000 or [::1]:8000.")
        if settings.TRACKER_AUTH == "local" and not _is_loopback(host):
            raise CommandError(
                f"{host} can be reached from other machines, and in local mode everyone who reaches the server "
                "owns it. Use 127.0.0.1."
            )
        return cls("127.0.0.1" if host == "localhost" else host, int(port))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def prepare() -> Path | None:
    """Bring the database up to date; afterwards there is a Default experiment.

    Returns the backup made before migrating, if there was something to migrate in something to lose.
    Errors: CommandError while a backup is being restored there.
    """
    try:
        home_lock.serve()
    except home_lock.InUse as error:
        raise CommandError(error.message) from None
    with _alone():
        saved = _migrate()
        sqlite.learn_sizes()
        blob_storage().clear_incoming()
        Experiment.objects.ensure_default()
    # This thread answers no request.
    connection.close()
    return saved


def require_database() -> None:
    """Refuse, for a command, a database that is not there, which asking would make, or that is of another version.

    Errors: CommandError.
    """
    place = sqlite.place()
    if place is not None and not (place.exists() and place.stat().st_size):
        raise CommandError(f"No database is at {place}. Set TRACKER_HOME to the folder of the server.")
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("The database is of an older version. Start the server once, which brings it up to date.")


def ensure_database() -> None:
    """Make the database if there is none yet, for a command that fills it.

    Errors: CommandError for one of another version.
    """
    place = sqlite.place()
    if place is not None and not place.exists():
        prepare()
    require_database()


@contextmanager
def _alone() -> Iterator[None]:
    """Keep a second server that starts at the same moment waiting."""
    with (settings.TRACKER_HOME / "starting.lock").open("w") as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _migrate() -> Path | None:
    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return None
    saved = _backup() if executor.loader.applied_migrations else None
    with sqlite.write_turn():
        call_command("migrate", verbosity=0, interactive=False)
    sqlite.learn_to_give_back()
    return saved


def _backup() -> Path | None:
    if connection.vendor != "sqlite":
        return None
    folder = settings.TRACKER_HOME / "backups"
    folder.mkdir(exist_ok=True)
    target = folder / f"tracker-{datetime.now(UTC):%Y%m%d-%H%M%S}.sqlite3"
    sqlite.backup(Path(settings.DATABASES["default"]["NAME"]), target)
    return target


def greeting(url: str, saved: Path | None) -> str:
    """What the terminal shows: the address, and how a script finds it."""
    lines = [f"Trackerweb is at {url}", f"Data lies in {settings.TRACKER_HOME}"]
    if saved is not None:
        lines.append(f"The database was migrated; {saved} is how it was before.")
    lines += [
        "",
        "Log from anywhere on this machine:",
        f"  curl -X PUT {url}/api/v1/runs/first/ -H 'Content-Type: application/json' -d '{{}}'",
        f"  curl {url}/api/v1/runs/first/log/ -H 'Content-Type: application/json' "
        '-d \'{"metrics": {"loss": {"steps": [0], "values": [0.5]}}}\'',
        f"More ways: {url}/connect/",
        "",
        "Ctrl-C stops it.",
    ]
    return "\n".join(lines)
