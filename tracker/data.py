"""Which data a run used: a name, a digest of the content, where it came from. The data itself is not logged."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: The tag of a use that says what for, such as "training": MLflow's word.
CONTEXT_TAG = "mlflow.data.context"
MOST_ROWS = 10_000


@dataclass(frozen=True)
class Dataset:
    """A description of data. `source` says where it came from; `schema` and `profile` are what is known of it."""

    name: str
    digest: str
    source: dict[str, Any] = field(default_factory=dict)
    source_type: str = "code"
    schema: dict[str, Any] | None = None
    profile: dict[str, Any] | None = None

    def as_input(self, context: str | None, tags: dict[str, str] | None) -> dict[str, Any]:
        """As it goes over the wire (docs/api.md)."""
        told: dict[str, Any] = {
            "name": self.name[:500],
            "digest": self.digest[:36],
            "source_type": self.source_type,
            "source": json.dumps(self.source, default=str),
            "tags": dict(tags or {}) | ({CONTEXT_TAG: context} if context else {}),
        }
        for part in ("schema", "profile"):
            value = getattr(self, part)
            if value is not None:
                told[part] = json.dumps(value, default=str)
        return told


def from_numpy(features: Any, source: str = "", targets: Any = None, name: str = "dataset") -> Dataset:
    """Arrays, or a dictionary of arrays."""
    arrays = features if isinstance(features, dict) else {"features": features}
    if targets is not None:
        arrays = arrays | {"targets": targets}
    digest = hashlib.sha256()
    for key, array in sorted(arrays.items()):
        digest.update(f"{key}{array.shape}{array.dtype}".encode())
        digest.update(array[:MOST_ROWS].tobytes())
    shapes = {key: {"shape": list(array.shape), "dtype": str(array.dtype)} for key, array in arrays.items()}
    return Dataset(name, _short(digest), _origin(source), _kind(source), {"mlflow_tensorspec": shapes}, None)


def from_pandas(df: Any, source: str = "", targets: str | None = None, name: str = "dataset") -> Dataset:
    """A data frame; `targets` names the column that is to be predicted."""
    digest = hashlib.sha256(f"{df.shape}{list(map(str, df.columns))}".encode())
    digest.update(df.head(MOST_ROWS).to_csv(index=False).encode("utf-8", "replace"))
    columns = [{"name": str(column), "type": str(kind)} for column, kind in df.dtypes.items()]
    profile = {"num_rows": len(df), "num_elements": int(df.size)} | ({"targets": targets} if targets else {})
    return Dataset(name, _short(digest), _origin(source), _kind(source), {"columns": columns}, profile)


def from_file(path: str | Path, name: str = "") -> Dataset:
    """A file, by the hash of its content."""
    file = Path(path)
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while piece := content.read(1024**2):
            digest.update(piece)
    profile = {"size_bytes": file.stat().st_size}
    return Dataset(name or file.name, _short(digest), {"uri": str(file.resolve())}, "local", None, profile)


def _short(digest: Any) -> str:
    return str(digest.hexdigest())[:16]


def _origin(source: str) -> dict[str, Any]:
    return {"uri": str(source)} if source else {}


def _kind(source: str) -> str:
    scheme, marker, _ = str(source).partition("://")
    return scheme if marker else "local" if source else "code"
