"""Runs that somebody chose, behind a short address."""

import secrets
from collections.abc import Sequence
from typing import Any, Self

from django.db import models

from runs.models.run import Run
from trackerweb.clock import now_ms
from trackerweb.errors import NotFound
from trackerweb.transactions import write_transaction

KEPT_MS = 30 * 86_400_000


class Selection(models.Model):
    """A set of runs that is too large for an address. It is kept for 30 days."""

    token = models.CharField(max_length=22, unique=True)
    time = models.BigIntegerField(db_index=True)
    keys = models.JSONField()

    def __str__(self) -> str:
        return self.token

    @classmethod
    def keep(cls, runs: Sequence[Run]) -> Self:
        """Store a selection, and forget old ones."""
        now = now_ms()
        with write_transaction():
            cls.objects.filter(time__lt=now - KEPT_MS).delete()
            return cls.objects.create(token=secrets.token_urlsafe(12), time=now, keys=[run.pk for run in runs])

    @classmethod
    def by_token(cls, token: str) -> Self:
        """The selection behind an address.

        Errors: NotFound says how long it was kept.
        """
        found = cls.objects.filter(token=token).first()
        if found is None:
            raise NotFound("This selection is gone: it was kept for 30 days. Choose the runs again.", field="selection")
        return found

    @property
    def run_ids(self) -> list[str]:
        """The ids of its runs that are still there, in their order."""
        found: dict[int, str] = {}
        for start in range(0, len(self.keys), 10_000):
            some: Any = Run.objects.kept().filter(pk__in=self.keys[start : start + 10_000])
            found |= dict(some.values_list("pk", "run_id"))
        return [found[key] for key in self.keys if key in found]
