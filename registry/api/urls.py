"""Addresses of models, registered models and versions below /api/v1/."""

from django.urls import path

from registry.api import models, registered

VERSION = "registered-models/<str:name>/versions/<int:version>/"

urlpatterns = [
    path("models/", models.ModelList.as_view()),
    path("models/<str:model_id>/", models.ModelDetail.as_view()),
    path("models/<str:model_id>/restore/", models.ModelRestore.as_view()),
    path("models/<str:model_id>/artifacts/", models.ModelFiles.as_view()),
    path("models/<str:model_id>/artifacts/<path:path>", models.ModelFileDetail.as_view()),
    path("registered-models/", registered.RegisteredModelList.as_view()),
    path("registered-models/<str:name>/", registered.RegisteredModelDetail.as_view()),
    path("registered-models/<str:name>/latest/", registered.LatestVersion.as_view()),
    path("registered-models/<str:name>/versions/", registered.VersionList.as_view()),
    path("registered-models/<str:name>/versions/of/<str:model_id>/", registered.VersionOfModel.as_view()),
    path(VERSION, registered.VersionDetail.as_view()),
    path(f"{VERSION}artifacts/", registered.VersionFiles.as_view()),
    path(f"{VERSION}artifacts/<path:path>", registered.VersionFileDetail.as_view()),
    path("registered-models/<str:name>/aliases/<str:alias>/", registered.AliasDetail.as_view()),
    path("registered-models/<str:name>/alias-moves/", registered.AliasMoves.as_view()),
]
