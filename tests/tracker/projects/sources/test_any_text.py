"""Whatever strangers write as addresses, folders and names in zips: it stays inside, and passwords stay unsaid."""

import io
import tempfile
import zipfile
from pathlib import Path
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.errors import TrackerError
from tracker.projects.sources import addresses, git, zips

PIECES = st.sampled_from(["..", ".", "/", "\\", "a", "C:", "~", "\0", "%2e%2e", "é", "-", " ", "link", "#", "\n"])
PATHS = st.lists(PIECES, max_size=6).map("".join)
#: Written badly, a number before the first odd sign can't be told from a port.
PASSWORDS = st.text(min_size=4, max_size=12).filter(lambda text: not text[0].isdigit())
LINE = "fatal: no access to 'https://example.org/name.git'"


@settings(max_examples=50, deadline=None)
@given(PATHS)
def test_no_folder_behind_a_hash_leads_out(below):
    try:
        address = addresses.read(f"https://example.org/name.git#{below}")
    except TrackerError:
        return
    assert (Path("/root") / address.subfolder).as_posix().startswith("/root")
    assert ".." not in Path(address.subfolder).parts


@settings(max_examples=50, deadline=None)
@given(PATHS)
def test_no_member_of_a_zip_is_written_outside(name):
    member = zipfile.ZipInfo("placeholder")
    member.filename = member.orig_filename = name
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(member, "")
    with tempfile.TemporaryDirectory() as place:
        file, inside = Path(place, "a.zip"), Path(place, "around/inside")
        inside.parent.mkdir()
        file.write_bytes(packed.getvalue())
        try:
            zips.unpack(str(file), inside)
        except TrackerError:
            assert not inside.exists()
        assert {each.name for each in Path(place).iterdir()} == {"a.zip", "around"}
        assert {each.name for each in inside.parent.iterdir()} <= {"inside"}


@settings(max_examples=50, deadline=None)
@given(PASSWORDS)
def test_no_password_is_told(password):
    uri = f"https://me:{quote(password, safe='')}@example.org/name.git"
    assert addresses.read(uri).shown == "https://example.org/name.git"
    assert password in LINE or git._told(f"fatal: no access to '{uri}'", uri) == LINE
    assert password in LINE or password not in git._told(f"fatal: {password}", uri)


@settings(max_examples=50, deadline=None)
@given(PASSWORDS)
def test_no_password_is_told_though_it_is_written_badly(password):
    try:
        told = addresses.read(f"https://me:{password}@example.org/name.git").shown
    except TrackerError as error:
        told = str(error)
    assert f"me:{password}" not in told
