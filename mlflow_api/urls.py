"""Every route of the protocol, each below the addresses that clients of all ages use."""

import re
from itertools import groupby
from operator import itemgetter

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, URLResolver, include, path, re_path

from mlflow_api import (
    artifacts,
    datasets,
    experiments,
    histories,
    logged_models,
    logging,
    model_versions,
    preview,
    registered_models,
    runs,
    server,
    uploads,
    webhooks,
)
from mlflow_api.endpoint import View, by_method
from mlflow_api.errors import unknown

Route = tuple[str, str, View]
Routes = list[Route]

#: (method, path below the addresses of `PREFIXES`, view)
ROUTES: Routes = [
    ("POST", "experiments/create", experiments.create),
    ("GET", "experiments/get", experiments.get),
    ("GET", "experiments/get-by-name", experiments.get_by_name),
    ("GET", "experiments/search", experiments.search),
    ("POST", "experiments/search", experiments.search),
    ("GET", "experiments/list", preview.list_experiments),
    ("POST", "experiments/update", experiments.update),
    ("POST", "experiments/delete", experiments.delete),
    ("POST", "experiments/restore", experiments.restore),
    ("POST", "experiments/set-experiment-tag", experiments.set_tag),
    ("POST", "experiments/delete-experiment-tag", experiments.delete_tag),
    ("POST", "experiments/search-datasets", datasets.search),
    ("POST", "runs/create", runs.create),
    ("GET", "runs/get", runs.get),
    ("POST", "runs/update", runs.update),
    ("POST", "runs/delete", runs.delete),
    ("POST", "runs/restore", runs.restore),
    ("POST", "runs/search", runs.search),
    ("POST", "runs/log-metric", logging.log_metric),
    ("POST", "runs/log-parameter", logging.log_param),
    ("POST", "runs/log-batch", logging.log_batch),
    ("POST", "runs/set-tag", logging.set_tag),
    ("POST", "runs/delete-tag", logging.delete_tag),
    ("POST", "runs/log-inputs", datasets.log_inputs),
    ("POST", "runs/outputs", logged_models.log_outputs),
    ("POST", "runs/log-model", logged_models.log_model),
    ("POST", "logged-models", logged_models.create),
    ("POST", "logged-models/search", logged_models.search),
    ("GET", "logged-models/<str:model_id>", logged_models.get),
    ("PATCH", "logged-models/<str:model_id>", logged_models.finalize),
    ("DELETE", "logged-models/<str:model_id>", logged_models.delete),
    ("POST", "logged-models/<str:model_id>/params", logged_models.log_params),
    ("PATCH", "logged-models/<str:model_id>/tags", logged_models.set_tags),
    ("DELETE", "logged-models/<str:model_id>/tags/<path:key>", logged_models.delete_tag),
    ("GET", "logged-models/<str:model_id>/artifacts/directories", logged_models.list_files),
    ("GET", "logged-models/<str:model_id>/artifacts/files", logged_models.get_file),
    ("POST", "registered-models/create", registered_models.create),
    ("GET", "registered-models/get", registered_models.get),
    ("PATCH", "registered-models/update", registered_models.update),
    ("POST", "registered-models/update", registered_models.update),
    ("POST", "registered-models/rename", registered_models.rename),
    ("DELETE", "registered-models/delete", registered_models.delete),
    ("GET", "registered-models/search", registered_models.search),
    ("GET", "registered-models/list", registered_models.search),
    ("POST", "registered-models/get-latest-versions", registered_models.latest_versions),
    ("GET", "registered-models/get-latest-versions", registered_models.latest_versions),
    ("POST", "registered-models/set-tag", registered_models.set_tag),
    ("DELETE", "registered-models/delete-tag", registered_models.delete_tag),
    ("POST", "registered-models/alias", registered_models.set_alias),
    ("DELETE", "registered-models/alias", registered_models.delete_alias),
    ("GET", "registered-models/alias", registered_models.get_by_alias),
    ("POST", "model-versions/create", model_versions.create),
    ("GET", "model-versions/get", model_versions.get),
    ("PATCH", "model-versions/update", model_versions.update),
    ("DELETE", "model-versions/delete", model_versions.delete),
    ("POST", "model-versions/transition-stage", model_versions.transition_stage),
    ("GET", "model-versions/search", model_versions.search),
    ("GET", "model-versions/get-download-uri", model_versions.download_uri),
    ("POST", "model-versions/set-tag", model_versions.set_tag),
    ("DELETE", "model-versions/delete-tag", model_versions.delete_tag),
    ("GET", "webhooks", webhooks.list_all),
    ("POST", "webhooks", webhooks.create),
    ("GET", "webhooks/<str:webhook_id>", webhooks.get),
    ("PATCH", "webhooks/<str:webhook_id>", webhooks.update),
    ("DELETE", "webhooks/<str:webhook_id>", webhooks.delete),
    ("POST", "webhooks/<str:webhook_id>/test", webhooks.test),
    ("GET", "artifacts/list", artifacts.list_of_run),
    ("POST", "artifacts/presigned-upload-url", uploads.presign),
    ("POST", "artifacts/presigned-download-url", uploads.presign),
    ("GET", "metrics/get-history", histories.get),
    ("GET", "metrics/get-history-bulk", histories.get_bulk),
    ("GET", "metrics/get-history-bulk-interval", histories.get_bulk_interval),
]

