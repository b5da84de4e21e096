"""Whatever bytes a file of whatever name holds, there is a preview, and soon."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runs.artifacts.previews.inline import inline_of
from runs.artifacts.previews.judging import FILMS, PDF, PICTURES, SOUNDS
from runs.artifacts.previews.source import Source
from tests.runs.artifacts.previews import shown

#: The child has ten seconds; more than that only keeps a loaded machine from being taken for a slow preview.
SOON = timedelta(seconds=60)
PARSED_HERE = [".png", ".svg", ".html", ".pdf", ".csv", ".tsv", ".json", ".jsonl", ".txt", ".mp4", ".wav", ".bin", ""]
PARSED_IN_CHILD = [".py", ".md", ".parquet", ".npy", ".npz", ".yaml"]
STARTS = [
    b"", b"\x89PNG\r\n\x1a\n", b"<svg ", b"PK\x03\x04", b"\x93NUMPY\x01\x00\x10\x00", b"PAR1", b"%PDF-", b"{", b"[",
    b'{"a":', b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"GIF89a", b"RIFF....WEBP", b"a,b\n", b'"', b"\0", b"# ",
    b"```",
]  # fmt: skip
SHOWN_AS = {*PICTURES, *SOUNDS, *FILMS, PDF, "application/octet-stream", "text/plain", "text/html"}
contents = st.builds(
    lambda start, rest, end: start + rest + end,
    st.sampled_from(STARTS),
    st.binary(max_size=3000) | st.text(max_size=1500).map(lambda text: text.encode("utf-8", "replace")),
    st.sampled_from([b"", b"PAR1", b"}", b"]", b"\n"]),
)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", PARSED_HERE)
def test_any_bytes_have_a_preview(suffix):
    @settings(max_examples=80, deadline=SOON, suppress_health_check=list(HealthCheck))
    @given(contents, st.integers(1, 3))
    def look(content, page):
        assert shown(f"file{suffix}", content, page).template.startswith("runs/previews/_")

    look()


@pytest.mark.slow
@pytest.mark.parametrize("suffix", PARSED_IN_CHILD)
def test_any_bytes_have_a_preview_from_the_child(suffix):
    @settings(max_examples=12, deadline=SOON, suppress_health_check=list(HealthCheck))
    @given(contents)
    def look(content):
        assert shown(f"file{suffix}", content).template.startswith("runs/previews/_")

    look()


@settings(max_examples=300, deadline=None)
@given(contents, st.sampled_from([*PARSED_HERE, ".ipynb", ".js", ".css", ".htm"]), st.booleans())
def test_any_bytes_are_served_sandboxed_and_as_a_known_type(content, suffix, in_frame):
    source = Source("r1", f"file{suffix}", len(content), None)
    source.__dict__["head"] = content
    inline = inline_of(source, in_frame)
    assert inline.media_type.partition(";")[0] in SHOWN_AS
    assert inline.policy.startswith("sandbox")
    assert "allow-same-origin" not in inline.policy
    assert "default-src 'none'" in inline.policy
    assert ("allow-scripts" in inline.policy) == (
        in_frame and suffix in (".html", ".htm") and inline.media_type.startswith("text/html")
    )
