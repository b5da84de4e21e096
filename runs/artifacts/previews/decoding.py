"""How the text of a file is encoded, and which characters are better shown than obeyed."""

import codecs
from dataclasses import dataclass

#: NUL and its kin draw nothing; Unicode has pictures of them.
_PICTURES = {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n\r\f"} | {0x7F: 0x2421}


@dataclass(frozen=True)
class Encoding:
    """A codec, the bytes that mark it at the start of the file, and what a reader should know about the choice."""

    codec: str
    mark: bytes = b""
    note: str = ""


_UTF8 = Encoding("utf-8")
_MARKED = (
    Encoding("utf-8", codecs.BOM_UTF8),
    Encoding("utf-16-le", codecs.BOM_UTF16_LE, "Read as UTF-16."),
    Encoding("utf-16-be", codecs.BOM_UTF16_BE, "Read as UTF-16."),
)
_LATIN1 = Encoding(
    "latin-1", note="This is not UTF-8. It is read as Latin-1, which may be wrong about letters with accents."
)


def encoding_of(head: bytes) -> Encoding:
    """The encoding of a file that begins like this: by its mark, else UTF-8, else Latin-1, which reads anything."""
    marked = next((encoding for encoding in _MARKED if head.startswith(encoding.mark)), None)
    if marked is not None:
        return marked
    try:
        # Not final: the head may end within a character.
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return _LATIN1
    return _UTF8


def visible(text: str) -> str:
    """The text with control characters as pictures: NUL is ␀."""
    return text.translate(_PICTURES)
