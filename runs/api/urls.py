"""Addresses of runs and their series below /api/v1/."""

from django.urls import path

from runs.api import views
from runs.api.logging import RunLog

urlpatterns = [
    path("runs/", views.RunList.as_view()),
    path("runs/<str:run_id>/", views.RunDetail.as_view()),
    path("runs/<str:run_id>/log/", RunLog.as_view()),
    path("runs/<str:run_id>/restore/", views.RunRestore.as_view()),
    path("metrics/", views.MetricSeries.as_view()),
]
