"""Every route of the protocol, each below the addresses that clients of all ages use."""

from itertools import groupby
from operator import itemgetter

from django.urls import URLPattern, path, re_path

from mlflow_api import (
    artifacts,
    datasets,
    experiments,
    histories,
    logged_models,
    logging,
    preview,
    runs,
    server,
    uploads,
)
from mlflow_api.endpoint import View, by_method
from mlflow_api.errors import unknown

#: (method, path below the addresses of `PREFIXES`, view)
ROUTES: list[tuple[str, str, View]] = [
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
    ("GET", "artifacts/list", artifacts.list_of_run),
    ("POST", "artifacts/presigned-upload-url", uploads.presign),
    ("POST", "artifacts/presigned-download-url", uploads.presign),
    ("GET", "metrics/get-history", histories.get),
    ("GET", "metrics/get-history-bulk", histories.get_bulk),
    ("GET", "metrics/get-history-bulk-interval", histories.get_bulk_interval),
]

#: The same that are answered otherwise to clients before 1.0.
PREVIEW_ROUTES: list[tuple[str, str, View]] = [
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
PROXY_ROUTES: list[tuple[str, str, View]] = [
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
ROOT_ROUTES: list[tuple[str, str, View]] = [
    ("GET", "health", server.health),
    ("GET", "version", server.version),
    ("GET", "get-artifact", artifacts.get),
    ("GET", "model-versions/get-artifact", artifacts.of_model_version),
    ("POST", "ajax-api/2.0/mlflow/upload-artifact", artifacts.upload),
    ("GET", "api/3.0/mlflow/server-info", server.info),
    ("GET", "ajax-api/3.0/mlflow/server-info", server.info),
]


def _literal_first(route: tuple[str, str, View]) -> tuple[bool, str]:
    return "<" in route[1], route[1]


def _patterns(routes: list[tuple[str, str, View]], prefix: str = "") -> list[URLPattern]:
    """A pattern for each address, with its verbs."""
    by_address = groupby(sorted(routes, key=_literal_first), key=itemgetter(1))
    return [
        path(prefix + address, by_method({method: view for method, _, view in verbs})) for address, verbs in by_address
    ]


urlpatterns = [
    *(pattern for prefix in PREVIEW_PREFIXES for pattern in _patterns(PREVIEW_ROUTES, prefix)),
    *(pattern for prefix in PREFIXES for pattern in _patterns(ROUTES, prefix)),
    *(pattern for prefix in PROXY_PREFIXES for pattern in _patterns(PROXY_ROUTES, prefix)),
    *_patterns(ROOT_ROUTES),
    re_path(r"^(?:ajax-)?api/[23]\.0/", unknown),
]
