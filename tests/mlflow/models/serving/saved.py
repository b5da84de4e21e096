"""The models that both servers answer for."""

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tracker import models
from tracker.models import ModelSignature
from tracker.models.signature import ColSpec, ParamSchema, ParamSpec, Schema, TensorSpec
from tracker.models.signature.types import AnyType, Array, DataType, Map, Object, Property

ECHO = Path(__file__).with_name("echo.py")
TYPES = [each.value for each in DataType]
KIND = ParamSchema([ParamSpec("kind", DataType.string, "", None)])
PARAMS = ParamSchema(
    [
        ParamSpec("count", DataType.long, 3), ParamSpec("rate", DataType.double, 0.5),
        ParamSpec("name", DataType.string, "x"), ParamSpec("deep", DataType.boolean, False),
        ParamSpec("since", DataType.datetime, np.datetime64("2026-11-29T12:00:00")),
        ParamSpec("several", DataType.double, [1.0, 2.0], (-1,)),
    ]
)  # fmt: skip
NESTED = Schema(
    [
        ColSpec(Array(DataType.string), "words"),
        ColSpec(Object((Property("a", DataType.long), Property("b", DataType.string, False))), "thing"),
        ColSpec(Map(DataType.double), "scores", False), ColSpec(AnyType(), "any", False),
    ]
)  # fmt: skip
SIGNATURES = {
    "answers": ModelSignature(None, None, KIND),
    "plain": None,
    "params": ModelSignature(Schema([ColSpec(DataType.double, "a")]), None, PARAMS),
    "types": ModelSignature(Schema([ColSpec(DataType(name), name, name not in {"long", "string"}) for name in TYPES])),
    "unnamed": ModelSignature(Schema([ColSpec(DataType.double), ColSpec(DataType.long)])),
    "text": ModelSignature(Schema([ColSpec(DataType.string)])),
    "one": ModelSignature(Schema([ColSpec(DataType.double, "a")])),
    "nested": ModelSignature(NESTED),
    "tensor": ModelSignature(Schema([TensorSpec("float32", (-1, 2))])),
    "texts": ModelSignature(Schema([TensorSpec("str", (-1,))])),
    "tensors": ModelSignature(Schema([TensorSpec("float64", (-1, 2), "a"), TensorSpec("int64", (-1,), "b")])),
    "chat": ModelSignature(None, None, ParamSchema([ParamSpec("temperature", DataType.double, 0.5)])),
}


def save_all(folder: Path) -> list[str]:
    """Save each to a folder of its name. Returns the names."""
    for name, signature in SIGNATURES.items():
        models.save_model(ECHO, folder / name, signature=signature or False, requirements=["mlflow"])
    fitted = _fitted()
    for name, (model, options) in fitted.items():
        models.save_model(model, folder / name, requirements=["scikit-learn"], serialization_format="pickle", **options)
    return [*SIGNATURES, *fitted]


def _fitted():
    features, target = load_iris(return_X_y=True, as_frame=True)
    features.columns = ["a", "b", "c", "d"]
    names = target.map({0: "setosa", 1: "versicolor", 2: "virginica"})
    scaled = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    mixed = features.astype({"a": "int64"})
    two = pd.DataFrame({"y": target, "z": features.a})
    return {
        "iris": (LogisticRegression(max_iter=500).fit(features, target), {"input_example": features[:2]}),
        "untyped": (LogisticRegression(max_iter=500).fit(features.to_numpy(), target), {}),
        "names": (scaled.fit(features, names), {"input_example": features[:2]}),
        "forest": (RandomForestClassifier(5, random_state=0).fit(mixed, target), {"input_example": mixed[:2]}),
        "regression": (LinearRegression().fit(features, two), {"input_example": features[:2]}),
        "arrays": (LinearRegression().fit(features.to_numpy(), target), {"input_example": features.to_numpy()[:2]}),
    }
