"""The process behind limits.py: `python -m runs.artifacts.previews.child TASK OPTIONS < FILE` answers JSON.

It limits itself before it reads a byte, and imports no Django.
"""

import importlib
import json
import sys
from typing import Any

from runs.artifacts.previews.source import Mismatch

try:
    import resource
except ImportError:  # Windows: only the time on the wall is limited there
    resource = None  # type: ignore[assignment]

CPU_SECONDS = 5
MEMORY_BYTES = 1024 * 1024 * 1024
_HERE, _CODE = "runs.artifacts.previews", "runs.provenance"
#: Modules with a function `read(file, **options)`.
TASKS = {name: f"{_HERE}.{name}" for name in ("arrays", "highlighting", "markdown_text", "notebook", "parquet")} | {
    name: f"{_CODE}.{name}" for name in ("patches", "effective", "sources")
}


def limit_myself() -> None:
    """From here on: little memory, little time, no new files, no children."""
    if resource is None:
        return
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def answer(task: str, options: dict[str, Any]) -> dict[str, Any]:
    """`{"found": …}`, or `{"error": …}` in words."""
    try:
        module = importlib.import_module(TASKS[task])
        return {"found": module.read(sys.stdin.buffer, **options)}
    except Mismatch as mismatch:
        return {"error": str(mismatch)}
    except (Exception, MemoryError):
        # Whatever a parser raises on a crafted file means the same to the one who looks at the page.
        return {"error": "Its content can't be read as what its name says."}


if __name__ == "__main__":
    limit_myself()
    sys.stdout.write(json.dumps(answer(sys.argv[1], json.loads(sys.argv[2]))))
