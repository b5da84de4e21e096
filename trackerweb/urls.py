"""Every address of Trackerweb."""

from django.contrib import admin
from django.urls import include, path

from trackerweb.assets import asset
from trackerweb.connect import connect

handler400 = "trackerweb.errors.bad_request"
handler404 = "trackerweb.errors.not_found"
handler500 = "trackerweb.errors.server_error"

urlpatterns = [
    # What training scripts ask hundreds of times a second comes first.
    path("", include("mlflow_api.urls")),
    path("api/v1/", include("experiments.api.urls")),
    path("api/v1/", include("runs.api.urls")),
    path("api/v1/", include("registry.api.urls")),
    path("api/v1/", include("importing.api.urls")),
    path("api/v1/", include("exporting.api.urls")),
    path("api/v1/", include("webhooks.api.urls")),
    path("api/", include("trackerweb.api_docs")),
    path("admin/", admin.site.urls),
    path("assets/<str:digest>/<str:name>", asset),
    path("connect/", connect, name="connect"),
    path("", include("experiments.urls")),
    path("", include("runs.urls")),
    path("", include("registry.urls")),
    path("", include("importing.urls")),
    path("", include("exporting.urls")),
    path("", include("projects.urls")),
    path("", include("webhooks.urls")),
]
