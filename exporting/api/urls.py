"""Addresses of exports on the native API."""

from django.urls import path

from exporting.api.views import ExperimentFile, MetricsFile, RunFile, RunsFile

urlpatterns = [
    path("export/runs.<str:kind>", RunsFile.as_view()),
    path("export/metrics.csv", MetricsFile.as_view()),
    path("export/experiments/<int:experiment_id>.zip", ExperimentFile.as_view()),
    path("export/runs/<str:run_id>.zip", RunFile.as_view()),
]
