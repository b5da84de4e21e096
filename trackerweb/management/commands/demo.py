"""`manage.py demo`: log a real sweep to the running server."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from trackerweb import demo


class Command(BaseCommand):
    """Trains two dozen small networks, about a minute, and logs them as they learn; registers and serves the best."""

    help = "Train a scikit-learn sweep on handwritten digits, log it to the running server, and serve the best."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to log, and how much."""
        default = os.environ.get("TRACKER_URI") or "http://127.0.0.1:8000"
        parser.add_argument("--url", default=default, help="the server; TRACKER_URI, or port 8000 of this machine")
        parser.add_argument("--runs", type=int, default=None, help="stop after so many runs")

    def handle(self, *, url: str, runs: int | None, **options: Any) -> None:
        """Train, log and tell."""
        # The lines below tell of each run; the client need not.
        os.environ.setdefault("TRACKER_QUIET", "1")
        settings = demo.sweep()[:runs]
        self.stdout.write(f"Logging {len(settings)} runs to {url}. Watch them there as they learn.")
        try:
            trained = []
            for item in demo.run_sweep(url, settings):
                trained.append(item)
                self.stdout.write(f"{len(trained):3} of {len(settings)}  {item.setting.name}")
            best = demo.register_best(trained)
            self._serve(url, best)
        except demo.Unreachable as error:
            raise CommandError(f"{error} Start it first, with make run.") from None
        except ImportError as error:
            raise CommandError(f"{error.name} is missing. make demo installs it.") from None
        self.stdout.write(self.style.SUCCESS(f"Done. Open {url} and compare them."))

    def _serve(self, url: str, best: demo.Trained) -> None:
        self.stdout.write(f"The best, {best.setting.name}, is {demo.MODEL_URI} now. Serving it …")
        self.stdout.write(f"Asked what three images show, it answers {demo.ask_served(url)}. To serve it yourself:")
        serve = f".venv/bin/python -m tracker models serve -m {demo.MODEL_URI} -p 5001"
        self.stdout.write(f"  TRACKER_URI={url} {serve}")
