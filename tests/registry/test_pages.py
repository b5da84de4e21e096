"""Pages of models: what they show, and what their forms change."""

import pytest

from registry.models import LoggedModel, ModelVersion, RegisteredModel
from tests.factories import make_artifact, make_experiment, make_model, make_run, register

pytestmark = pytest.mark.django_db
MLMODEL = "flavors:\n  sklearn: {serialization_format: skops}\nmlflow_version: 3.17.2\n"


@pytest.fixture
def iris():
    """A registered model with three versions, from runs of an experiment that is about accuracy."""
    experiment = make_experiment("plants", primary_metric="accuracy")
    for number in (1, 2, 3):
        run = make_run(
            experiment, name=f"run-{number}", metrics={"accuracy": number / 10}, params={"depth": str(number)}
        )
        files = {"MLmodel": MLMODEL, "requirements.txt": f"numpy==2.{number}\n"}
        register(make_model(run, files=files), "iris", *(["champion"] if number == 2 else []))
    return RegisteredModel.objects.named("iris")


def shown(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, answer
    return " ".join(answer.content.decode().split())


def test_the_list_shows_the_version_in_use(client, iris):
    page = shown(client, "/models/")
    assert "1 model" in page
    assert "3 versions" in page
    assert "@champion v2" in page
    assert "run-2" in page
    assert "run-3" not in page


def test_versions_are_opened_in_the_list(client, iris):
    page = shown(client, f"/models/?open={iris.pk}")
    assert "run-1" in page
    assert "run-3" in page


@pytest.mark.parametrize(
    ("text", "found"),
    [("iri", True), ("@champ", True), ("team", True), ("red", True), ("nothing", False), ("@nobody", False),
     ("name LIKE 'i%' AND tags.team = 'red'", True), ("tags.team = 'blue'", False)],
)  # fmt: skip
def test_models_are_found_by_name_alias_and_tag(client, iris, text, found):
    iris.set_tags({"team": "red"})
    page = client.get("/models/", {"q": text}).content.decode()
    assert (f"/models/{iris.pk}/" in page) is found


def test_a_filter_that_can_not_be_read_is_told_of(client, iris):
    assert 'role="alert"' in client.get("/models/", {"q": "name = "}).content.decode()


def test_an_empty_list_shows_the_line_that_fills_it(client):
    assert "registered_model_name=" in shown(client, "/models/")


def test_a_model_shows_versions_and_where_aliases_led(client, iris):
    client.post(f"/models/{iris.pk}/aliases/", {"alias": "@champion", "version": "3"})
    page = shown(client, f"/models/{iris.pk}/")
    assert "v2 → v3" in page
    assert iris.aliases.get().model_version.version == 3


def test_an_alias_is_taken_away(client, iris):
    client.post(f"/models/{iris.pk}/aliases/", {"alias": "champion", "version": ""})
    assert not iris.aliases.exists()
    assert "v2 → –" in shown(client, f"/models/{iris.pk}/")


def test_a_version_shows_figures_signature_requirements_and_lines(client, iris):
    page = shown(client, f"/models/{iris.pk}/versions/2/")
    for text in ("0.2000", "run-2", "numpy==2.2", "models:/iris@champion", "tracker models serve", "MLmodel", "plants"):
        assert text in page, text
    assert "allow_pickle" not in page


def test_a_version_that_runs_code_when_loaded_says_so(client):
    version = register(make_model(files={"MLmodel": "flavors: {python_function: {}}"}), "code")
    page = shown(client, version.get_absolute_url())
    assert "allow_pickle=True" in page
    assert "only if you trust them" in page


def test_names_are_quoted_in_the_lines_to_copy(client):
    version = register(make_model(files={"MLmodel": MLMODEL}), "a'; $(touch x) \"b")
    page = client.get(version.get_absolute_url()).content.decode()
    assert "-m &#x27;models:/a&#x27;&quot;&#x27;&quot;&#x27;; $(touch x)" in page


def test_a_version_elsewhere_says_where(client):
    client.post("/api/v1/registered-models/", {"name": "far"}, content_type="application/json")
    body = {"source": "s3://bucket/far"}
    client.post("/api/v1/registered-models/far/versions/", body, content_type="application/json")
    assert "s3://bucket/far" in shown(client, ModelVersion.objects.get().get_absolute_url())


def test_a_version_is_described_tagged_and_staged(client, iris):
    address = f"/models/{iris.pk}/versions/1/edit/"
    client.post(address, {"description": "Good: {{ metrics.accuracy }}"})
    client.post(address, {"tag": "k", "value": "v"})
    client.post(address, {"stage": "Production"})
    version = ModelVersion.objects.numbered("iris", 1)
    assert (version.stage, dict(version.tags.values_list("key", "value"))) == ("Production", {"k": "v"})
    assert "Good: 0.1000" in shown(client, f"/models/{iris.pk}/versions/1/")


def test_the_card_is_a_file(client, iris):
    answer = client.get(f"/models/{iris.pk}/versions/1/card.md")
    assert answer["Content-Type"].startswith("text/markdown")
    assert 'filename="iris-v1.md"' in answer["Content-Disposition"]
    assert "| accuracy | 0.1000 |" in answer.content.decode()


def test_versions_side_by_side(client, iris):
    page = shown(client, f"/models/{iris.pk}/compare/?v=1&v=2")
    for text in ("0.1000", "0.2000", "depth", "2.1", "2.2", "run-1"):
        assert text in page, text
    assert "sklearn" in page
    only = shown(client, f"/models/{iris.pk}/compare/?v=1&v=2&diff=1")
    assert "sklearn" not in only


@pytest.mark.parametrize(("query", "status"), [("v=9", 404), ("v=x", 400), ("v=" + "9" * 40, 400), ("", 200)])
def test_versions_that_are_not_there_can_not_be_compared(client, iris, query, status):
    assert client.get(f"/models/{iris.pk}/compare/?{query}").status_code == status


def test_a_model_is_made_renamed_thrown_away_and_taken_back(client):
    client.post("/models/new/", {"name": "fresh"})
    model = RegisteredModel.objects.named("fresh")
    client.post(f"/models/{model.pk}/edit/", {"name": "older"})
    client.post(f"/models/{model.pk}/trash/")
    assert "in the trash" in shown(client, f"/models/{model.pk}/")
    assert "1 models and versions" in shown(client, "/trash/")
    assert "older" in shown(client, "/models/trash/")
    client.post(f"/models/{model.pk}/restore/")
    assert RegisteredModel.objects.named("older") == model


def test_a_name_that_was_taken_meanwhile_keeps_a_model_in_the_trash(client, iris):
    iris.trash()
    RegisteredModel.objects.add("iris")
    page = client.post(f"/models/{iris.pk}/restore/", follow=True).content.decode()
    assert "Rename that one first" in page


def test_a_registered_model_goes_for_good_and_leaves_files(client, iris):
    iris.trash()
    client.post(f"/models/{iris.pk}/purge/")
    assert not RegisteredModel.objects.exists()
    assert LoggedModel.objects.count() == 3


def test_what_is_not_in_the_trash_does_not_go_for_good(client, iris):
    assert client.post(f"/models/{iris.pk}/purge/").status_code == 409
    assert RegisteredModel.objects.exists()


def test_a_logged_model_goes_for_good_with_its_files_unless_a_version_is_made_of_it(client, iris):
    used, free = LoggedModel.objects.first(), make_model(files={"a": "only here"})
    for model in (used, free):
        client.post(f"/logged-models/{model.model_id}/trash/")
        client.post(f"/logged-models/{model.model_id}/purge/")
    assert LoggedModel.objects.filter(pk=used.pk).exists()
    assert not LoggedModel.objects.filter(pk=free.pk).exists()


def test_a_logged_model_is_registered_from_its_page(client):
    model = make_model(make_run(name="source"), files={"MLmodel": MLMODEL})
    assert "source" in shown(client, f"/logged-models/{model.model_id}/")
    client.post(f"/logged-models/{model.model_id}/register/", {"name": "iris", "alias": "champion"})
    assert "iris version 1" in shown(client, f"/logged-models/{model.model_id}/")
    assert RegisteredModel.objects.named("iris").aliases.get().alias == "champion"


def test_logged_models_are_listed_and_filtered(client):
    deep, _ = make_model(make_run(), name="deep", params={"depth": "9"}), make_model(make_run(), name="flat")
    page = client.get("/models/logged/", {"q": "params.depth = '9'"}).content.decode()
    assert deep.model_id in page
    assert "flat" not in page
    assert "flat" in client.get("/models/logged/", {"q": "fla"}).content.decode()


def test_a_run_leads_to_its_models_and_their_versions(client, iris):
    run = make_run(name="with-files")
    make_artifact(run, "net/MLmodel", MLMODEL)
    body = {"source": f"runs:/{run.run_id}/net", "run_id": run.run_id}
    client.post("/api/v1/registered-models/iris/versions/", body, content_type="application/json")
    assert "iris version 4" in shown(client, f"/runs/{run.run_id}/models/")
    logged = LoggedModel.objects.order_by("pk").first()
    page = shown(client, f"/runs/{logged.source_run_id}/models/")
    assert "iris v1" in page
    assert f"/logged-models/{logged.model_id}/" in page


@pytest.mark.parametrize(
    ("query", "address"), [("name=iris", "/models/{}/"), ("name=iris&version=2", "/models/{}/versions/2/")]
)
def test_addresses_by_name_lead_to_pages(client, iris, query, address):
    assert client.get(f"/models/named/?{query}").headers["Location"] == address.format(iris.pk)


@pytest.mark.parametrize("number", ["9223372036854775808", "99999999999999999999"])
def test_numbers_that_no_row_can_have_are_not_found(client, number):
    for address in (f"/models/{number}/", f"/models/{number}/versions/1/", f"/models/1/versions/{number}/card.md"):
        assert client.get(address).status_code == 404
    for verb in ("edit", "trash", "restore"):
        assert client.post(f"/models/{number}/versions/1/{verb}/").status_code == 404


def test_a_version_gets_its_aliases_back_with_it(client, iris):
    version = ModelVersion.objects.numbered("iris", 2)
    client.post(f"/models/{iris.pk}/versions/2/trash/")
    assert not iris.aliases.exists()
    client.post(f"/models/{iris.pk}/versions/2/restore/")
    assert iris.aliases.get().model_version == version


def test_an_alias_that_leads_elsewhere_by_now_stays_there(client, iris):
    client.post(f"/models/{iris.pk}/versions/2/trash/")
    client.post(f"/models/{iris.pk}/aliases/", {"alias": "champion", "version": "3"})
    client.post(f"/models/{iris.pk}/versions/2/restore/")
    assert iris.aliases.get().model_version.version == 3


def test_what_was_changed_is_told(client, iris):
    client.post(f"/models/{iris.pk}/aliases/", {"alias": "champion", "version": "3"})
    client.post(f"/models/{iris.pk}/versions/1/edit/", {"description": "new"})
    assert "Moved the alias champion" in shown(client, f"/history/?kind=registeredmodel&object={iris.pk}")
    assert "Changed description" in shown(client, f"/history/?kind=modelversion&object={iris.pk}/1")


def test_a_name_that_can_not_be_is_told_on_the_page(client):
    assert "models:/… could not tell" in client.post("/models/new/", {"name": "a/b"}, follow=True).content.decode()


def test_a_model_in_the_trash_still_shows_its_versions(client, iris):
    iris.trash()
    page = shown(client, f"/models/{iris.pk}/")
    assert "3 versions" in page
    assert "tracker models serve" not in page


@pytest.mark.parametrize(
    "address", ["/models/999/", "/models/999/versions/1/", "/logged-models/nobody/", "/models/named/?name=nobody"]
)
def test_what_is_not_there_is_not_found(client, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "{{ 7 }}", "javascript:alert(1)", "\u202eevil"])
def test_hostile_words_stay_words(client, hostile):
    name = hostile.replace("/", "").replace(":", "")
    run = make_run(name=hostile, params={"p": hostile})
    version = register(make_model(run, name="m"), name, description=hostile)
    version.set_tags({"t": hostile})
    for address in ("/models/", version.registered_model.get_absolute_url(), version.get_absolute_url()):
        assert "<script>alert" not in client.get(address).content.decode()


def test_the_list_asks_the_same_number_of_questions_however_many_models(client, iris, django_assert_max_num_queries):
    for number in range(10):
        register(make_model(make_run()), f"m{number}")
    with django_assert_max_num_queries(25):
        client.get("/models/")
