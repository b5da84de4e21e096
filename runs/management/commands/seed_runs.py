"""`manage.py seed_runs`: fill an experiment with made-up runs, to see and measure a full table."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from tqdm import tqdm

from experiments.models import Experiment
from runs.seeding import Size, seed
from trackerweb import startup


class Command(BaseCommand):
    """May run beside a live server: it writes a thousand runs at a time."""

    help = "Fill an experiment with made-up runs, to see and measure a full table."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where, and how much."""
        parser.add_argument("experiment", nargs="?", default="seeded", help="its name; made where it is not there")
        parser.add_argument("--runs", type=int, default=10_000)
        parser.add_argument("--params", type=int, default=20, help="of each run")
        parser.add_argument("--metrics", type=int, default=10, help="of each run")
        parser.add_argument("--tags", type=int, default=5, help="of each run")
        parser.add_argument("--points", type=int, default=1, help="of each metric")

    def handle(self, *, experiment: str, **options: Any) -> None:
        """Make them, and say where they are."""
        startup.ensure_database()
        made, _ = Experiment.objects.get_or_add(experiment)
        size = Size(**{name: options[name] for name in ("runs", "params", "metrics", "tags", "points")})
        with tqdm(total=size.runs, unit="run", disable=not sys.stderr.isatty()) as bar:
            seed(made, size, bar.update)
        self.stdout.write(f"{size.runs:,} runs are in {made.get_absolute_url()}.")
