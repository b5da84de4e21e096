"""What the client tells people does nothing to their terminal."""

import sys

from tracker import notices


def test_what_a_terminal_obeys_is_not_told(monkeypatch, capfd):
    monkeypatch.setattr(sys, "__stderr__", sys.stderr)
    notices.warn("pip install é\x1b[2K\rnothing\u202e\n\tall of it")
    assert capfd.readouterr().err == "tracker: pip install é\\x1b[2K\\rnothing\\u202e\n\tall of it\n"
