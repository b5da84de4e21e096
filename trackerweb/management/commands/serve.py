"""`manage.py serve`: the same as runserver, on a production server with worker processes."""

import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import MPServer

from runs import purging
from trackerweb import startup
from trackerweb.pool import THREADS

#: A worker that has not answered its last requests by then is ended.
GRACE_SECONDS = 20


class Server(MPServer):
    """Granian, which a signal ends whenever it comes."""

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        """Wake the main thread from another one: it may hold the event's lock just now, and would wait for itself."""
        self.interrupt_signal = True
        threading.Thread(target=self.main_loop_interrupt.set).start()


class Command(BaseCommand):
    """Starts Trackerweb on granian."""

    help = "Serve with granian. On SQLite one worker is best; more need PostgreSQL."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The address and the number of processes."""
        parser.add_argument("address", nargs="?", default=str(startup.DEFAULT_PORT), help="port or host:port")
        parser.add_argument("--workers", type=int, default=1, help="worker processes")

    def handle(self, *, address: str, workers: int, **options: Any) -> None:
        """Serve until Ctrl-C or SIGTERM."""
        where = startup.Address.parse(address)
        self.stdout.write(startup.greeting(where.url, startup.prepare()))
        self.stdout.flush()
        purging.go_on()
        Server(
            "trackerweb.serving:application",
            address=where.host,
            port=where.port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=THREADS,
            log_level=LogLevels.warning,
            workers_kill_timeout=GRACE_SECONDS,
        ).serve()
