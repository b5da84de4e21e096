"""Runs beside a real MLflow, with a command and its words. The last line that it prints is JSON."""

import json
import logging
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
logging.disable()


def signatures():
    from mlflow.models import infer_signature
    from mlflow.types.utils import _infer_schema

    from tests.mlflow.models import inputs

    def outcome(infer):
        try:
            return infer()
        except Exception:
            return "refused"

    examples = {
        name: outcome(lambda make=make: _infer_schema(make()).to_json()) for name, make in inputs.EXAMPLES.items()
    }
    params = {
        name: outcome(lambda make=make: infer_signature(params=make()).params.to_json())
        for name, make in inputs.PARAMS.items()
    }
    return {"examples": examples, "params": params}


def enforcement():
    from mlflow.models.utils import _enforce_params_schema, _enforce_schema
    from mlflow.types.schema import ParamSchema, Schema

    from tests.mlflow.models import schemas

    def outcome(enforce):
        try:
            return schemas.told(enforce())
        except Exception:
            return "refused"

    data = {
        name: outcome(lambda schema=schema, make=make: _enforce_schema(make(), Schema.from_json(schema)))
        for name, (schema, make) in schemas.CASES.items()
    }
    params = {
        name: outcome(
            lambda schema=schema, given=given: _enforce_params_schema(
                given, ParamSchema.from_json(schema) if schema else None
            )
        )
        for name, (schema, given) in schemas.PARAMS.items()
    }
    return {"data": data, "params": params}


def hints():
    from mlflow.types import type_hints

    from tests.mlflow.models import hinted
    from tests.mlflow.models.schemas import told

    def outcome(ask):
        try:
            return ask()
        except Exception:
            return "refused"

    schemas = {
        name: outcome(lambda hint=hint: type_hints._infer_schema_from_list_type_hint(hint).to_json())
        for name, hint in hinted.HINTS.items()
    }
    data = {
        name: outcome(lambda hint=hint, given=given: told(type_hints._validate_data_against_type_hint(given, hint)))
        for name, (hint, given) in hinted.DATA.items()
    }
    return {"schemas": schemas, "data": data}


def save(folder):
    """Save each model, and tell what it predicts."""
    import importlib

    import mlflow

    from tests.mlflow.models import made
    from tests.mlflow.models.schemas import told

    predicted = {}
    # Given, since finding them takes MLflow a process for each model.
    requirements = {"pip_requirements": ["mlflow==3.17.2"]}
    for name, (flavor, make, data, options) in made.MODELS.items():
        module = importlib.import_module(f"mlflow.{flavor}")
        model = make()
        module.save_model(model, f"{folder}/{name}", input_example=data()[:2], **requirements, **options)
        loaded = mlflow.pyfunc.load_model(f"{folder}/{name}")
        predicted[name] = [told(loaded.predict(data())), told(made.natively(flavor, model, data()))]
    mlflow.pyfunc.save_model(
        f"{folder}/python",
        python_model=made.adder(mlflow.pyfunc.PythonModel),
        model_config=made.PYTHON_CONFIG,
        input_example=(made.numbers(), {"more": 1}),
        metadata=made.METADATA,
        **requirements,
    )
    loaded = mlflow.pyfunc.load_model(f"{folder}/python")
    predicted["python"] = [told(loaded.predict(made.numbers(), {"more": 3}))]
    return predicted


def load(folder):
    """Load each model, and tell what it predicts."""
    import importlib

    import mlflow

    from tests.mlflow.models import made
    from tests.mlflow.models.schemas import told

    predicted = {}
    for name, (flavor, _, data, _) in made.MODELS.items():
        module = importlib.import_module(f"mlflow.{flavor}")
        loaded = mlflow.pyfunc.load_model(f"{folder}/{name}")
        native = module.load_model(f"{folder}/{name}")
        predicted[name] = [told(loaded.predict(data())), told(made.natively(flavor, native, data()))]
    loaded = mlflow.pyfunc.load_model(f"{folder}/python")
    predicted["python"] = [told(loaded.predict(made.numbers(), {"more": 3}))]
    told_of = mlflow.models.Model.load(f"{folder}/skops")
    predicted["example"] = told(told_of.load_input_example(f"{folder}/skops"))
    predicted["signature"] = told_of.signature.to_dict()
    predicted["requirements"] = mlflow.pyfunc.get_model_dependencies(f"{folder}/skops", "pip")
    return predicted


def save_large(folder, site):
    """Save models of large libraries, which are in another folder of packages, and tell what they predict."""
    sys.path.append(site)
    import importlib

    import mlflow

    from tests.mlflow.models import large
    from tests.mlflow.models.schemas import told

    predicted = {}
    for name, (flavor, make, data, options) in large.models().items():
        module = importlib.import_module(f"mlflow.{flavor}")
        requirements = {"pip_requirements": ["mlflow==3.17.2"]}
        # Its flavor of Keras writes an example to a folder that has to be there.
        Path(folder, name).mkdir()
        module.save_model(make(), path=f"{folder}/{name}", input_example=data(), **requirements, **options)
        predicted[name] = told(mlflow.pyfunc.load_model(f"{folder}/{name}").predict(data()))
    return predicted


def load_large(folder, site):
    """Load models of large libraries, and tell what they predict."""
    sys.path.append(site)
    import importlib

    import mlflow

    from tests.mlflow.models import large
    from tests.mlflow.models.schemas import told

    predicted = {}
    for name, (flavor, _, data, _) in large.models().items():
        importlib.import_module(f"mlflow.{flavor}").load_model(f"{folder}/{name}")
        predicted[name] = told(mlflow.pyfunc.load_model(f"{folder}/{name}").predict(data()))
    return predicted


COMMANDS = {each.__name__: each for each in (signatures, enforcement, hints, save, load, save_large, load_large)}

if __name__ == "__main__":
    print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))
