"""Scoring on Spark: a model as a function of columns, which each worker process loads once."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tracker.errors import InvalidValue, MissingLibrary
from tracker.models import mlmodel, uris
from tracker.models.loading import LoadedModel, load_model
from tracker.models.signature.schema import ColSpec, ModelSignature, Schema, TensorSpec
from tracker.models.signature.types import Array, ColumnType, DataType, Map, Object

_SCALARS = {
    DataType.boolean: "boolean", DataType.integer: "int", DataType.long: "bigint", DataType.float: "float",
    DataType.double: "double", DataType.string: "string", DataType.binary: "binary", DataType.datetime: "timestamp",
}  # fmt: skip
#: Types of numpy by what Spark calls them.
_TENSORS = {
    "bool": "boolean", "int8": "int", "int16": "int", "int32": "int", "int64": "bigint", "uint8": "int",
    "uint16": "int", "uint32": "bigint", "float16": "float", "float32": "float", "float64": "double", "str": "string",
}  # fmt: skip


def spark_udf(
    spark: Any,
    model_uri: str | os.PathLike[str],
    result_type: Any = None,
    allow_pickle: bool = False,
) -> Callable[..., Any]:
    """A function of Spark's columns that predicts with a model: `frame.withColumn("label", predict("a", "b"))`.

    It takes the columns of the signature, by their names, when it is given none; columns in its order; or one struct
    of them, for more than some 200. `result_type` is a type of Spark or its DDL (`double`, `array<float>`, `a long, b
    string`), told from the signature's outputs otherwise. Workers need this package, and what the model needs.

    Errors: InvalidValue for a result that nothing tells the type of; MissingLibrary; as of `load_model`.
    """
    functions = _functions()
    folder = uris.folder_of(model_uri).resolve()
    signature = mlmodel.read(folder).signature
    # Loaded here, too: what is wrong with it is better told now than by a worker.
    load_model(folder, allow_pickle=allow_pickle)
    names = _names(signature)
    result = _result_type(result_type, signature)
    score = _scorer(_spread(spark, folder), allow_pickle, names, result)
    udf = functions.pandas_udf(score, result)

    def predict(*columns: Any) -> Any:
        if not columns and not names:
            raise InvalidValue("The model's signature names no columns: say which to predict from.")
        chosen = columns or tuple(_quoted(name) for name in names or ())
        return udf(*(functions.col(each) if isinstance(each, str) else each for each in chosen))

    return predict


def _functions() -> Any:
    try:
        from pyspark.sql import functions
    except ImportError:
        raise MissingLibrary("spark_udf needs PySpark: pip install 'trackerweb[spark]', and Java 17.") from None
    return functions


def _names(signature: ModelSignature | None) -> list[str] | None:
    inputs = signature.inputs if signature is not None else None
    return [str(name) for name in inputs.names] if inputs is not None and inputs.has_names else None


def _quoted(name: str) -> str:
    """A name as Spark's expressions have it, in which a dot would mean something."""
    return "`" + name.replace("`", "``") + "`"


def _spread(spark: Any, folder: Path) -> str:
    """Give each worker the model's files, under a name that no other model has. Returns the name."""
    name = f"model-{uuid.uuid4().hex}"
    above = Path(tempfile.mkdtemp(prefix="tracker-spark-"))
    atexit.register(shutil.rmtree, above, ignore_errors=True)
    shutil.copytree(folder, above / name)
    spark.sparkContext.addFile(str(above / name), recursive=True)
    return name


@functools.lru_cache(maxsize=8)
def _loaded(name: str, allow_pickle: bool) -> LoadedModel:
    """The model, once in each worker process."""
    from pyspark import SparkFiles

    return load_model(SparkFiles.get(name), allow_pickle=allow_pickle)


def _scorer(name: str, allow_pickle: bool, names: list[str] | None, result: Any) -> Callable[..., Any]:
    """What runs on workers: batches of columns in, a series (or for a struct a data frame) of as many rows out."""

    def score(batches: Iterator[Any]) -> Iterator[Any]:
        model = _loaded(name, allow_pickle)
        for batch in batches:
            columns = batch if isinstance(batch, tuple) else (batch,)
            frame = _frame(columns, names)
            # Parts of a table may be empty, which few models can predict.
            yield _shaped(model.predict(frame), len(frame), result) if len(frame) else _nothing(result)

    # pandas_udf looks at types that are there, not at their texts.
    score.__annotations__ = _hints(result)
    return score


def _hints(result: Any) -> dict[str, Any]:
    import pandas as pd

    # A struct comes as a data frame all the same.
    given, series, frame = Iterator[tuple[pd.Series, ...]], Iterator[pd.Series], Iterator[pd.DataFrame]
    return {"batches": given, "return": frame if _is_struct(result) else series}


def _is_struct(result: Any) -> bool:
    from pyspark.sql.types import StructType

    return isinstance(result, StructType)


