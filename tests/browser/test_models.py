"""Pages of models in a real browser: list, model, version, comparison, aliases that are moved."""

import time
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import assert_accessible
from tests.browser.looks import everywhere
from tests.server import RealServer

OpenPage = Callable[..., Page]
COLUMNS = '[{\\"type\\": \\"double\\", \\"name\\": \\"petal\\", \\"required\\": true}]'
MLMODEL = f'flavors:\n  sklearn: {{serialization_format: skops}}\nsignature:\n  inputs: "{COLUMNS}"\n'


class Registry:
    """A registered model with three versions on a server."""

    def __init__(self, server: RealServer) -> None:
        self.client, self.url = server.client(), server.url
        self.name = f"iris {time.time_ns()}"
        self.runs = [uuid.uuid4().hex for _ in range(3)]
        self.models = [self._model(number, run) for number, run in enumerate(self.runs, 1)]
        address = f"/api/v1/registered-models/{self.name.replace(' ', '%20')}/"
        for model in self.models:
            self.client.put(f"{address}versions/of/{model}/", {})
        self.client.put(f"{address}aliases/champion/", {"version": 2})
        self.address = f"/models/{self.client.get(address).body['id']}/"

    def _model(self, number: int, run: str) -> str:
        model = f"m-{uuid.uuid4().hex}"
        self.client.put(f"/api/v1/runs/{run}/", {"name": f"run-{number}", "params": {"depth": str(number)}})
        self.client.post(f"/api/v1/runs/{run}/log/", {"metrics": {"accuracy": {"values": [number / 10]}}})
        self.client.put(f"/api/v1/models/{model}/", {"name": "net", "source_run_id": run})
        files = {"MLmodel": MLMODEL, "requirements.txt": f"numpy==2.{number}\n", "model.skops": "x" * 1000}
        for path, content in files.items():
            self.client.send("PUT", f"/api/v1/models/{model}/artifacts/{path}", content.encode())
        self.client.send("PATCH", f"/api/v1/models/{model}/", {"status": "READY"})
        return model


@pytest.fixture
def registry(shared_server: RealServer) -> Registry:
    return Registry(shared_server)


@everywhere
def test_they_read_well_everywhere(registry, open_page: OpenPage, width, scheme):
    addresses = [
        "/models/", registry.address, f"{registry.address}versions/2/", f"{registry.address}compare/?v=1&v=2&v=3",
        f"/logged-models/{registry.models[0]}/", "/models/logged/", "/models/trash/",
    ]  # fmt: skip
    for address in addresses:
        page = open_page(registry.url + address, width=width, scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert_accessible(page)


def test_versions_are_opened_and_closed_in_the_list(registry, open_page: OpenPage):
    page = open_page(f"{registry.url}/models/?q={registry.name}")
    page.get_by_role("link", name=f"Show versions of {registry.name}").click()
    expect(page.get_by_role("link", name="v1", exact=True)).to_be_visible()
    page.get_by_role("link", name=f"Hide versions of {registry.name}").click()
    expect(page.get_by_role("link", name="v1", exact=True)).to_have_count(0)


@pytest.mark.parametrize("javascript", [True, False])
def test_an_alias_is_moved_and_its_history_shown(registry, open_page: OpenPage, javascript):
    page = open_page(registry.url + registry.address, javascript=javascript)
    page.get_by_label("Version that @champion leads to").select_option("3")
    page.get_by_role("button", name="Move").click()
    expect(page.get_by_role("status")).to_contain_text("@champion leads to version 3")
    expect(page.locator(".moves li").first).to_contain_text("v2 → v3")


def test_versions_are_chosen_and_compared(registry, open_page: OpenPage):
    page = open_page(registry.url + registry.address)
    for number in (1, 3):
        page.get_by_label(f"Select version {number}").check()
    page.get_by_role("button", name="Compare selected").click()
    expect(page.locator(".diff-table thead a")).to_have_text(["v1", "v3"])
    page.get_by_role("switch", name="Only differences").click()
    expect(page.locator(".diff-table")).not_to_contain_text("petal")
    expect(page.locator(".diff-table")).to_contain_text("2.3")


def test_from_a_run_to_its_model_to_the_version_and_back(registry, open_page: OpenPage):
    page = open_page(f"{registry.url}/logged-models/{registry.models[0]}/")
    page.get_by_role("link", name="run-1").first.click()
    page.get_by_role("link", name="net", exact=True).click()
    page.get_by_role("link", name=f"{registry.name} version 1").click()
    page.get_by_role("link", name="run-1").first.click()
    expect(page).to_have_url(f"{registry.url}/runs/{registry.runs[0]}/")


def test_a_card_is_written_with_figures_filled_in(registry, open_page: OpenPage):
    page = open_page(f"{registry.url}{registry.address}versions/2/")
    page.get_by_text("Write one").click()
    page.get_by_label("Description, in Markdown").fill("**Good**: {{ metrics.accuracy }} at depth {{ params.depth }}")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".note-text")).to_have_text("Good: 0.2000 at depth 2")


def test_addresses_that_mlflow_prints_open_our_pages(registry, open_page: OpenPage):
    page = open_page(f"{registry.url}/#/models/{registry.name.replace(' ', '%20')}/versions/2")
    page.wait_for_url(f"**{registry.address}versions/2/")


def test_keys_lead_to_models(registry, open_page: OpenPage):
    page = open_page(registry.url)
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url("**/models/")
