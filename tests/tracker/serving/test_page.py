"""The page of a served model, without a server."""

import json
import re
from html import unescape
from urllib.parse import urlencode

import pytest

from tracker import models
from tracker.models import ModelSignature
from tracker.models.signature import Schema, TensorSpec
from tracker.serving.page import Page, curl
from tracker.serving.scoring import Scoring

URL = "http://127.0.0.1:5000"


@pytest.fixture(scope="module")
def page(patient_model):
    return Page(Scoring(models.load_model(patient_model, allow_pickle=True)), patient_model.name)


def text_of(answer):
    return answer.content.decode()


def test_it_shows_the_model_and_its_signature(page):
    told = text_of(page.shown(URL))
    assert "<h1>patient &lt;b&gt;</h1>" in told
    for part in ("python_function", "<code>datetime</code>", "may be left out", "default 0.0", "<code>string[]</code>"):
        assert part in told


def test_fields_are_typed_and_filled_with_the_example(page):
    told = text_of(page.shown(URL))
    fields = dict(re.findall(r'name="(\w+\.\w+)"[^>]*?type="([\w-]+)"', told, re.DOTALL))
    kinds = {"data.name": "text", "data.size": "number", "data.since": "datetime-local", "params.seconds": "number"}
    assert fields == kinds | {"params.marks": "text"}
    assert 'value="it&#39;s &lt;/script&gt;"' in told
    assert "<select" in told


def test_nothing_of_the_model_becomes_markup(page):
    told = text_of(page.shown(URL))
    assert told.count("</script>") == 1
    assert "<b>" not in told


def test_the_policy_lets_in_nothing_but_the_page(page):
    policy = dict(page.shown(URL).headers)["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_a_form_is_answered_on_the_page(page):
    form = {
        "data.name": "a",
        "data.size": "2",
        "data.flag": "",
        "data.since": "",
        "params.seconds": "0",
        "params.marks": '["y"]',
    }
    answer = page.submitted(URL, urlencode(form).encode())
    told = unescape(text_of(answer))
    assert answer.status == 200
    assert '{"predictions": ["a 2.0"]}' in told
    assert '"data": [["a", 2]]}, "params": {"seconds": 0, "marks": ["y"]}}' in told


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("data.size", "", "size is empty. Fill it in."),
        ("data.size", "many", "size is to be double; 'many' is not."),
        ("data.size", "nan", "size is to be a finite number."),
        ("params.marks", "[", "marks is to be list of string; '[' is not."),
    ],
)
def test_a_field_that_can_not_be_meant_is_said(page, field, value, message):
    answer = page.submitted(URL, urlencode({"data.name": "a", "data.size": "1"} | {field: value}).encode())
    assert answer.status == 400
    assert message in unescape(text_of(answer))


def test_what_was_filled_in_stays(page):
    told = text_of(page.submitted(URL, urlencode({"data.name": "<i>", "data.size": "x"}).encode()))
    assert 'value="&lt;i&gt;"' in told


def test_a_model_of_tensors_has_the_body_to_write(patient_model, tmp_path):
    signature = ModelSignature(Schema([TensorSpec("float32", (-1, 2, 2))]))
    models.save_model(patient_model / "patient.py", tmp_path / "model", signature=signature, requirements=[])
    page = Page(Scoring(models.load_model(tmp_path / "model", allow_pickle=True)), "images")
    told = text_of(page.shown(URL))
    assert "{&#34;inputs&#34;: [[[0, 0], [0, 0]]]}</textarea>" in told
    assert "float32 (-1, 2, 2)" in told
    assert page.submitted(URL, urlencode({"body": "{"}).encode()).status == 400


def test_the_line_for_a_shell_is_quoted():
    body = json.dumps({"inputs": ["it's"]})
    assert curl(URL, body).endswith("""-d '{"inputs": ["it'"'"'s"]}'""")
