"""Notes are Markdown; what comes out is safe to put on a page."""

from collections.abc import Callable

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

# Images are left out: our pages load nothing from another host.
TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
PICTURE_ATTRIBUTES = {"img": {"src", "alt", "title"}}

#: Where a relative address leads: (address, whether it is a picture's) to another address, or None to leave it out.
Lead = Callable[[str, bool], str | None]

_markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def to_html(text: str, lead: Lead | None = None) -> SafeString:
    """Markdown as HTML without scripts, styles or forms; HTML within it is shown as text.

    Headings begin at the third level, below those of the page. Pictures are there only where `lead` finds them a place.
    """
    tokens = _markdown.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"
        if lead is not None:
            for child in token.children or ():
                _lead_on(child, lead)
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    tags, attributes = (TAGS | {"img"}, ATTRIBUTES | PICTURE_ATTRIBUTES) if lead else (TAGS, ATTRIBUTES)
    return mark_safe(nh3.clean(html, tags=tags, attributes=attributes, url_schemes={"http", "https", "mailto"}))  # noqa: S308


def _lead_on(token: Token, lead: Lead) -> None:
    name = {"image": "src", "link_open": "href"}.get(token.type)
    if name is None:
        return
    address = lead(str(token.attrs.get(name, "")), token.type == "image")
    if address is not None:
        token.attrs[name] = address
    elif token.type == "image":
        token.type, token.tag = "text", ""
    else:
        token.attrs.pop(name, None)
