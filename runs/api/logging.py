"""The hot endpoint: what a training script posts, past every serializer."""

from typing import Any, Literal

import msgspec
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from runs import ingest
from runs.api.serializers import ReceiptAnswer
from runs.batches import Batch, Series
from trackerweb.api import decode_body
from trackerweb.errors import InvalidValue

#: As the protocols spell them, and as Python's str() does.
OddNumber = Literal["NaN", "Infinity", "-Infinity", "nan", "inf", "-inf"]


class SpelledSeries(msgspec.Struct, forbid_unknown_fields=True):
    """A series with numbers that JSON can't hold, spelled out."""

    values: list[float | OddNumber]
    steps: list[int] = []
    timestamps: list[int] = []


class SpelledBatch(Batch, forbid_unknown_fields=True):
    """A batch of such series."""

    metrics: dict[str, SpelledSeries] = {}  # type: ignore[assignment]


def read_batch(request: Request) -> Batch:
    """The body as a batch. Plain numbers are the rule and four times as fast to read, so they are tried first."""
    try:
        return decode_body(request, Batch)
    except InvalidValue:
        spelled = _read_spelled(request)
    metrics = {
        key: Series(values=[float(value) for value in series.values], steps=series.steps, timestamps=series.timestamps)
        for key, series in spelled.metrics.items()
    }
    return msgspec.structs.replace(spelled, metrics=metrics)


#: What stands under each key of these parts, and what to do when it does not.
_PARTS: dict[str, tuple[Any, str]] = {
    "params": (str, 'Values are text: send "0.1" for 0.1.'),
    "tags": (str, 'Values are text: send "1" for 1.'),
    "metrics": (SpelledSeries, 'A metric is columns: {"steps": [0], "timestamps": [ms], "values": [0.5]}.'),
}


def _read_spelled(request: Request) -> SpelledBatch:
    """The body as a batch.

    Errors: InvalidValue names the key, which the parser leaves out.
    """
    try:
        return decode_body(request, SpelledBatch)
    except InvalidValue as error:
        part, marker, rest = (error.field or "").partition("[...]")
        if marker and part in _PARTS:
            raise _named(decode_body(request, dict[str, Any])[part], part, rest, error) from None
        raise


def _named(items: dict[str, Any], part: str, rest: str, error: InvalidValue) -> InvalidValue:
    kind, remedy = _PARTS[part]
    for key, value in items.items():
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError:
            field = f"{part}.{key}{rest}"
            message = error.message.replace(f"{part}[...]{rest}", field, 1)
            return InvalidValue(f"{message} {remedy}", field=field, index=error.index)
    return error


def _body_schema() -> dict[str, object]:
    (schema,), components = msgspec.json.schema_components([SpelledBatch], ref_template="#/$defs/{name}")
    return _inlined(schema, components)


def _inlined(schema: object, components: dict[str, dict[str, object]]) -> dict[str, object]:
    """A JSON schema without references: the batch's parts are in no other answer."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inlined(components[str(schema["$ref"]).rpartition("/")[2]], components)
        return {key: _inlined(value, components) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_inlined(item, components) for item in schema]  # type: ignore[return-value]
    return schema  # type: ignore[return-value]


class RunLog(APIView):
    """`runs/{run_id}/log/`."""

    @extend_schema(
        operation_id="runs_log",
        request={"application/json": _body_schema()},
        responses=ReceiptAnswer,
        examples=[
            OpenApiExample(
                "Two points",
                request_only=True,
                value={
                    "writer": "5f0c2b",
                    "seq": 1,
                    "params": {"lr": "0.1"},
                    "metrics": {"loss": {"steps": [0, 1], "timestamps": [1795521600000] * 2, "values": [2, 1]}},
                },
            )
        ],
    )
    def post(self, request: Request, run_id: str) -> Response:
        """Store one batch: all of it, or nothing. With `writer` and `seq` it may be sent again and is stored once."""
        receipt = ingest.store(run_id, read_batch(request))
        answer = {"applied": receipt.applied, "points": receipt.points}
        return Response(answer if receipt.seq is None else answer | {"seq": receipt.seq})
