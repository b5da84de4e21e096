"""What a file is by its content. Only what is found here is ever shown by a browser as more than plain text."""

from collections.abc import Callable

#: Control characters that no text holds; tab, line ends, form feed, backspace and escape are fine.
_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\r\f\b\x1b"))
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
#: What may come before the root of an SVG, and how each ends. A DOCTYPE that defines entities is not among them.
_PROLOGUE = (("<?xml", "?>"), ("<!--", "-->"), ("<!doctype svg", ">"))
_SVG_HEAD = 4096

Judge = Callable[[bytes], bool]


def _begins(*signatures: bytes) -> Judge:
    return lambda head: head.startswith(signatures)


def _riff(form: bytes) -> Judge:
    return lambda head: head[:4] == b"RIFF" and head[8:12] == form


def _box(*brands: bytes) -> Judge:
    """An ISO media file (MP4, AVIF) of one of these brands."""
    return lambda head: head[4:8] == b"ftyp" and head[8:12] in brands


def _is_bmp(head: bytes) -> bool:
    # Two letters are too little to tell by: the reserved field is zero, and the header has one of its known lengths.
    known = (12, 40, 52, 56, 64, 108, 124)
    return head[:2] == b"BM" and head[6:10] == bytes(4) and int.from_bytes(head[14:18], "little") in known


def _is_svg(head: bytes) -> bool:
    text = head[:_SVG_HEAD].decode("utf-8", "replace").removeprefix("\ufeff").lstrip().lower()
    while end := next((end for begin, end in _PROLOGUE if text.startswith(begin)), None):
        prologue, _, text = text.partition(end)
        text = "" if "[" in prologue else text.lstrip()
    return text.startswith("<svg") and not text[4:5].isalnum()


def _is_webm(head: bytes) -> bool:
    return head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:64]


def _is_mp3(head: bytes) -> bool:
    return head.startswith(b"ID3") or (head[:1] == b"\xff" and head[1:2] in (b"\xfb", b"\xf3", b"\xf2"))


SVG = "image/svg+xml"
PICTURES: dict[str, Judge] = {
    "image/png": _begins(b"\x89PNG\r\n\x1a\n"),
    "image/jpeg": _begins(b"\xff\xd8\xff"),
    "image/gif": _begins(b"GIF87a", b"GIF89a"),
    "image/webp": _riff(b"WEBP"),
    "image/avif": _box(b"avif", b"avis"),
    "image/bmp": _is_bmp,
    "image/x-icon": _begins(b"\x00\x00\x01\x00"),
    SVG: _is_svg,
}
SOUNDS: dict[str, Judge] = {
    "audio/wav": _riff(b"WAVE"),
    "audio/flac": _begins(b"fLaC"),
    "audio/ogg": _begins(b"OggS"),
    "audio/mp4": _box(b"M4A ", b"M4B "),
    "audio/mpeg": _is_mp3,
}
FILMS: dict[str, Judge] = {
    "video/mp4": _box(
        b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"dash", b"M4V ", b"qt  "
    ),
    "video/webm": _is_webm,
}
PDF = "application/pdf"


def media_type_of(head: bytes, among: dict[str, Judge]) -> str | None:
    """The first of `among` that the content begins like."""
    return next((media_type for media_type, judge in among.items() if judge(head)), None)


def is_pdf(head: bytes) -> bool:
    """It begins as a PDF does."""
    return head.startswith(b"%PDF-")


def is_text(head: bytes) -> bool:
    """It reads as text in some encoding: hardly a control character in it."""
    if head.startswith(_UTF16_MARKS):
        return True
    strange = len(head) - len(head.translate(None, _CONTROLS))
    return strange * 100 <= len(head)
