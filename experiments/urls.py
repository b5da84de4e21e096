"""Addresses of the experiments' pages."""

from django.urls import path

from experiments import views

app_name = "experiments"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("experiments/new/", views.create, name="create"),
    path("experiments/<int:experiment_id>/edit/", views.edit, name="edit"),
    path("experiments/<int:experiment_id>/trash/", views.trash, name="trash"),
    path("experiments/<int:experiment_id>/restore/", views.restore, name="restore"),
    path("history/", views.history, name="history"),
]
