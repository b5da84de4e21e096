"""Addresses of the pages of models."""

from django.urls import path

from registry import run_models

app_name = "registry"

urlpatterns = [
    path("runs/<str:run_id>/models/", run_models.run_models, name="run-models"),
]
