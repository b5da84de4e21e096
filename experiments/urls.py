"""Addresses of the experiments' pages."""

from django.urls import path

from experiments import views

app_name = "experiments"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("experiments/new/", views.create, name="create"),
]
