"""Addresses of the pages of runs."""

from django.urls import path

from runs import (
    artifact_views,
    comparison_views,
    correction_views,
    disk_views,
    selection_views,
    table_views,
    trash_views,
    views,
)

app_name = "runs"

urlpatterns = [
    path("experiments/<int:experiment_id>/", table_views.run_table, name="table"),
    path("experiments/<int:experiment_id>/rows/", table_views.rows),
    path("experiments/<int:experiment_id>/keys/", table_views.keys),
    path("experiments/<int:experiment_id>/table.md", table_views.markdown),
    path("search/", table_views.search, name="search"),
    path("search/rows/", table_views.rows),
    path("search/keys/", table_views.keys),
    path("search/table.md", table_views.markdown),
    path("search/help/", table_views.search_help, name="search-help"),
    path("views/", table_views.save_view, name="save-view"),
    path("views/<int:view_id>/delete/", table_views.delete_view, name="delete-view"),
    path("selection/", selection_views.selection, name="selection"),
    path("runs/<str:run_id>/", views.run, name="run"),
    path("runs/<str:run_id>/live/", views.live, name="live"),
    path("runs/<str:run_id>/edit/", views.edit, name="edit"),
    path("runs/<str:run_id>/trash/", views.trash, name="trash"),
    path("runs/<str:run_id>/restore/", views.restore, name="restore"),
    path("runs/<str:run_id>/artifacts/", artifact_views.artifacts, name="artifacts"),
    path("runs/<str:run_id>/artifacts/delete/", artifact_views.delete_artifact, name="delete-artifact"),
    path("preview/<str:run_id>/<path:path>", artifact_views.preview, name="preview"),
    path("runs/<str:run_id>/move/", correction_views.move, name="move"),
    path("runs/<str:run_id>/copy/", correction_views.copy, name="copy"),
    path("runs/<str:run_id>/params/correct/", correction_views.correct_param, name="correct-param"),
    path("runs/<str:run_id>/params/delete/", correction_views.delete_param, name="delete-param"),
    path("runs/<str:run_id>/metrics/cut/", correction_views.cut_metric, name="cut-metric"),
    path("runs/<str:run_id>/metrics/delete/", correction_views.delete_metric, name="delete-metric"),
    path("disk/", disk_views.disk, name="disk"),
    path("trash/", trash_views.trash, name="trash-page"),
    path("trash/restore/", trash_views.restore, name="trash-restore"),
    path("trash/purge/", trash_views.purge, name="trash-purge"),
    path("compare/", comparison_views.compare, name="compare"),
    path("compare/live/", comparison_views.live, name="compare-live"),
]
