"""What clients ask a server about itself."""

from typing import Any

from django.http import HttpResponse

from mlflow_api.endpoint import endpoint
from mlflow_api.messages import Message

#: The release of MLflow whose protocol this is.
VERSION = "3.17.2"


@endpoint(Message)
def health(message: Message) -> HttpResponse:
    """That it answers."""
    return HttpResponse("OK", content_type="text/plain; charset=utf-8")


@endpoint(Message)
def version(message: Message) -> HttpResponse:
    """The protocol's release, as bare text."""
    return HttpResponse(VERSION, content_type="text/plain; charset=utf-8")


@endpoint(Message)
def info(message: Message) -> dict[str, Any]:
    """What it can do: clients of 3.x look before they use it."""
    return {
        "store_type": "SqlStore",
        "workspaces_enabled": False,
        "trace_archival_enabled": False,
        "multipart_uploads_enabled": True,
        "multipart_downloads_enabled": False,
        "presigned_upload_run_id_supported": False,
        "presigned_upload_model_id_supported": False,
        "features_enabled": {"gateway": False},
    }
