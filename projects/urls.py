"""Addresses of the pages of projects."""

from django.urls import path

from projects import views

app_name = "projects"

urlpatterns = [
    path("projects/", views.listing, name="projects"),
    path("projects/start/", views.start, name="start"),
    path("projects/launches/<int:launch_id>/", views.launch, name="launch"),
    path("projects/launches/<int:launch_id>/log.txt", views.log, name="log"),
    path("projects/launches/<int:launch_id>/stop/", views.stop, name="stop"),
]
