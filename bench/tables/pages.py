"""Opens the run table of ours and of MLflow in headless Chromium: from navigation to rows that can be seen."""

import shutil
import statistics
import time

from playwright.sync_api import Browser, sync_playwright

from bench.mlflow.servers import SETTLE_SECONDS, Server
from bench.run import number

REPEATS = 5
SETTLE_MS = 2000
_BYTES = """[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .reduce((sum, entry) => sum + entry.transferSize, 0)"""


def measure(ours: Server, theirs: Server, size: int) -> str:
    """Both by turns, each time with an empty cache, then again with a full one. Markdown."""
    ours.start()
    time.sleep(SETTLE_SECONDS)
    experiment = theirs.rest().get("experiments/get-by-name", experiment_name=f"seeded-{size}")["experiment"]
    addresses = {
        "Trackerweb": (f"{ours.url}/experiments/1/", _newest(ours, "1")),
        "MLflow": (
            f"{theirs.url}/#/experiments/{experiment['experiment_id']}/runs",
            _newest(theirs, experiment["experiment_id"]),
        ),
    }
    lines = [
        "",
        f"| run table of {size:,} runs | first visit, s | again, s | kB, first visit |",
        "|---|---:|---:|---:|",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for name, (address, text) in addresses.items():
            visits = [_visit(browser, address, text) for _ in range(REPEATS)]
            first, again, kilobytes = (statistics.median(figures) for figures in zip(*visits, strict=True))
            lines.append(f"| {name} | {number(first)} | {number(again)} | {number(kilobytes)} |")
        browser.close()
    return "\n".join(lines)


def _newest(server: Server, experiment: str) -> str:
    """The name of the run that stands first."""
    found = server.rest().post("runs/search", experiment_ids=[experiment], max_results=1)
    return str(found["runs"][0]["info"]["run_name"])


def _visit(browser: Browser, address: str, text: str) -> tuple[float, float, float]:
    """Seconds of a first visit, of the next one, and kB of the first."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    took = []
    kilobytes = 0.0
    for turn in range(2):
        page.goto("about:blank")
        began = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.get_by_text(text).first.wait_for(timeout=120_000)
        took.append(time.perf_counter() - began)
        if turn == 0:
            # Not until the network is idle: MLflow's page goes on asking.
            page.wait_for_timeout(SETTLE_MS)
            kilobytes = page.evaluate(_BYTES) / 1000
    context.close()
    return took[0], took[1], kilobytes
