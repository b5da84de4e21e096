"""Headers of a delivery. The signature is MLflow's: HMAC-SHA256 over id, time and body."""

import base64
import hashlib
import hmac


def signature(secret: str, delivery_id: str, timestamp: str, body: str) -> str:
    """What `X-MLflow-Signature` says; `timestamp` is in seconds since 1970.

    Source: MLflow 3.17, webhooks/delivery.py, by its behaviour.
    """
    signed = f"{delivery_id}.{timestamp}.{body}".encode()
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def headers(secret: str, delivery_id: str, body: str, seconds: int) -> dict[str, str]:
    """All headers of a delivery that is sent at `seconds` since 1970; without a secret it is not signed."""
    timestamp = str(seconds)
    told = {
        "Content-Type": "application/json",
        "User-Agent": "Trackerweb",
        "X-MLflow-Delivery-Id": delivery_id,
        "X-MLflow-Timestamp": timestamp,
    }
    if secret:
        told["X-MLflow-Signature"] = signature(secret, delivery_id, timestamp, body)
    return told
