"""The admin as the clean-up desk: its site, what all its lists share, and actions that ask before they act."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Max, QuerySet
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from trackerweb.errors import TrackerError

#: Things that a question names; the others are counted.
NAMED = 20


class CleanUpSite(admin.AdminSite):
    """Django's admin under our name. In local mode nobody logs in or out, so there are no pages for that."""

    site_header = "Trackerweb: clean up"
    site_title = "Trackerweb"
    index_title = "Clean up"
    site_url = "/"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """List a model, but for users and groups: in local mode there is one owner."""
        models: list[Any] = [model_or_iterable] if isinstance(model_or_iterable, ModelBase) else list(model_or_iterable)
        ours = [model for model in models if model._meta.app_label != "auth"]
        super().register(ours, admin_class, **options)

    def get_urls(self) -> list[Any]:
        """All but what is about passwords and sessions."""
        useless = {"login", "logout", "password_change", "password_change_done"}
        return [item for item in super().get_urls() if getattr(item, "name", None) not in useless]


class Desk(admin.ModelAdmin):
    """What all lists share. Rows are logged by scripts and deleted by our verbs, which keep the audit trail: nothing is
    added here, and nothing goes by Django's own delete, which would load a run's every row first.
    """

    list_per_page = 100
    show_full_result_count = False
    actions_selection_counter = True
    #: What AuditEntry calls these; "" for what has no history.
    audit_kind = ""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Scripts add rows."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Actions delete."""
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """No regular expressions from an address: one can run for hours."""
        return "regex" not in lookup and super().lookup_allowed(lookup, value, request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list; what no list can be made of, such as an id that is none, leads to the whole of it."""
        try:
            return super().changelist_view(request, extra_context)
        except (ValueError, OverflowError):
            messages.error(request, "That could not be read. Here is the whole list.")
            return redirect(request.path)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The verbs leave audit entries; a second log would tell half of it."""

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The audit trail of the thing."""
        thing = self.get_object(request, object_id)
        about = {"kind": self.audit_kind, "object": getattr(thing, "audit_id", object_id)} if self.audit_kind else {}
        return redirect(f"/history/?{urlencode(about)}")


class ReadOnlyDesk(Desk):
    """A list to look at."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody edits these."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Everybody here may look."""
        return True


@dataclass(frozen=True)
class Look:
    """What an action would do: figures by label, the first names, and what it leaves alone with the reason."""

    figures: dict[str, Any]
    names: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    is_empty: bool = False


class Asked:
    """An action that shows what it would do, and does it once that is confirmed.

    `look(rows)` tells, `act(rows, answers)` does and returns what to tell; `answers` are those of `form`. What is
    final can't be taken back, and is said to be. Rows that
    come after the question was asked are not meant by it.
    """

    def __init__(
        self,
        name: str,
        description: str,
        look: "Callable[[QuerySet[Any]], Look]",
        act: "Callable[[QuerySet[Any], dict[str, Any]], str]",
        form: type[forms.Form] = forms.Form,
        is_final: bool = False,
    ) -> None:
        self.__name__, self.short_description = name, description
        self.look, self.act, self.form, self.is_final = look, act, form, is_final

    def __call__(self, desk: Desk, request: HttpRequest, rows: "QuerySet[Any]") -> HttpResponse | None:
        """Ask, or do what was confirmed. None leads back to the list."""
        upto = _upto(request, rows)
        rows = rows.order_by().filter(pk__lte=upto)
        is_confirmed = "confirm" in request.POST
        form = self.form(request.POST if is_confirmed else None)
        if not (is_confirmed and form.is_valid()):
            return self._ask(desk, request, rows, form, upto)
        try:
            messages.success(request, self.act(rows, form.cleaned_data))
        except TrackerError as error:
            messages.error(request, f"{error.message} Nothing was changed by this step.")
        return None

    def _ask(
        self, desk: Desk, request: HttpRequest, rows: "QuerySet[Any]", form: forms.Form, upto: int
    ) -> HttpResponse:
        context = desk.admin_site.each_context(request) | {
            "title": self.short_description.rstrip("…"),
            "look": self.look(rows),
            "form": form,
            "is_final": self.is_final,
            "upto": upto,
            "opts": desk.model._meta,
            "action": self.__name__,
            "across": request.POST.get("select_across", "0"),
            "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/asked.html", context)


def _upto(request: HttpRequest, rows: "QuerySet[Any]") -> int:
    """The newest row that the question is about."""
    told = request.POST.get("upto", "")
    if told.isascii() and told.isdigit() and len(told) < 19:
        return int(told)
    return rows.order_by().aggregate(newest=Max("pk"))["newest"] or 0