def _frame(columns: tuple[Any, ...], names: list[str] | None) -> Any:
    """A data frame of what a worker was given: a struct is one already."""
    import pandas as pd

    if len(columns) == 1 and isinstance(columns[0], pd.DataFrame):
        return columns[0]
    if names is None:
        return pd.DataFrame(dict(enumerate(columns)))
    if len(columns) > len(names):
        raise InvalidValue(f"The model takes {names}; {len(columns)} columns were given.")
    return pd.DataFrame(dict(zip(names, columns, strict=False)))


def _shaped(made: Any, count: int, result: Any) -> Any:
    """Predictions as Spark takes them for a type: a series, or for a struct a data frame, of `count` rows.

    Errors: InvalidValue for other than one prediction a row, and for columns that have no place in the type.
    """
    import pandas as pd
    from pyspark.sql.types import ArrayType, StringType

    found = _columns(made)
    if found is None or len(found) != count:
        told = "one value" if found is None else f"{len(found)} predictions"
        raise InvalidValue(f"The model gave {told} for {count} rows, and Spark needs one prediction a row.")
    if _is_struct(result):
        return _fields(found, result.fieldNames())
    if isinstance(result, ArrayType) and not _is_lists(found):
        return pd.Series(found.to_numpy().tolist())
    if found.shape[1] == 1:
        cells = found.iloc[:, 0].to_list()
        return pd.Series([_text(cell) for cell in cells] if isinstance(result, StringType) else cells)
    raise InvalidValue(
        f"The model gave the columns {list(found.columns)}, and result_type has a place for one: give array<…>, or a "
        "name and a type for each, such as 'a long, b double'."
    )


def _fields(found: Any, names: list[str]) -> Any:
    if set(names) <= set(found.columns):
        return found[names]
    if found.shape[1] != len(names):
        raise InvalidValue(f"The model gave the columns {list(found.columns)}, and result_type has {names}.")
    return found.set_axis(names, axis=1)


def _text(cell: Any) -> str | None:
    return None if cell is None else str(cell)


def _is_lists(found: Any) -> bool:
    """Whether a row is one cell, with a list in it."""
    first = found.iloc[0, 0]
    return found.shape[1] == 1 and (isinstance(first, list) or getattr(first, "ndim", 0) > 0)


def _nothing(result: Any) -> Any:
    """The predictions of no rows."""
    import pandas as pd

    return pd.DataFrame(columns=result.fieldNames()) if _is_struct(result) else pd.Series([], dtype=object)


def _columns(made: Any) -> Any:
    """Predictions as a data frame; None for a single value."""
    import pandas as pd

    if hasattr(made, "toarray"):
        made = made.toarray()
    if isinstance(made, dict):
        return pd.DataFrame({name: list(value) for name, value in made.items()})
    if getattr(made, "ndim", 1) > 2:
        made = made.tolist()
    if isinstance(made, (list, tuple)) and not (made and isinstance(made[0], dict)):
        return pd.DataFrame({0: pd.Series(list(made), dtype=object)})
    return pd.DataFrame(made) if hasattr(made, "__len__") and not isinstance(made, str) else None


def _result_type(given: Any, signature: ModelSignature | None) -> Any:
    from pyspark.sql.types import DataType as SparkType
    from pyspark.sql.types import _parse_datatype_string

    if isinstance(given, SparkType):
        return given
    outputs = signature.outputs if signature is not None else None
    if given is None and outputs is None:
        raise InvalidValue("The model's signature tells no outputs: give a result_type, such as 'double'.")
    ddl = str(given) if given is not None else _ddl_of_outputs(outputs)  # type: ignore[arg-type]
    try:
        return _parse_datatype_string(ddl)
    except Exception as error:
        told = str(error).strip().splitlines()[0]
        raise InvalidValue(f"result_type={ddl!r} is no type of Spark: {told}") from None


def _ddl_of_outputs(outputs: Schema) -> str:
    kinds = [_ddl_of(spec) for spec in outputs]
    if len(kinds) == 1:
        return kinds[0]
    names = [f"prediction_{name}" if isinstance(name, int) else str(name) for name in outputs.names]
    return ", ".join(f"{_quoted(name)} {kind}" for name, kind in zip(names, kinds, strict=True))


def _ddl_of(spec: ColSpec | TensorSpec) -> str:
    if isinstance(spec, ColSpec):
        return _ddl_of_type(spec.type)
    kind = _TENSORS.get(str(spec.type))
    if kind is None or len(spec.shape) > 2:
        raise InvalidValue(f"The model gives {spec.json}, which has no type of Spark: give a result_type.")
    return kind if len(spec.shape) < 2 else f"array<{kind}>"


def _ddl_of_type(kind: ColumnType) -> str:
    if isinstance(kind, DataType):
        return _SCALARS[kind]
    if isinstance(kind, Array):
        return f"array<{_ddl_of_type(kind.dtype)}>"
    if isinstance(kind, Map):
        return f"map<string,{_ddl_of_type(kind.value_type)}>"
    if isinstance(kind, Object):
        fields = (f"{_quoted(each.name)}: {_ddl_of_type(each.dtype)}" for each in kind.properties)
        return f"struct<{', '.join(fields)}>"
    raise InvalidValue(f"The model gives the type {kind.json}, which Spark does not have: give a result_type.")
