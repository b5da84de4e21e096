"""`tracker models export-onnx`: an estimator of scikit-learn as a graph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.command.output import as_json, print_json

if TYPE_CHECKING:
    from tracker.models.onnx_export import Converted
    from tracker.models.saved import SavedModel


@click.command("export-onnx", context_settings={"show_default": True})
@click.option("-m", "--model-uri", "uri", required=True, help="A model of scikit-learn.")
@click.option("-o", "--output-path", "target", required=True, type=click.Path(path_type=Path))
@click.option("--tolerance", default=1e-4, type=click.FloatRange(0), help="How much the graph may differ.")
@click.option("--allow-pickle", is_flag=True, help="Let the model run code of its maker, as pickles do.")
@as_json
def export_onnx(uri: str, target: Path, tolerance: float, allow_pickle: bool, is_json: bool) -> None:
    """Write an ONNX graph that predicts the same: to a file (graph.onnx), or to a new folder, as a model.

    It is tried on the model's input example; by how much it differs is told.
    """
    from tracker.models import examples, flavors, uris
    from tracker.models.onnx_export import from_sklearn
    from tracker.models.saved import SavedModel

    saved = SavedModel.at(uris.folder_of(uri), allow_pickle=allow_pickle)
    saved.entry("sklearn")
    estimator = flavors.named("sklearn").read(saved)
    example, _ = examples.read(saved)
    method = str((saved.mlmodel.python_function or {}).get("predict_fn", "predict"))
    made = from_sklearn(estimator, saved.mlmodel.signature, example, method=method, tolerance=tolerance)
    _write(made, saved, example, target)
    if is_json:
        print_json({"path": str(target), "rows": made.rows, "difference": made.difference})
    else:
        click.echo(f"{target}: {_compared(made)}")


def _write(made: Converted, saved: SavedModel, example: object, target: Path) -> None:
    from tracker.batch import places

    if target.suffix == ".onnx":
        with places.target(target) as content:
            content.write(made.graph.SerializeToString())
        return
    from tracker.models import ModelSignature, save_model

    known = saved.mlmodel.signature
    # With an example the signature is inferred anew: it tells the graph's outputs, too.
    signature = ModelSignature(known.inputs) if known is not None and example is None else None
    save_model(made.graph, target, flavor="onnx", signature=signature, input_example=example)


def _compared(made: Converted) -> str:
    if made.difference is None:
        return "not tried, as the model has no input example"
    return f"differs by at most {made.difference:.3g} on {made.rows} rows of the input example"
