"""What the pages of models change."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from registry import registering
from registry.models import LoggedModel, ModelAlias, ModelVersion, RegisteredModel, Stage
from registry.names import number_of
from registry.trash import purge_logged, purge_registered
from registry.views import registered, version_of
from trackerweb.errors import AlreadyExists, Conflict, InvalidValue
from trackerweb.forms import plain_text, refuse_nul
from trackerweb.transactions import write_transaction


@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """Make a registered model and open it; open the one that has the name."""
    refuse_nul(request.POST)
    name = plain_text(request.POST.get("name", ""))
    try:
        made = RegisteredModel.objects.add(name, description=plain_text(request.POST.get("description", "")))
    except AlreadyExists:
        made = RegisteredModel.objects.named(name)
        messages.info(request, f"{name} is there already.")
    except InvalidValue as error:
        messages.error(request, error.message)
        return redirect("registry:models")
    return redirect(made)


@require_POST
def edit(request: HttpRequest, model_pk: int) -> HttpResponse:
    """Rename it, describe it, tag it."""
    form, model = request.POST, registered(model_pk)
    refuse_nul(form)
    with write_transaction():
        if "name" in form:
            model.rename(plain_text(form["name"]))
        if "description" in form:
            model.change(description=plain_text(form["description"]))
        _edit_tags(model, request)
    return redirect(model)


def _edit_tags(thing: RegisteredModel | ModelVersion, request: HttpRequest) -> None:
    form = request.POST
    if form.get("tag"):
        thing.set_tags({plain_text(form["tag"]): plain_text(form.get("value", ""))})
    if form.get("remove_tag"):
        thing.delete_tag(form["remove_tag"])


@require_POST
def trash(request: HttpRequest, model_pk: int) -> HttpResponse:
    """Move it to the trash; its page says so and brings it back."""
    model = registered(model_pk)
    model.trash()
    return redirect(model)


@require_POST
def restore(request: HttpRequest, model_pk: int) -> HttpResponse:
    """Take it out of the trash."""
    model = registered(model_pk)
    try:
        model.restore()
    except AlreadyExists as error:
        messages.error(request, error.message)
    return redirect(model)


@require_POST
def purge(request: HttpRequest, model_pk: int) -> HttpResponse:
    """Delete a registered model of the trash for good."""
    model = registered(model_pk)
    purge_registered(model)
    messages.success(request, f"{model.name} is gone for good.")
    return redirect("registry:trash-page")


@require_POST
def purge_logged_model(request: HttpRequest, model_id: str) -> HttpResponse:
    """Delete a logged model of the trash for good, with its files."""
    model = LoggedModel.objects.by_id(model_id)
    try:
        purge_logged(model)
        messages.success(request, f"{model.name} is gone for good.")
    except Conflict as error:
        messages.error(request, error.message)
    return redirect("registry:trash-page")


@require_POST
def move_alias(request: HttpRequest, model_pk: int) -> HttpResponse:
    """Lead an alias to a version; to none, to take it away."""
    form, model = request.POST, registered(model_pk)
    alias, number = plain_text(form.get("alias", "")).removeprefix("@"), form.get("version", "")
    if number:
        version = ModelVersion.objects.numbered(model.name, number_of(number))
        ModelAlias.point(alias, version)
        messages.success(request, f"@{alias} leads to version {version.version}.")
    else:
        ModelAlias.named(model, alias).take_away()
        messages.success(request, f"@{alias} is gone. Its history stays.")
    return redirect((form.get("next") == "version" and number and version) or model)


@require_POST
def edit_version(request: HttpRequest, model_pk: int, number: int) -> HttpResponse:
    """Describe a version, say its stage, tag it."""
    form, version = request.POST, version_of(model_pk, number)
    refuse_nul(form)
    with write_transaction():
        if "description" in form:
            version.change(description=plain_text(form["description"]))
        if "stage" in form:
            version.move_to_stage(Stage.said(form["stage"]), archive_others="archive" in form)
        _edit_tags(version, request)
    return redirect(version)


@require_POST
def trash_version(request: HttpRequest, model_pk: int, number: int) -> HttpResponse:
    """Move a version to the trash; its page says so and brings it back."""
    version = version_of(model_pk, number)
    version.trash()
    return redirect(version)


@require_POST
def restore_version(request: HttpRequest, model_pk: int, number: int) -> HttpResponse:
    """Take a version out of the trash."""
    version = version_of(model_pk, number)
    version.restore()
    return redirect(version)


@require_POST
def register(request: HttpRequest, model_id: str) -> HttpResponse:
    """Make a logged model a version of a registered one, which is made if it is not there."""
    refuse_nul(request.POST)
    alias = plain_text(request.POST.get("alias", "")).removeprefix("@")
    model, name = LoggedModel.objects.by_id(model_id), plain_text(request.POST.get("name", ""))
    try:
        with write_transaction():
            version = registering.register_model(name, model)
            if alias:
                ModelAlias.point(alias, version)
    except InvalidValue as error:
        messages.error(request, error.message)
        return redirect(model)
    messages.success(request, f"It is {version} now.")
    return redirect(version)


@require_POST
def trash_logged(request: HttpRequest, model_id: str) -> HttpResponse:
    """Move a logged model to the trash; its page says so and brings it back."""
    LoggedModel.objects.by_id(model_id).trash()
    return redirect("registry:logged-model", model_id)


@require_POST
def restore_logged(request: HttpRequest, model_id: str) -> HttpResponse:
    """Take a logged model out of the trash."""
    LoggedModel.objects.by_id(model_id).restore()
    return redirect("registry:logged-model", model_id)
