"""Addresses of runs and their series below /api/v1/."""

from django.urls import path

from runs.api import artifacts, corrections, series, views
from runs.api.logging import RunLog
from runs.api.trash import TrashPurge

urlpatterns = [
    path("runs/", views.RunList.as_view()),
    path("runs/<str:run_id>/", views.RunDetail.as_view()),
    path("runs/<str:run_id>/log/", RunLog.as_view()),
    path("runs/<str:run_id>/restore/", views.RunRestore.as_view()),
    path("runs/<str:run_id>/move/", corrections.RunMove.as_view()),
    path("runs/<str:run_id>/copy/", corrections.RunCopy.as_view()),
    path("runs/<str:run_id>/params/<path:key>/", corrections.ParamDetail.as_view()),
    path("runs/<str:run_id>/tags/<path:key>/", corrections.TagDetail.as_view()),
    path("runs/<str:run_id>/metrics/<path:key>/", corrections.MetricDetail.as_view()),
    # Not below runs/: there, `move` would be the id of a run.
    path("bulk/runs/move/", corrections.BulkMoveRuns.as_view()),
    path("bulk/runs/trash/", corrections.BulkTrashRuns.as_view()),
    path("bulk/runs/restore/", corrections.BulkRestoreRuns.as_view()),
    path("runs/<str:run_id>/artifacts/", artifacts.ArtifactList.as_view()),
    path("runs/<str:run_id>/artifacts/<path:path>", artifacts.ArtifactDetail.as_view()),
    path("runs/<str:run_id>/artifacts.zip", artifacts.ArtifactArchive.as_view()),
    path("blobs/<str:sha256>/", artifacts.BlobDetail.as_view()),
    path("trash/purge/", TrashPurge.as_view()),
    path("metrics/", series.MetricSeries.as_view()),
]
