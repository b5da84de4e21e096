"""The page of a served model: what it is, what it takes, and a form to ask it. Works without script."""

from __future__ import annotations

import base64
import hashlib
import json
import shlex
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from tracker.errors import MissingLibrary
from tracker.serving import form
from tracker.serving.answers import Answer
from tracker.serving.scoring import Scoring

HERE = Path(__file__).parent / "pages"
KIND = "text/html; charset=utf-8"


class Page:
    """The page of one model, made anew for each request. Errors: MissingLibrary, without Jinja2."""

    def __init__(self, scoring: Scoring, name: str) -> None:
        try:
            import jinja2
        except ImportError:
            raise MissingLibrary("Serving needs Jinja2: pip install 'trackerweb[serve]'.") from None
        loader = jinja2.FileSystemLoader(HERE)
        self._template = jinja2.Environment(loader=loader, autoescape=True).get_template("model.html")
        self._style, self._script = ((HERE / f"model.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
        self._scoring, self._name = scoring, name
        self._form = form.of_model(scoring.model)
        self._headers = (("content-security-policy", self._policy()), ("referrer-policy", "no-referrer"))

    def shown(self, url: str) -> Answer:
        """The page with the input example."""
        values = {field.key: field.value for field in self._form.fields}
        return self._rendered(url, values, self._body_of(values))

    def submitted(self, url: str, body: bytes) -> Answer:
        """The page with an answer to what its form was filled with."""
        posted = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        try:
            told = self._form.body(posted) if self._form.fields else json.loads(posted.get("body", ""))
        except (ValueError, RecursionError) as error:
            return self._rendered(url, posted, posted.get("body", ""), problem=str(error), status=400)
        began = time.perf_counter()
        answer = self._scoring.answer("application/json", json.dumps(told).encode())
        milliseconds = (time.perf_counter() - began) * 1000
        return self._rendered(url, posted, told, answer=answer, milliseconds=milliseconds, status=answer.status)

    def _body_of(self, values: dict[str, str]) -> dict[str, Any]:
        """What the form asks as it stands; the whole example where the form is not full, or there is none."""
        try:
            return self._form.body(values) if self._form.fields else self._form.example
        except ValueError:
            return self._form.example

    def _rendered(self, url: str, values: dict[str, str], body: Any, status: int = 200, **answered: Any) -> Answer:
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        metadata = self._scoring.model.metadata
        html = self._template.render(
            name=self._name, form=self._form, values=values, body=text, curl=curl(url, text),
            flavors=sorted(metadata.flavors), metadata=metadata, tables=_tables(self._scoring),
            style=self._style, script=self._script, **answered,
        )  # fmt: skip
        return Answer(status, html.encode(), KIND, self._headers)

    def _policy(self) -> str:
        """Only the style and the script of this page, and no address but its own."""
        style, script = _digest(self._style), _digest(self._script)
        return (
            f"default-src 'none'; style-src '{style}'; script-src '{script}'; connect-src 'self'; img-src data:; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )


def curl(url: str, body: str) -> str:
    """The line for a shell that asks the same."""
    return f"curl {url}/invocations -H 'Content-Type: application/json' -d {shlex.quote(body)}"


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _tables(scoring: Scoring) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Inputs, outputs and params of the signature: name, type, and what else is to be known."""
    signature = scoring.signature
    if signature is None:
        return []
    found = []
    for title, schema in (("Inputs", signature.inputs), ("Outputs", signature.outputs)):
        if schema is not None:
            notes = ["" if spec.required else "may be left out" for spec in schema]
            types = [_type(spec.json) for spec in schema]
            names = [str(name) if schema.has_names else "–" for name in schema.names]
            rows = list(zip(names, types, notes, strict=True))
            found.append((title, rows))
    if signature.params is not None:
        told = [spec.json for spec in signature.params]
        found.append(
            ("Params", [(each["name"], _type(each), f"default {json.dumps(each['default'])}") for each in told])
        )
    return found


def _type(told: dict[str, Any]) -> str:
    """A type in a few words: `double`, `string[]`, `float32 (-1, 28, 28)`."""
    kind = str(told["type"])
    if kind == "tensor":
        shape = ", ".join(map(str, told["tensor-spec"]["shape"]))
        return f"{told['tensor-spec']['dtype']} ({shape})"
    if told.get("shape"):
        return f"{kind}[]"
    if kind == "array":
        return f"{_type(told['items'])}[]"
    if kind == "map":
        return f"map to {_type(told['values'])}"
    if kind == "object":
        parts = (f"{name}{'' if each['required'] else '?'}: {_type(each)}" for name, each in told["properties"].items())
        return f"{{{', '.join(parts)}}}"
    return kind
