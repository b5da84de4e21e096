"""`manage.py runserver`: migrate, say where, serve. One process."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import autoreload

from runs import purging
from trackerweb import startup
from trackerweb.server import Server, make_server, why_not
from webhooks import worker


class Command(BaseCommand):
    """Starts Trackerweb on this machine."""

    help = "Start Trackerweb: bring the database up to date and serve on 127.0.0.1:8000, or the address given."
    # They take as long as the rest of the start; `make check` and the tests run them.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The address, and reloading for those who change the code."""
        parser.add_argument("address", nargs="?", default=str(startup.DEFAULT_PORT), help="port or host:port")
        parser.add_argument("--reload", action="store_true", help="start anew when the code changes")

    def handle(self, *, address: str, reload: bool, **options: Any) -> None:
        """Serve until Ctrl-C or SIGTERM."""
        where = startup.Address.parse(address)
        if reload:
            autoreload.run_with_reloader(self.serve, where)
        else:
            self.serve(where)

    def serve(self, address: startup.Address) -> None:
        """Listen, prepare, greet and answer. Who knocks meanwhile waits; a taken port leaves the database alone."""
        try:
            server = make_server(address)
        except OSError as error:
            raise CommandError(why_not(error, address)) from None
        with server:
            self.stdout.write(startup.greeting(address.url, startup.prepare()))
            self.stdout.flush()
            purging.go_on()
            worker.start()
            self._answer(server)

    def _answer(self, server: Server) -> None:
        # Under --reload this is a second thread, and Django's reloader minds the signals.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
