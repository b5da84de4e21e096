"""Addresses of runs and their series below /api/v1/."""

from django.urls import path

from runs.api import artifacts, views
from runs.api.logging import RunLog
from runs.api.trash import TrashPurge

urlpatterns = [
    path("runs/", views.RunList.as_view()),
    path("runs/<str:run_id>/", views.RunDetail.as_view()),
    path("runs/<str:run_id>/log/", RunLog.as_view()),
    path("runs/<str:run_id>/restore/", views.RunRestore.as_view()),
    path("runs/<str:run_id>/artifacts/", artifacts.ArtifactList.as_view()),
    path("runs/<str:run_id>/artifacts/<path:path>", artifacts.ArtifactDetail.as_view()),
    path("runs/<str:run_id>/artifacts.zip", artifacts.ArtifactArchive.as_view()),
    path("blobs/<str:sha256>/", artifacts.BlobDetail.as_view()),
    path("trash/purge/", TrashPurge.as_view()),
    path("metrics/", views.MetricSeries.as_view()),
]
