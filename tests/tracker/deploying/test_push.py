"""Models are copied whole or not at all: to folders, and to a server that speaks S3."""

import shutil

import numpy as np
import pytest
from click.testing import CliRunner

from tracker import models
from tracker.command import commands
from tracker.deploying import push as pushing
from tracker.deploying.push import push
from tracker.errors import InvalidModel, InvalidValue, Refused, TrackerError, Unavailable
from tracker.models import s3


def files(folder):
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def keys(bucket):
    return {entry.key for entry in bucket.objects.all()}


def doubles(uri):
    return models.load_model(uri).predict(np.array([[3.0]])) == pytest.approx([6.0])


@pytest.mark.parametrize("form", ["{}", "file://{}"])
def test_a_model_is_copied_to_a_folder(saved, tmp_path, form):
    target = tmp_path / "deep" / "model"
    pushed = push(saved, form.format(target))
    assert files(target) == files(saved)
    assert pushed.files == len(files(saved))
    assert doubles(target)
    assert [file.name for file in target.parent.iterdir()] == ["model"]


def test_what_is_there_stays_unless_it_is_to_be_overwritten(saved, tmp_path):
    push(saved, str(tmp_path / "model"))
    (tmp_path / "model" / "stale").touch()
    with pytest.raises(InvalidValue, match=r"is there already.*--overwrite"):
        push(saved, str(tmp_path / "model"))
    push(saved, str(tmp_path / "model"), overwrite=True)
    assert files(tmp_path / "model") == files(saved)


def test_only_a_model_is_overwritten(saved, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.tex").touch()
    with pytest.raises(InvalidValue, match="holds no model"):
        push(saved, str(tmp_path / "home"), overwrite=True)
    assert (tmp_path / "home" / "thesis.tex").exists()


def test_a_model_is_not_pushed_into_or_over_itself(saved, tmp_path):
    own = shutil.copytree(saved, tmp_path / "a" / "model")
    (tmp_path / "a" / "MLmodel").touch()
    for target in (own, own / "below", tmp_path / "a"):
        with pytest.raises(InvalidValue, match="is where the model is"):
            push(own, str(target), overwrite=True)
    assert files(own) == files(saved)


def test_a_copy_that_fails_leaves_what_was_there(saved, tmp_path, monkeypatch):
    push(saved, str(tmp_path / "model"))
    monkeypatch.setattr(pushing, "digest_of", lambda file: str(file))
    with pytest.raises(Exception, match="other content"):
        push(saved, str(tmp_path / "model"), overwrite=True)
    assert files(tmp_path / "model") == files(saved)
    assert [file.name for file in tmp_path.iterdir()] == ["model"]


def test_a_place_that_can_not_be_written_is_named(saved, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(TrackerError, match="file/model can't be written"):
        push(saved, str(tmp_path / "file" / "model"))


def test_a_link_out_of_the_model_is_refused(saved, tmp_path):
    own = shutil.copytree(saved, tmp_path / "own")
    (own / "passwd").symlink_to("/etc/passwd")
    with pytest.raises(InvalidModel, match="a link that leads out of the model"):
        push(own, str(tmp_path / "target"))


@pytest.mark.parametrize(
    "target", ["ftp://host/model", "s3://bucket", "s3:///prefix", "s3://bucket/a/../b", "file://host/a"]
)
def test_other_places_are_refused(saved, bucket, target):
    with pytest.raises(InvalidValue):
        push(saved, target)


def test_a_model_is_copied_to_a_store_and_loaded_from_there(saved, bucket):
    uri = f"s3://{bucket.name}/team/model"
    push(saved, uri)
    assert keys(bucket) == {f"team/model/{name}" for name in files(saved)}
    assert doubles(uri)


def test_a_model_of_a_store_is_brought_once_until_it_changes(saved, bucket, monkeypatch):
    uri = f"s3://{bucket.name}/model"
    push(saved, uri)
    first = models.load_model(uri).saved.folder
    with monkeypatch.context() as patch:
        patch.setattr(s3.Bucket, "fetch", None)
        assert models.load_model(uri).saved.folder == first
    bucket.put_object(Key="model/more", Body=b"x")
    assert (models.load_model(uri).saved.folder / "more").read_bytes() == b"x"


def test_a_store_keeps_what_it_has_unless_it_is_to_be_overwritten(saved, bucket):
    uri = f"s3://{bucket.name}/model"
    push(saved, uri)
    bucket.put_object(Key="model/stale", Body=b"")
    with pytest.raises(InvalidValue, match="--overwrite"):
        push(saved, uri)
    push(saved, uri, overwrite=True)
    assert keys(bucket) == {f"model/{name}" for name in files(saved)}


def test_other_things_in_a_store_are_not_overwritten(saved, bucket):
    bucket.put_object(Key="model/thesis.tex", Body=b"")
    with pytest.raises(InvalidValue, match="holds no model"):
        push(saved, f"s3://{bucket.name}/model", overwrite=True)


def test_nothing_is_left_in_a_store_when_pushing_fails(saved, bucket, monkeypatch):
    sent = []
    put = s3.Bucket.put

    def fails_at_last(self, file, place):
        sent.append(place)
        put(self, file, place)
        if place == "MLmodel":
            raise Unavailable("gone")

    monkeypatch.setattr(s3.Bucket, "put", fails_at_last)
    with pytest.raises(Unavailable):
        push(saved, f"s3://{bucket.name}/model")
    assert sent[-1] == "MLmodel"
    assert keys(bucket) == set()


def test_content_that_was_changed_in_a_store_is_noticed(saved, bucket):
    uri = f"s3://{bucket.name}/model"
    push(saved, uri)
    noted = bucket.Object("model/requirements.txt").metadata
    bucket.put_object(Key="model/requirements.txt", Body=b"other", Metadata=noted)
    with pytest.raises(Unavailable, match=r"requirements\.txt.*other content than was sent there"):
        models.load_model(uri)


def test_a_place_without_a_model_is_named(bucket):
    with pytest.raises(InvalidModel, match="holds no file MLmodel"):
        models.load_model(f"s3://{bucket.name}/nothing")
    with pytest.raises(Refused, match="NoSuchBucket"):
        models.load_model("s3://no-such-bucket-here/model")


def test_a_store_that_is_not_there_is_unavailable(bucket, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(Unavailable, match="Could not connect"):
        models.load_model(f"s3://{bucket.name}/model")


def test_names_that_lead_elsewhere_are_refused(saved, bucket, tmp_path):
    push(saved, f"s3://{bucket.name}/model")
    bucket.put_object(Key="model/../../evil", Body=b"")
    bucket.put_object(Key="model/..\\evil", Body=b"")
    with pytest.raises(InvalidValue, match="is no path"):
        models.load_model(f"s3://{bucket.name}/model")


def test_the_command_pushes(saved, bucket):
    done = CliRunner().invoke(commands, ["models", "push", "-m", str(saved), f"s3://{bucket.name}/model"])
    assert done.output.startswith(f"s3://{bucket.name}/model: {len(files(saved))} files, ")
    done = CliRunner().invoke(commands, ["models", "push", "-m", str(saved), f"s3://{bucket.name}/b", "--json"])
    assert f'"files": {len(files(saved))}' in done.output
