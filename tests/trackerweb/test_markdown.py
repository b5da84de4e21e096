from html.parser import HTMLParser

import pytest

from trackerweb.markdown import to_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and `code`", "<p><strong>bold</strong> and <code>code</code></p>\n"),
        ("# Title", "<h3>Title</h3>\n"),
        ("##### Deep", "<h6>Deep</h6>\n"),
        ("~~gone~~", "<p><s>gone</s></p>\n"),
        ("a < b", "<p>a &lt; b</p>\n"),
    ],
)
def test_markdown_becomes_html(text, html):
    assert to_html(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "![x](https://elsewhere.example/pixel.png)",
        '<a href="/" onclick="alert(1)" style="color:red">x</a>',
        "<style>body{display:none}</style>",
        "<iframe src=/></iframe>",
        '[x](https://example.org "\\" onmouseover=alert(1) x=\\"")',
    ],
)
def test_nothing_that_acts_gets_through(text):
    found = Elements(to_html(text))
    assert found.tags <= {"p", "a"}
    assert found.attributes <= {"href", "title", "rel"}
    assert all(address.startswith("https://example.org") for address in found.addresses)


class Elements(HTMLParser):
    """The tags, attributes and addresses of a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.addresses = set(), set(), []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.addresses += [value for name, value in attrs if name == "href"]
