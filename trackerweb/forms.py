"""Text as forms of pages send it."""

from collections.abc import Mapping

from trackerweb.errors import InvalidValue


def refuse_nul(form: Mapping[str, str]) -> None:
    """Refuse what no database keeps.

    Errors: InvalidValue.
    """
    if any("\0" in value for value in form.values()):
        raise InvalidValue("The form holds the character U+0000, which can't be stored. Remove it.")


def plain_text(text: str) -> str:
    """A field's text without surrounding blanks. Browsers send line ends as CRLF; what a script logs has none."""
    return text.replace("\r\n", "\n").strip()
