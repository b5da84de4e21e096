"""Looks for runs that fell silent, and tells of each silence once."""

from functools import partial
from typing import Any

from django.db import connection
from django.db.models import F
from django.dispatch import receiver

from runs import telling
from runs.models import Run
from trackerweb import events
from trackerweb.transactions import write_transaction

#: How many are told of in one look; the others follow in the next.
A_LOOK = 100
#: A silence is known by the last sign of life before it. Whoever stores that first is the one that tells.
_NOTE = (
    "INSERT INTO runs_silence (run_id, since) VALUES (%s, %s) "
    "ON CONFLICT (run_id) DO UPDATE SET since = excluded.since WHERE runs_silence.since <> excluded.since"
)


@receiver(events.looking)
def tell_silences(**kwargs: Any) -> None:
    """Tell of each stale run whose silence nobody has told of."""
    silent = Run.objects.active().stale().exclude(silence__since=F("heartbeat_time")).select_related("experiment")
    for run in silent.order_by("pk")[:A_LOOK]:
        with write_transaction():
            if _is_news(run):
                events.tell("run.stale", partial(telling.told, run))


def _is_news(run: Run) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [run.pk, run.heartbeat_time])
        return cursor.rowcount == 1
