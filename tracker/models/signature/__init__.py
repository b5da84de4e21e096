"""Signatures: the types of what a model takes and gives; inferred from examples, enforced when it predicts."""

from tracker.models.signature.inference import infer_signature
from tracker.models.signature.schema import ColSpec, ModelSignature, ParamSchema, ParamSpec, Schema, TensorSpec
from tracker.models.signature.types import AnyType, Array, DataType, Map, Object, Property

__all__ = [
    "AnyType",
    "Array",
    "ColSpec",
    "DataType",
    "Map",
    "ModelSignature",
    "Object",
    "ParamSchema",
    "ParamSpec",
    "Property",
    "Schema",
    "TensorSpec",
    "infer_signature",
]
