"""The lines that load, serve and ask a model, ready to be copied: names are strangers' words, and are quoted."""

import shlex
from dataclasses import dataclass

from registry.contents import Contents

PORT = 5001
MAX_EXAMPLE = 2000


@dataclass(frozen=True)
class Snippets:
    """Lines for the model at an address, on a server."""

    uri: str
    server_url: str
    contents: Contents | None = None

    @property
    def runs_code(self) -> bool:
        """Whether loading it runs code that its maker wrote."""
        return self.contents is not None and self.contents.runs_code

    @property
    def load(self) -> str:
        """For Python."""
        allowed = ", allow_pickle=True" if self.runs_code else ""
        return f"import tracker.models\n\nmodel = tracker.models.load_model({self.uri!r}{allowed})\nmodel.predict(rows)"

    @property
    def serve(self) -> str:
        """For a shell."""
        allowed = " --allow-pickle" if self.runs_code else ""
        serve = f"tracker models serve -m {shlex.quote(self.uri)} -p {PORT}{allowed}"
        return f"export TRACKER_URI={shlex.quote(self.server_url)}\n{serve}"

    @property
    def ask(self) -> str:
        """For a shell, once it is served; "" where no example is known, or a long one."""
        example = self.contents.example if self.contents else ""
        if not example or len(example) > MAX_EXAMPLE:
            return ""
        head = "curl -H 'Content-Type: application/json'"
        return f"{head} http://127.0.0.1:{PORT}/invocations \\\n  -d {shlex.quote(example)}"
