"""What an MLproject file says, and what is no such file."""

import pytest

from tracker.errors import InvalidProject
from tracker.projects import definition
from tracker.projects.definition import Docker, Environment

EVERYTHING = """
    name: digits
    python_env: python_env.yaml
    entry_points:
      main:
        parameters:
          alpha: float
          data: {type: path, default: data.csv}
          other: {default: 3}
        command: "python train.py {alpha} {data}"
      check: {command: "true"}
"""


def refused(project, text, **files):
    with pytest.raises(InvalidProject) as error:
        project(text, **files)
    return str(error.value)


def test_all_that_a_file_says_is_read(project, tmp_path):
    made = project(EVERYTHING, python_env__yaml="")
    assert made.name == "digits"
    assert made.environment == Environment("python", tmp_path / "project/python_env.yaml")
    assert list(made.entry_points) == ["main", "check"]
    found = [(one.name, one.kind, one.default) for one in made.entry_point("main").parameters.values()]
    assert found == [("alpha", "float", None), ("data", "path", "data.csv"), ("other", "string", 3)]


@pytest.mark.parametrize("name", ["MLproject", "mlproject", "MLPROJECT", "mlProject"])
def test_the_case_of_the_name_does_not_matter(project, name):
    assert project("name: digits", name).name == "digits"


def test_of_several_files_the_documented_name_counts(project):
    project("name: other", "MLPROJECT")
    project("name: other", "mlproject")
    assert project("name: digits").name == "digits"


def test_no_file_is_a_project_without_name_and_entry_points(project, tmp_path):
    assert project() == definition.Project(tmp_path / "project", "", Environment("none"), {})


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"python_env__yaml": ""}, "python"),
        ({"conda__yaml": ""}, "conda"),
        ({"conda__yaml": "", "python_env__yaml": ""}, "python"),
        ({}, "none"),
    ],
)
def test_the_environment_is_the_one_whose_file_is_there(project, files, kind):
    for text in (None, "name: digits", "conda_env:", "docker_env: {}"):
        assert project(text, **files).environment.kind == kind


def test_a_named_environment_comes_before_the_default(project, tmp_path):
    made = project("conda_env: other.yaml", other__yaml="", python_env__yaml="")
    assert made.environment == Environment("conda", tmp_path / "project/other.yaml")


def test_a_docker_environment_has_volumes_and_variables(project):
    made = project("""
        docker_env:
          image: repo/name:1
          volumes: ["/host:/container"]
          environment: [["NEW", "value"], ["FIVE", 5], "COPIED"]
    """)
    docker = Docker("repo/name:1", ("/host:/container",), (("NEW", "value"), ("FIVE", "5"), "COPIED"))
    assert made.environment == Environment("docker", docker=docker)


def test_two_environments_are_refused_even_if_one_is_empty(project):
    assert "python_env and conda_env" in refused(project, "conda_env: conda.yaml\npython_env:", conda__yaml="")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "MLproject is empty"),
        ("5", "MLproject is 5"),
        ("[a]", r"MLproject is ['a']"),
        ("name: {a: b}", "name is"),
        ("a: [", "is no YAML"),
        ("name: !!python/name:os.system x", "a tag"),
        ("entry_points:", "entry_points is empty"),
        ("entry_points: [a]", "entry_points is"),
        ("entry_points: {main: }", "entry_points: main is empty"),
        ("entry_points: {main: python}", "entry_points: main is 'python'"),
        ("entry_points: {main: {}}", "entry_points: main: command is empty"),
        ("entry_points: {main: {command: 5}}", "entry_points: main: command is 5"),
        ("entry_points: {main: {command: x, parameters: }}", "main: parameters is empty"),
        ("entry_points: {main: {command: x, parameters: [a]}}", "main: parameters is"),
        ("entry_points: {main: {command: x, parameters: {a: 5}}}", "main: parameters: a is 5"),
        ("python_env: 5", "python_env is 5"),
        ("python_env: none.yaml", "there is no file 'none.yaml'"),
        ("conda_env: ../conda.yaml", "leads out of"),
        ("conda_env: /etc/passwd", "leads out of"),
        ("docker_env: name", "docker_env is 'name'"),
        ("docker_env: {volumes: []}", "docker_env has no image"),
        ("docker_env: {image: [a]}", "docker_env: image is"),
        ("docker_env: {image: a, volumes: b}", "volumes is 'b'"),
        ("docker_env: {image: a, volumes: [5]}", "a line of volumes is 5"),
        ("docker_env: {image: a, environment: b}", "environment is 'b'"),
        ("docker_env: {image: a, environment: [[b]]}", "['b'] in environment"),
        ("docker_env: {image: a, environment: [b=c]}", "'b=c' in environment"),
        ("databricks_spark_job: {python_file: a.py}", "runs on Databricks alone"),
    ],
)
def test_what_can_not_be_is_refused_with_its_place(project, text, told):
    assert told in refused(project, text)


def test_an_environment_that_a_link_leads_out_to_is_refused(project, tmp_path):
    (tmp_path / "secret.yaml").write_text("")
    project()
    (tmp_path / "project/conda.yaml").symlink_to(tmp_path / "secret.yaml")
    assert "leads out of" in refused(project, "name: digits")


def test_a_folder_is_no_file(project, tmp_path):
    (tmp_path / "project/MLproject").mkdir(parents=True)
    assert "no file 'MLproject'" in refused(project, None)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InvalidProject, match="no folder that can be read"):
        definition.load(tmp_path / "none")


def test_aliases_stand_for_what_they_name(project):
    made = project("""
        shared: &shared {alpha: float, beta: {default: 2}}
        entry_points:
          one: {parameters: *shared, command: a}
          two: {parameters: {<<: *shared, alpha: path}, command: b}
    """)
    one, two = made.entry_point("one").parameters, made.entry_point("two").parameters
    assert one["beta"] == two["beta"]
    assert (one["alpha"].kind, two["alpha"].kind) == ("float", "path")


@pytest.mark.parametrize(
    "text",
    [
        "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 18)),
        "a0: &a0 {k: v}\n" + "".join(f"a{i}: &a{i} {{k: *a{i - 1}}}\n" for i in range(1, 30)),
        "a: &a [*a]",
        "a: *b",
    ],
)
def test_aliases_that_stand_for_too_much_are_refused(project, text):
    assert refused(project, text)


def test_an_unknown_entry_point_is_told_which_there_are(project):
    made = project(EVERYTHING, python_env__yaml="")
    with pytest.raises(InvalidProject, match=r"no entry point 'train'. It lists 'main', 'check'; .*\.py, \.sh, \.R"):
        made.entry_point("train")
    with pytest.raises(InvalidProject, match="It lists none: a file MLproject in it does; a script"):
        project("name: digits").entry_point("main")
