"""Pages of webhooks: the list, the form, one with its deliveries."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trackerweb.errors import InvalidValue, TrackerError
from trackerweb.forms import refuse_nul
from webhooks import editing, queue
from webhooks.models import DeliveryState, Webhook, WebhookDelivery, WebhookStatus
from webhooks.pages import STATES, DeliveryRow, WebhookForm, rows

DELIVERIES_A_PAGE = 50

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def webhooks(request: HttpRequest) -> HttpResponse:
    """All webhooks, each with what its last delivery came to."""
    return render(request, "webhooks/webhooks.html", {"rows": rows()})


@form_page
def add(request: HttpRequest) -> HttpResponse:
    """Ask for a new webhook, and make it."""
    if request.method != "POST":
        return render(request, "webhooks/form.html", {"form": WebhookForm(events=["run.failed", "run.stale"])})
    refuse_nul(request.POST.dict())
    form = WebhookForm.sent(request.POST)
    try:
        webhook = editing.create(wanted=form.events, **form.fields(request.POST.dict()))
    except InvalidValue as error:
        return _again(request, form, error, None)
    messages.success(request, f"{webhook.name} is told from now on. Send it a test to see that it listens.")
    return redirect(webhook)


@form_page
def edit(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Show what a webhook is, and change it."""
    webhook = Webhook.objects.by_id(webhook_id)
    if request.method != "POST":
        return render(request, "webhooks/form.html", {"form": WebhookForm.of(webhook), "webhook": webhook})
    refuse_nul(request.POST.dict())
    form = WebhookForm.sent(request.POST)
    form.is_signed = webhook.is_signed
    try:
        editing.change(webhook, form.events, **form.fields(request.POST.dict()))
    except InvalidValue as error:
        return _again(request, form, error, webhook)
    messages.success(request, "Saved.")
    return redirect(webhook)


def _again(request: HttpRequest, form: WebhookForm, error: TrackerError, webhook: Webhook | None) -> HttpResponse:
    """The form as it was filled in, and what is wrong with it."""
    form.mistake = error.message
    context = {"form": form, "webhook": webhook, "mistaken": error.field}
    return render(request, "webhooks/form.html", context, status=error.status)


@require_safe
def show(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """A webhook with its deliveries and their answers, of one state if the address names it."""
    webhook = Webhook.objects.by_id(webhook_id)
    state = request.GET.get("state", "")
    found = webhook.deliveries.order_by("-pk")
    chosen = found.filter(state=state) if state in DeliveryState.values else found
    page = Paginator(chosen, DELIVERIES_A_PAGE).get_page(request.GET.get("page"))
    counts = {value: found.filter(state=value).count() for value in STATES}
    context = {
        "webhook": webhook,
        "page": page,
        "deliveries": [DeliveryRow(delivery) for delivery in page],
        "state": state,
        "tabs": [(value, STATES[value][0], count) for value, count in counts.items()],
        "total": sum(counts.values()),
    }
    return render(request, "webhooks/webhook.html", context)


@require_POST
def set_status(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Disable a webhook, or make it active again."""
    webhook = Webhook.objects.by_id(webhook_id)
    editing.change(webhook, status=request.POST.get("status", ""))
    said = "is told again" if webhook.status == WebhookStatus.ACTIVE else "is disabled. What waits for it stays"
    messages.success(request, f"{webhook.name} {said}.")
    return redirect(webhook)


@require_POST
def test(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Send an example, and tell what came of it."""
    webhook = Webhook.objects.by_id(webhook_id)
    row = DeliveryRow(queue.send_test(webhook, request.POST.get("event") or None)[0])
    if row.delivery.state == DeliveryState.DELIVERED:
        messages.success(request, f"The test arrived: {row.answer}, after {row.delivery.duration_ms} ms.")
    else:
        messages.warning(request, f"The test did not arrive: {row.delivery.error or row.answer}")
    return redirect(webhook)


@form_page
def delete(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Ask once more, then delete a webhook."""
    webhook = Webhook.objects.by_id(webhook_id)
    if request.method == "POST":
        editing.delete(webhook)
        messages.success(request, f"Deleted {webhook.name}.")
        return redirect("webhooks:webhooks")
    return render(request, "webhooks/delete.html", {"webhook": webhook, "count": webhook.deliveries.count()})


@require_POST
def deliver_again(request: HttpRequest, webhook_id: str, delivery_id: str) -> HttpResponse:
    """Put a delivery into the queue again."""
    delivery = WebhookDelivery.objects.by_id(webhook_id, delivery_id)
    queue.put_again(delivery)
    messages.success(request, f"{delivery.event} is on its way again, with the same id and the same bytes.")
    return redirect(delivery.webhook)
