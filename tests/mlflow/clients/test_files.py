"""Files of every kind that MLflow's client logs, and read again by it."""


def test_everything_that_can_be_logged_is_read_again(script):
    told = script("""
        import mlflow, pathlib
        import matplotlib.pyplot, numpy, PIL.Image
        mlflow.set_experiment("files")
        folder = pathlib.Path("folder")
        (folder / "deep").mkdir(parents=True)
        (folder / "deep" / "a.bin").write_bytes(bytes(range(256)))
        (folder / "empty").write_text("")
        figure, axes = matplotlib.pyplot.subplots()
        axes.plot([1, 2])
        with mlflow.start_run() as run:
            mlflow.log_text("hällo", "texts/a.txt")
            mlflow.log_dict({"a": [1, 2]}, "d.json")
            mlflow.log_dict({"a": [1, 2]}, "d.yaml")
            mlflow.log_figure(figure, "figure.png")
            mlflow.log_image(numpy.zeros((4, 4, 3), dtype=numpy.uint8), "image.png")
            for step in (0, 5):
                mlflow.log_image(PIL.Image.new("RGB", (4, 4)), key="dog", step=step)
            mlflow.log_table({"q": ["a"], "n": [1]}, "table.json")
            mlflow.log_table({"q": ["b"], "n": [2]}, "table.json")
            mlflow.log_artifacts("folder", "copied")
            mlflow.log_artifact("folder/empty")
        uri, id = run.info.artifact_uri, run.info.run_id
        told["text"] = mlflow.artifacts.load_text(uri + "/texts/a.txt")
        told["dict"] = mlflow.artifacts.load_dict(uri + "/d.json")
        told["image"] = mlflow.artifacts.load_image(uri + "/image.png").size
        told["table"] = mlflow.load_table("table.json", run_ids=[id]).to_dict("list")
        told["images"] = len(mlflow.artifacts.list_artifacts(run_id=id, artifact_path="images"))
        whole = pathlib.Path(mlflow.artifacts.download_artifacts(run_id=id, dst_path="all"))
        found = [p.relative_to(whole) for p in whole.rglob("*") if p.is_file()]
        told["files"] = sorted(str(p) for p in found if p.parts[0] != "images")
        told["bytes"] = (whole / "copied/deep/a.bin").read_bytes() == bytes(range(256))
        told["empty"] = (whole / "empty").read_bytes() == b""
    """)
    assert told["text"] == "hällo"
    assert told["dict"] == {"a": [1, 2]}
    assert told["image"] == [4, 4]
    assert told["table"] == {"q": ["a", "b"], "n": [1, 2]}
    assert told["images"] == 4
    assert told["files"] == [
        "copied/deep/a.bin", "copied/empty", "d.json", "d.yaml", "empty", "figure.png", "image.png", "table.json",
        "texts/a.txt",
    ]  # fmt: skip
    assert told["bytes"] is True
    assert told["empty"] is True


def test_a_file_of_100_mb_comes_back_as_it_went(script):
    told = script("""
        import hashlib, mlflow, os
        open("large.bin", "wb").write(os.urandom(1 << 20) * 100)
        with mlflow.start_run() as run:
            mlflow.log_artifact("large.bin", "models")
        id = run.info.run_id
        back = mlflow.artifacts.download_artifacts(run_id=id, artifact_path="models/large.bin", dst_path="back")
        told["same"] = [hashlib.sha256(open(p, "rb").read()).hexdigest() for p in ("large.bin", back)]
    """)
    assert told["same"][0] == told["same"][1]


def test_a_large_file_goes_in_parts(script):
    told = script(
        """
        import hashlib, mlflow, os
        open("large.bin", "wb").write(os.urandom(23 << 20))
        with mlflow.start_run() as run:
            mlflow.log_artifact("large.bin")
        back = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="large.bin", dst_path="back")
        told["same"] = [hashlib.sha256(open(p, "rb").read()).hexdigest() for p in ("large.bin", back)]
        """,
        MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE=str(10 << 20),
        MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE=str(5 << 20),
    )
    assert told["same"][0] == told["same"][1]


def test_names_may_be_odd(script):
    names = [
        "with space.txt",
        "ünï 💥.txt",
        "a+b&c=d.txt",
        "100%.txt",
        "(x)[y].txt",
        ".hidden",
        "a,b;c.txt",
        "it's.txt",
    ]
    told = script(f"""
        import mlflow
        names = {names!r}
        with mlflow.start_run() as run:
            for name in names:
                open(name, "w").write(name)
                mlflow.log_artifact(name, "odd")
        place = run.info.artifact_uri + "/odd/"
        told["read"] = [mlflow.artifacts.load_text(place + name) for name in names if "%" not in name]
        listed = mlflow.artifacts.list_artifacts(run_id=run.info.run_id, artifact_path="odd")
        told["listed"] = sorted(item.path for item in listed)
    """)
    assert told["read"] == [name for name in names if "%" not in name]
    assert told["listed"] == sorted(f"odd/{name}" for name in names)


def test_files_are_deleted(script):
    told = script("""
        import mlflow
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
        with mlflow.start_run() as run:
            mlflow.log_text("a", "keep.txt")
            mlflow.log_text("a", "folder/a.txt")
            mlflow.log_text("a", "b.txt")
        files = get_artifact_repository(run.info.artifact_uri)
        files.delete_artifacts("folder")
        files.delete_artifacts("b.txt")
        told["left"] = [item.path for item in files.list_artifacts()]
    """)
    assert told["left"] == ["keep.txt"]


def test_a_path_that_leads_elsewhere_is_refused(script):
    told = script("""
        import mlflow
        with mlflow.start_run() as run:
            for path in ("../x", "/etc/x", "a/../../x"):
                try:
                    mlflow.log_text("a", path)
                    told[path] = "stored"
                except Exception as error:
                    told[path] = type(error).__name__
        told["files"] = [item.path for item in mlflow.MlflowClient().list_artifacts(run.info.run_id)]
    """)
    assert told["files"] == []
