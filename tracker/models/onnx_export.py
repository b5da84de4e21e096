"""scikit-learn to ONNX, by skl2onnx: a graph that takes what the model's signature says, and is tried on an example."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tracker.errors import InvalidValue
from tracker.models import flavors
from tracker.models.signature import inference
from tracker.models.signature.schema import ColSpec, ModelSignature, Schema, TensorSpec
from tracker.models.signature.types import DataType

#: The one output, and the one input of models that take an array.
OUTPUT, ARRAY = "prediction", "X"
_ROWS = "rows"
_NUMBERS = {DataType.boolean, DataType.integer, DataType.long, DataType.float, DataType.double}
_PLACES = {"predict": 0, "transform": 0, "predict_proba": 1}


@dataclass(frozen=True)
class Converted:
    """A graph (ModelProto), and by how much it differs from the estimator on the example.

    `difference` is the largest one of a number, 0 for labels, which have to be equal; None where nothing was tried.
    """

    graph: Any
    rows: int = 0
    difference: float | None = None


@dataclass(frozen=True)
class _Input:
    """An input of the graph: its type in numpy, and its columns, where it is an array of several."""

    name: str
    dtype: Any
    width: int


def from_sklearn(
    model: Any,
    signature: ModelSignature | None = None,
    input_example: Any = None,
    *,
    method: str = "predict",
    tolerance: float = 1e-4,
) -> Converted:
    """The graph that predicts what a fitted estimator or pipeline does.

    It has an input for each column where the model looks at columns (ColumnTransformer, texts), else one array, in the
    types of the signature, or of the example without one; inside it computes in float32. What it gives for the example
    may differ by `tolerance` (of a value, or absolutely below 1).

    Errors: InvalidValue for a model that can't be converted or differs by more; MissingLibrary.
    """
    if method not in _PLACES:
        raise InvalidValue(f"{method!r} can't be exported: only {', '.join(_PLACES)} can.")
    if not hasattr(model, method) and hasattr(model, "transform") and method == "predict":
        method = "transform"
    schema = signature.inputs if signature is not None and signature.inputs is not None else None
    if schema is None and input_example is None:
        raise InvalidValue("The model has no signature: give an input example, which says what the graph takes.")
    inputs = _inputs(model, schema or inference.infer_schema(input_example))
    graph = _wrapped(_converted(model, inputs), inputs, _PLACES[method])
    if input_example is None:
        return Converted(graph)
    return _tried(graph, model, method, input_example, tolerance)


def _inputs(model: Any, schema: Schema) -> list[_Input]:
    import numpy as np

    columns = [spec for spec in schema if isinstance(spec, ColSpec)]
    if not columns:
        return [_of_tensor(schema)]
    kinds = [_kind_of(spec) for spec in columns]
    names = [str(name) for name in schema.names]
    if _looks_at_columns(model) or not set(kinds) <= _NUMBERS:
        return [_Input(name, _dtype(kind), 1) for name, kind in zip(names, kinds, strict=True)]
    return [_Input(ARRAY, np.result_type(*map(_dtype, kinds)), len(kinds))]


def _of_tensor(schema: Schema) -> _Input:
    import numpy as np

    spec = schema.inputs[0]
    if not isinstance(spec, TensorSpec) or len(schema) > 1 or len(spec.shape) != 2 or spec.shape[1] < 1:
        raise InvalidValue(f"{schema.to_json()} is no table: a graph takes one array (rows, columns), or columns.")
    return _Input(ARRAY, np.dtype(spec.type), spec.shape[1])


def _kind_of(spec: ColSpec) -> DataType:
    if isinstance(spec.type, DataType) and spec.type in {*_NUMBERS, DataType.string}:
        return spec.type
    raise InvalidValue(f"The column {spec.name!r} is {spec.type.json}, which a graph of ONNX does not take here.")


def _dtype(kind: DataType) -> Any:
    import numpy as np

    return np.dtype(object if kind is DataType.string else kind.numpy_name)


def _looks_at_columns(model: Any) -> bool:
    from sklearn.compose import ColumnTransformer

    parts = model.get_params(deep=True).values() if hasattr(model, "get_params") else ()
    return isinstance(model, ColumnTransformer) or any(isinstance(part, ColumnTransformer) for part in parts)


def _converted(model: Any, inputs: list[_Input]) -> Any:
    from sklearn.base import is_classifier

    skl2onnx = flavors.library("skl2onnx")
    types = skl2onnx.common.data_types
    by_kind = {"f": types.FloatTensorType, "i": types.Int64TensorType, "b": types.BooleanTensorType}
    told = [(each.name, by_kind.get(each.dtype.kind, types.StringTensorType)([None, each.width])) for each in inputs]
    # Probabilities as an array, not as a dictionary to each row.
    options = {id(model): {"zipmap": False}} if is_classifier(model) else None
    try:
        return skl2onnx.convert_sklearn(model, initial_types=told, options=options)
    except Exception as error:
        raise InvalidValue(
            f"{type(model).__name__} can't be exported to ONNX: {str(error).strip().splitlines()[0]}"
        ) from error


def _wrapped(converted: Any, inputs: list[_Input], place: int) -> Any:
    """The graph with inputs in the types of the signature, and with one output (several: one for each column).

    Its own inputs are float32 or int64, with two dimensions each.
    """
    onnx = flavors.library("onnx")
    graph = converted.graph
    inner = list(graph.input)
    if place >= len(graph.output):
        raise InvalidValue("The model has no probabilities to export: it is no classifier.")
    outer, nodes, renamed = [], [], {}
    for each, own in zip(inputs, inner, strict=True):
        renamed[own.name] = f"{own.name}__inner"
        outer.append(_value_of(onnx, each, is_flat=len(inputs) > 1))
        nodes += _casting(onnx, each, own, renamed[own.name], is_flat=len(inputs) > 1)
    for node in graph.node:
        node.input[:] = [renamed.get(name, name) for name in node.input]
    results, outputs = _results(onnx, graph.output[place])
    body = onnx.helper.make_graph(
        [*nodes, *graph.node, *results], "model", outer, outputs,
        [*graph.initializer, onnx.numpy_helper.from_array(_shape(), "__column")],
    )  # fmt: skip
    made = onnx.helper.make_model(body, opset_imports=converted.opset_import, ir_version=converted.ir_version)
    onnx.checker.check_model(made)
    return made


def _shape() -> Any:
    import numpy as np

    return np.array([-1, 1], "int64")


def _value_of(onnx: Any, each: _Input, *, is_flat: bool) -> Any:
    """An input from outside: a column has one dimension, as python_function of onnx gives it."""
    kind = onnx.helper.np_dtype_to_tensor_dtype(each.dtype)
    return onnx.helper.make_tensor_value_info(each.name, kind, [_ROWS] if is_flat else [_ROWS, each.width])


def _casting(onnx: Any, each: _Input, own: Any, name: str, *, is_flat: bool) -> list[Any]:
    between = f"{each.name}__flat" if is_flat else each.name
    wanted = own.type.tensor_type.elem_type
    nodes = [onnx.helper.make_node("Reshape", [each.name, "__column"], [between])] if is_flat else []
    is_same = onnx.helper.np_dtype_to_tensor_dtype(each.dtype) == wanted
    cast = onnx.helper.make_node("Identity", [between], [name]) if is_same else None
    return [*nodes, cast or onnx.helper.make_node("Cast", [between], [name], to=wanted)]


def _results(onnx: Any, output: Any) -> tuple[list[Any], list[Any]]:
    """The nodes that give the output its name, or an output for each of its columns, and these."""
    helper, kind = onnx.helper, output.type.tensor_type
    sizes = [size.dim_value for size in kind.shape.dim]
    if len(sizes) < 2 or sizes[1] <= 1:
        named = helper.make_tensor_value_info(OUTPUT, kind.elem_type, [_ROWS, *sizes[1:]])
        return [helper.make_node("Identity", [output.name], [OUTPUT])], [named]
    names = [f"{OUTPUT}_{place}" for place in range(sizes[1])]
    split = helper.make_node("Split", [output.name], names, axis=1, num_outputs=len(names))
    return [split], [helper.make_tensor_value_info(name, kind.elem_type, [_ROWS, 1]) for name in names]


def _tried(graph: Any, model: Any, method: str, example: Any, tolerance: float) -> Converted:
    import numpy as np

    wanted = np.asarray(getattr(model, method)(example))
    found = _run(graph, example).reshape(wanted.shape)
    if wanted.dtype.kind not in "fc":
        wrong = int((found != wanted).sum())
        if wrong:
            raise InvalidValue(f"The graph gives another label for {wrong} of {wanted.size} rows of the example.")
        return Converted(graph, len(wanted), 0.0)
    difference = float(np.abs(found - wanted).max(initial=0.0))
    if not np.allclose(found, wanted, rtol=tolerance, atol=tolerance):
        raise InvalidValue(
            f"The graph differs from the model by up to {difference:.3g} on the example, more than {tolerance:g} "
            "allows: it computes in float32. If that will do, allow more."
        )
    return Converted(graph, len(wanted), difference)


def _run(graph: Any, example: Any) -> Any:
    import numpy as np

    runtime = flavors.library("onnxruntime")
    session = runtime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    given = session.get_inputs()
    if len(given) > 1:
        feed = {each.name: example[each.name].to_numpy() for each in given}
    else:
        feed = {given[0].name: example.to_numpy() if hasattr(example, "to_numpy") else np.asarray(example)}
    results = session.run(None, feed)
    return results[0] if len(results) == 1 else np.hstack(results)
