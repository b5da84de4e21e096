"""Pages of models: to look at. registry/editing_views.py changes things."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from registry.card import card_of
from registry.contents import Contents
from registry.models import LoggedModel, ModelVersion, RegisteredModel, Stage
from registry.pages.comparison import VersionComparison
from registry.pages.logged_list import LoggedList
from registry.pages.model_list import ModelList
from registry.pages.model_page import ModelPage
from registry.pages.snippets import Snippets
from registry.pages.version_page import LoggedModelPage, VersionPage
from registry.trash import ModelTrash
from trackerweb.errors import InvalidValue, NotFound


@require_safe
def models(request: HttpRequest) -> HttpResponse:
    """All registered models."""
    query = request.GET
    page = ModelList(query.get("q", ""), query.get("sort", "changed"), query.get("page"), query.getlist("open"))
    return render(request, "registry/models.html", {"page": page})


@require_safe
def logged_models(request: HttpRequest) -> HttpResponse:
    """Models that runs gave out, registered or not."""
    page = LoggedList(request.GET.get("q", ""), request.GET.get("cursor"))
    return render(request, "registry/logged_models.html", {"page": page})


@require_safe
def named(request: HttpRequest) -> HttpResponse:
    """Lead from a name, and maybe a version, to its page: what addresses of MLflow's pages say."""
    model = RegisteredModel.objects.named(request.GET.get("name", ""))
    number = request.GET.get("version", "")
    return redirect(version_of(model.pk, _number(number)) if number else model)


@require_safe
def model(request: HttpRequest, model_pk: int) -> HttpResponse:
    """A registered model: its versions, and where its aliases lead and led."""
    page = ModelPage(registered(model_pk), request.GET.get("page"))
    return render(
        request, "registry/model.html", {"page": page, "snippets": _snippets(request, page.uri, page.contents)}
    )


@require_safe
def version(request: HttpRequest, model_pk: int, number: int) -> HttpResponse:
    """A version: figures, params, signature, files, card, and the lines that load and serve it."""
    page = VersionPage(version_of(model_pk, number))
    snippets = _snippets(request, page.uri, page.contents)
    context = {"page": page, "card": card_of(page), "stages": Stage.values, "snippets": snippets}
    return render(request, "registry/version.html", context)


@require_safe
def card(request: HttpRequest, model_pk: int, number: int) -> HttpResponse:
    """The card of a version as a file of Markdown."""
    found = version_of(model_pk, number)
    response = HttpResponse(card_of(VersionPage(found)), content_type="text/markdown; charset=utf-8")
    name = f"{found.registered_model.name}-v{found.version}.md"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


@require_safe
def compare(request: HttpRequest, model_pk: int) -> HttpResponse:
    """Versions side by side, the oldest first; the two newest where none are chosen."""
    home = registered(model_pk)
    numbers = [_number(text) for text in request.GET.getlist("v")]
    versions = home.versions.active().with_all().order_by("-version")
    chosen = {item.version: item for item in versions.filter(version__in=numbers)} if numbers else {}
    missing = next((number for number in numbers if number not in chosen), None)
    if missing is not None:
        raise NotFound(f"{home.name!r} has no version {missing}.", field="v")
    compared = [chosen[number] for number in sorted(set(numbers))] or list(versions[:2])[::-1]
    others = versions.exclude(version__in=[version.version for version in compared])[:50]
    comparison = VersionComparison(compared, only_different="diff" in request.GET)
    return render(request, "registry/compare.html", {"model": home, "comparison": comparison, "others": others})


@require_safe
def logged_model(request: HttpRequest, model_id: str) -> HttpResponse:
    """A model that a run gave out."""
    page = LoggedModelPage(LoggedModel.objects.by_id(model_id))
    names = RegisteredModel.objects.active().order_by("name").values_list("name", flat=True)[:200]
    context = {"page": page, "names": names, "snippets": _snippets(request, page.uri, page.contents)}
    return render(request, "registry/logged_model.html", context)


@require_safe
def trash(request: HttpRequest) -> HttpResponse:
    """Models, versions and registered models that were thrown away."""
    return render(request, "registry/trash.html", {"trash": ModelTrash()})


def _snippets(request: HttpRequest, uri: str, contents: Contents | None = None) -> Snippets:
    return Snippets(uri, request.build_absolute_uri("/").rstrip("/"), contents)


def registered(model_pk: int) -> RegisteredModel:
    """The registered model of an address, trashed or not.

    Errors: NotFound.
    """
    found = RegisteredModel.objects.filter(pk=model_pk).first()
    if found is None:
        raise NotFound(f"No registered model {model_pk}. It may have been deleted for good.")
    return found


def version_of(model_pk: int, number: int) -> ModelVersion:
    """The version of an address, trashed or not."""
    home = registered(model_pk)
    found = home.versions.with_all().filter(version=number).first()
    if found is None:
        raise NotFound(f"{home.name!r} has no version {number}.", field="version")
    return found


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise InvalidValue(f"v={text[:40]!r} is no number of a version.", field="v")
    return int(text)
