"""NumPy's files, summed up and never unpickled."""

import io
import pickle
import zipfile

import numpy
import pytest

from tests.runs.artifacts.previews import shown


def npy(array, **options):
    buffer = io.BytesIO()
    numpy.save(buffer, array, **options)
    return buffer.getvalue()


def header(text):
    raw = text.encode()
    return b"\x93NUMPY\x01\x00" + len(raw).to_bytes(2, "little") + raw


def test_an_array_is_summed_up():
    (array,) = shown("a.npy", npy(numpy.arange(6, dtype="int16").reshape(2, 3))).arrays
    assert (array.shape, array.type, array.min, array.max, array.mean) == ("2 × 3", "int16", "0", "5", "2.5")
    assert array.first == ["0", "1", "2", "3", "4", "5"]
    assert array.is_whole


def test_a_single_value_an_empty_array_and_nan_are_shown():
    assert shown("a.npy", npy(numpy.float64(0.5))).arrays[0].shape == "one value"
    assert shown("a.npy", npy(numpy.empty((0, 3)))).arrays[0].first == []
    assert shown("a.npy", npy(numpy.array([1, numpy.nan]))).arrays[0].min == "nan"


def test_texts_and_structures_have_no_mean():
    assert shown("a.npy", npy(numpy.array(["x", "<b>"]))).arrays[0].first == ["x", "<b>"]
    assert shown("a.npy", npy(numpy.zeros(2, dtype=[("<i>", "i4")]))).arrays[0].mean == ""


def test_an_archive_shows_each_array():
    buffer = io.BytesIO()
    numpy.savez_compressed(buffer, weights=numpy.ones(3), bias=numpy.zeros(1))
    assert [array.name for array in shown("a.npz", buffer.getvalue()).arrays] == ["weights", "bias"]


def test_a_large_array_is_summed_up_by_its_beginning():
    (array,) = shown("a.npy", npy(numpy.zeros(1_500_000, dtype="uint8"))).arrays
    assert not array.is_whole


class Trap:
    def __reduce__(self):
        return print, ("run",)


def test_pickled_objects_are_not_read():
    (array,) = shown("a.npy", npy(numpy.array([Trap()], dtype=object), allow_pickle=True)).arrays
    assert "run code" in array.note
    assert array.first == ()


@pytest.mark.parametrize(
    "content",
    [
        pickle.dumps(Trap()),
        npy(numpy.ones(100))[:200],
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999,)}"),
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}"),
        header("__import__('os').system('true')"),
        header("(" * 9000),
        b"\x93NUMPY\x09\x09",
        b"PK\x03\x04" + bytes(50),
    ],
    ids=["pickle", "truncated", "lies about its length", "negative", "code", "deep", "unknown version", "no archive"],
)
def test_what_is_no_array_is_refused_in_words(content):
    preview = shown("a.npy", content)
    assert preview.kind in ("other", "text")
    assert preview.note


def test_an_archive_that_unpacks_to_far_more_than_it_holds_ends_in_time():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.npy", npy(numpy.zeros(100_000_000, dtype="uint8")))
    (array,) = shown("a.npz", buffer.getvalue()).arrays
    assert array.max == "0"
    assert not array.is_whole
