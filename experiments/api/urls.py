"""Addresses of experiments below /api/v1/."""

from django.urls import path

from experiments.api import views

urlpatterns = [
    path("experiments/", views.ExperimentList.as_view()),
    path("experiments/by-name/<path:name>/", views.ExperimentByName.as_view()),
    path("experiments/<int:experiment_id>/", views.ExperimentDetail.as_view()),
    path("experiments/<int:experiment_id>/restore/", views.ExperimentRestore.as_view()),
    path("experiments/<int:experiment_id>/tags/<path:key>/", views.ExperimentTagDetail.as_view()),
    path("audit/", views.AuditList.as_view()),
]
