"""Addresses of the pages of models."""

from django.urls import path

from registry import editing_views, run_models, views

app_name = "registry"
MODEL = "models/<int:model_pk>/"
VERSION = f"{MODEL}versions/<int:number>/"
LOGGED = "logged-models/<str:model_id>/"

urlpatterns = [
    path("models/", views.models, name="models"),
    path("models/new/", editing_views.create, name="create"),
    path("models/logged/", views.logged_models, name="logged-models"),
    path("models/trash/", views.trash, name="trash-page"),
    path("models/named/", views.named, name="named"),
    path(MODEL, views.model, name="model"),
    path(f"{MODEL}compare/", views.compare, name="compare"),
    path(f"{MODEL}edit/", editing_views.edit, name="edit"),
    path(f"{MODEL}aliases/", editing_views.move_alias, name="move-alias"),
    path(f"{MODEL}trash/", editing_views.trash, name="trash"),
    path(f"{MODEL}restore/", editing_views.restore, name="restore"),
    path(f"{MODEL}purge/", editing_views.purge, name="purge"),
    path(VERSION, views.version, name="version"),
    path(f"{VERSION}card.md", views.card, name="card"),
    path(f"{VERSION}edit/", editing_views.edit_version, name="edit-version"),
    path(f"{VERSION}trash/", editing_views.trash_version, name="trash-version"),
    path(f"{VERSION}restore/", editing_views.restore_version, name="restore-version"),
    path(LOGGED, views.logged_model, name="logged-model"),
    path(f"{LOGGED}register/", editing_views.register, name="register"),
    path(f"{LOGGED}trash/", editing_views.trash_logged, name="trash-logged"),
    path(f"{LOGGED}restore/", editing_views.restore_logged, name="restore-logged"),
    path(f"{LOGGED}purge/", editing_views.purge_logged_model, name="purge-logged"),
    path("runs/<str:run_id>/models/", run_models.run_models, name="run-models"),
]
