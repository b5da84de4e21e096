"""Text as forms of pages send it."""

from collections.abc import Mapping

from trackerweb.errors import InvalidValue

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1


def refuse_nul(form: Mapping[str, str]) -> None:
    """Refuse what no database keeps.

    Errors: InvalidValue.
    """
    if any("\0" in value for value in form.values()):
        raise InvalidValue("The form holds the character U+0000, which can't be stored. Remove it.")


def plain_text(text: str) -> str:
    """A field's text without surrounding blanks. Browsers send line ends as CRLF; what a script logs has none."""
    return text.replace("\r\n", "\n").strip()


def whole_number(query: Mapping[str, str], name: str, low: int = 0) -> int | None:
    """A whole number of an address, from `low` to 2⁶³ − 1; None where the address has none.

    Errors: InvalidValue names it.
    """
    text = query.get(name, "").strip()
    if not text:
        return None
    digits = text.removeprefix("-")
    is_number = digits.isascii() and digits.isdigit() and len(digits) < 20
    if not (is_number and low <= int(text) <= INT64_MAX):
        raise InvalidValue(f"{name}={text[:40]!r} is no whole number{_bound(low)}.", field=name)
    return int(text)


def _bound(low: int) -> str:
    return f" from {low} on" if low >= 0 else ""
