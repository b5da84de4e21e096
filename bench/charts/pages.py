"""Pages of runs in headless Chromium, ours and MLflow's by turns: from navigation to the first line that is drawn."""

import json
import shutil
import statistics
from urllib.parse import quote

from playwright.sync_api import Browser, sync_playwright

from bench.mlflow.servers import Server
from bench.run import number

REPEATS = 5
SETTLE_MS = 1500
PATIENCE_MS = 60_000
#: Looks each frame whether a chart has a line: ours on a canvas, MLflow's in an SVG. Policies let no page do it.
_WATCH = """
    window.drawn = 0;
    const copy = new OffscreenCanvas(96, 64).getContext("2d", { willReadFrequently: true });
    const hasInk = (canvas) => {
        if (!canvas.width) return false;
        copy.clearRect(0, 0, 96, 64);
        copy.drawImage(canvas, 0, 0, 96, 64);
        const pixels = copy.getImageData(0, 0, 96, 64).data;
        for (let i = 0; i < pixels.length; i += 4) {
            const rgb = pixels.slice(i, i + 3);
            const span = Math.max(...rgb) - Math.min(...rgb);
            if (pixels[i + 3] > 60 && span > 60) return true;
        }
        return false;
    };
    const look = () => {
        const line = document.querySelector(".scatterlayer path.js-line[d]");
        const canvas = [...document.querySelectorAll("figure[data-key] canvas")];
        if (line || canvas.some(hasInk)) window.drawn = performance.now();
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
"""
_BYTES = """[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .reduce((sum, entry) => sum + entry.transferSize, 0)"""


def measure(ours: Server, theirs: Server, runs: dict[str, dict[str, list[str] | str]]) -> str:
    """Markdown: a row a page."""
    mine, other = runs[ours.name], runs[theirs.name]
    first = other["runs"][0]
    compared = f"runs={quote(json.dumps(other['runs']))}&experiments={quote(json.dumps([other['experiment']]))}"
    keys = quote(json.dumps(["val/loss"]))
    addresses = {
        "compare 50 runs, 2,000 points a line": (
            f"{ours.url}/compare/?" + "&".join(f"run={run_id}" for run_id in mine["runs"]),
            f"{theirs.url}/#/metric?{compared}&metric={quote(json.dumps('val/loss'))}&plot_metric_keys={keys}",
        ),
        "run page": (
            f"{ours.url}/runs/{mine['runs'][0]}/",
            f"{theirs.url}/#/experiments/{other['experiment']}/runs/{first}/model-metrics",
        ),
    }
    lines = [
        "",
        "| to the first line drawn | Trackerweb, s | MLflow, s | ratio | ours again, s | kB, ours | kB, MLflow's |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        for name, both in addresses.items():
            visits = [[_visit(browser, address) for address in both] for _ in range(REPEATS)]
            own, peer = ([visit[place] for visit in visits] for place in (0, 1))
            took, again, kilobytes = (statistics.median(figures) for figures in zip(*own, strict=True))
            their_time, _, their_kilobytes = (statistics.median(figures) for figures in zip(*peer, strict=True))
            lines.append(
                f"| {name} | {number(took)} | {number(their_time)} | {their_time / took:.1f} × | {number(again)} "
                f"| {number(kilobytes)} | {number(their_kilobytes)} |"
            )
        browser.close()
    return "\n".join(lines)


def _visit(browser: Browser, address: str) -> tuple[float, float, float]:
    """Seconds of a first visit, of the next one, and kB of the first."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(_WATCH)
    page = context.new_page()
    took = []
    kilobytes = 0.0
    for turn in range(2):
        page.goto("about:blank")
        page.goto(address, wait_until="commit")
        waited = 0
        while not (drawn := page.evaluate("window.drawn")) and waited < PATIENCE_MS:
            page.wait_for_timeout(25)
            waited += 25
        took.append(drawn / 1000 or float("nan"))
        if turn == 0:
            page.wait_for_timeout(SETTLE_MS)
            kilobytes = page.evaluate(_BYTES) / 1000
    context.close()
    return took[0], took[1], kilobytes