#: The same that are answered otherwise to clients before 1.0.
PREVIEW_ROUTES: Routes = [
    ("GET", "experiments/list", preview.list_experiments),
    ("GET", "experiments/get", preview.get_experiment),
    ("POST", "runs/create", preview.create_run),
    ("GET", "runs/get", preview.get_run),
    ("POST", "runs/update", preview.update_run),
    ("POST", "runs/log-metric", preview.log_metric),
    ("GET", "runs/search", preview.search_runs),
    ("POST", "runs/search", preview.search_runs),
    ("GET", "metrics/get", preview.get_metric),
    ("GET", "metrics/get-history", preview.get_history),
    ("GET", "params/get", preview.get_param),
    ("GET", "artifacts/get", artifacts.get),
]

PREVIEW_PREFIXES = ("api/2.0/preview/mlflow/", "ajax-api/2.0/preview/mlflow/")
PREFIXES = ("api/2.0/mlflow/", "ajax-api/2.0/mlflow/", *PREVIEW_PREFIXES)

#: The same of the proxy, which is no part of `mlflow/`.
PROXY_ROUTES: Routes = [
    ("GET", "artifacts", artifacts.list_proxied),
    ("GET", "artifacts/<path:path>", artifacts.get_proxied),
    ("PUT", "artifacts/<path:path>", artifacts.put_proxied),
    ("DELETE", "artifacts/<path:path>", artifacts.delete_proxied),
    ("POST", "mpu/create/<path:folder>", uploads.create),
    ("PUT", "mpu/parts/<str:upload_id>/<int:number>", uploads.put_part),
    ("POST", "mpu/complete/<path:folder>", uploads.complete),
    ("POST", "mpu/abort/<path:folder>", uploads.abort),
    ("GET", "presigned/<path:path>", uploads.presigned),
]

PROXY_PREFIXES = ("api/2.0/mlflow-artifacts/", "ajax-api/2.0/mlflow-artifacts/")

#: The same, below the root.
ROOT_ROUTES: Routes = [
    ("GET", "health", server.health),
    ("GET", "version", server.version),
    ("GET", "get-artifact", artifacts.get),
    ("GET", "model-versions/get-artifact", model_versions.get_file),
    ("POST", "ajax-api/2.0/mlflow/upload-artifact", artifacts.upload),
    ("GET", "api/3.0/mlflow/server-info", server.info),
    ("GET", "ajax-api/3.0/mlflow/server-info", server.info),
]


def _patterns(routes: Routes, prefix: str) -> list[URLPattern | URLResolver]:
    """A pattern for all addresses that are plain words, looked up in a table; and one for each that holds something."""
    views = {address: by_method({method: view for method, _, view in verbs}) for address, verbs in _by_address(routes)}
    plain = {address: view for address, view in views.items() if "<" not in address}
    held = [path(address, view) for address, view in views.items() if "<" in address]

    def table(request: HttpRequest, address: str) -> HttpResponseBase:
        return plain[address](request)

    table.csrf_exempt = True  # type: ignore[attr-defined]
    words = "|".join(map(re.escape, sorted(plain, key=len, reverse=True)))
    return [re_path(rf"^{re.escape(prefix)}(?P<address>{words})\Z", table), path(prefix, include(held))]


def _by_address(routes: Routes) -> "groupby[str, Route]":
    return groupby(sorted(routes, key=itemgetter(1)), key=itemgetter(1))


urlpatterns = [
    *(pattern for prefix in PREVIEW_PREFIXES for pattern in _patterns(PREVIEW_ROUTES, prefix)),
    *(pattern for prefix in PREFIXES for pattern in _patterns(ROUTES, prefix)),
    *(pattern for prefix in PROXY_PREFIXES for pattern in _patterns(PROXY_ROUTES, prefix)),
    *_patterns(ROOT_ROUTES, ""),
    re_path(r"^(?:ajax-)?api/[23]\.0/", unknown),
]
