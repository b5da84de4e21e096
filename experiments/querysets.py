"""What many experiments can be asked."""

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any, Self, cast

from django.conf import settings
from django.db import IntegrityError, models

from trackerweb.clock import now_ms
from trackerweb.errors import AlreadyExists, InvalidValue, NotFound
from trackerweb.lifecycle import LifecycleStage
from trackerweb.prepared import Prepared
from trackerweb.transactions import write_transaction

MAX_NAME_LENGTH = 500
MAX_TAG_LENGTH = 250


@cache
def _by_key(model: Any) -> Prepared:
    return Prepared(lambda key: model.objects.filter(pk=key), 0)


class ExperimentQuerySet(models.QuerySet[Any]):
    """Experiments, chosen and counted."""

    def active(self) -> Self:
        """Those not in the trash."""
        return self.filter(lifecycle_stage=LifecycleStage.ACTIVE)

    def trashed(self) -> Self:
        """Those in the trash."""
        return self.filter(lifecycle_stage=LifecycleStage.DELETED)

    def kept(self) -> Self:
        """Those that are not being deleted for good: active or in the trash."""
        return self.exclude(lifecycle_stage=LifecycleStage.PURGING)

    def with_run_counts(self) -> Self:
        """Add run_count, running_count, failed_count and last_change (ms; None without runs) of the active runs.

        A run whose heartbeat stopped TRACKER_STALE_AFTER ago does not count as running.
        """
        active = models.Q(runs__lifecycle_stage=LifecycleStage.ACTIVE)
        silent = now_ms() - settings.TRACKER_STALE_AFTER_MS
        heard_of = models.Q(runs__has_heartbeat=False) | models.Q(runs__heartbeat_time__gte=silent)
        return self.annotate(
            run_count=models.Count("runs", filter=active),
            running_count=models.Count("runs", filter=active & heard_of & models.Q(runs__status="RUNNING")),
            failed_count=models.Count("runs", filter=active & models.Q(runs__status="FAILED")),
            last_change=models.Max("runs__heartbeat_time", filter=active),
        )

    def runs_started_since(self, time: int) -> "models.QuerySet[Any, tuple[int, int, int]]":
        """(experiment, day since 1970, runs started that day) for active runs started at `time` (ms) or later."""
        recent = self.filter(runs__lifecycle_stage=LifecycleStage.ACTIVE, runs__start_time__gte=time)
        by_day = recent.annotate(day=models.F("runs__start_time") / 86_400_000).values("pk", "day")
        return by_day.annotate(started=models.Count("runs")).values_list("pk", "day", "started")

    def ensure_default(self) -> None:
        """Make the experiment with id 0, where runs go that name none, unless it is there."""
        now = now_ms()
        if self.filter(pk=0).exists():
            return
        with write_transaction():
            self.get_or_create(pk=0, defaults={"name": "Default", "creation_time": now, "last_update_time": now})

    def by_id(self, experiment_id: int) -> Any:
        """The experiment, trashed or not.

        Errors: NotFound names the id.
        """
        experiment = _by_key(cast("Any", self.model)).first(experiment_id)
        if experiment is None or experiment.lifecycle_stage == LifecycleStage.PURGING:
            raise NotFound(f"No experiment {experiment_id}. It may have been deleted for good.", field="experiment_id")
        return experiment

    def named(self, name: str) -> Any | None:
        """The active experiment of that name, or None: a trashed one's name is free."""
        return self.active().filter(name=name).first()

    def add(self, name: str, **fields: Any) -> Any:
        """Store a new experiment.

        Errors: InvalidValue for a name that is empty or too long; AlreadyExists when an active one has it.
        """
        check_name(name)
        now = now_ms()
        try:
            with write_transaction():
                return self.create(name=name, creation_time=now, last_update_time=now, **fields)
        except IntegrityError:
            raise AlreadyExists(f"An experiment named {name!r} is there already.", field="name") from None

    def get_or_add(self, name: str) -> tuple[Any, bool]:
        """The active experiment of that name, made if there is none: (experiment, made).

        Two callers at once get the same one.
        """
        check_name(name)
        found = self.named(name)
        if found is not None:
            return found, False
        with write_transaction():
            found = self.named(name)
            return (found, False) if found is not None else (self.add(name), True)


@dataclass(frozen=True)
class AuditPage:
    """Entries, newest first, and the cursor of the page after; None for the last page."""

    entries: list[Any]
    next_cursor: int | None


class AuditQuerySet(models.QuerySet[Any]):
    """Entries of the audit trail."""

    def about(self, kind: str = "", object_id: str = "") -> Self:
        """Those on things of a kind, or on one thing; all for ""."""
        found = self.filter(kind=kind) if kind else self
        return found.filter(object_id=object_id) if object_id else found

    def page(self, kind: str, object_id: str, cursor: int | None, limit: int) -> AuditPage:
        """Up to `limit` entries from `cursor` on, newest first."""
        found = self.about(kind, object_id).order_by("-pk")
        entries = list((found if cursor is None else found.filter(pk__lte=cursor))[: limit + 1])
        return AuditPage(entries[:limit], entries[limit].pk if len(entries) > limit else None)


def check_name(name: str) -> None:
    """Refuse a name that can't be told from none, or that no page could show.

    Errors: InvalidValue.
    """
    if not name.strip():
        raise InvalidValue("An experiment needs a name.", field="name")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        raise InvalidValue("This name holds a control character. Remove it.", field="name")
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidValue(f"This name has {len(name)} characters. {MAX_NAME_LENGTH} are allowed.", field="name")


def check_tag(key: str) -> None:
    """Refuse a key that no page could show.

    Errors: InvalidValue.
    """
    if not key.strip() or not key.isprintable() or len(key) > MAX_TAG_LENGTH:
        raise InvalidValue(f"{key[:40]!r} is no tag: 1 to {MAX_TAG_LENGTH} characters that can be shown.", field="tags")
