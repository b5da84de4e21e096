"""What is really on a chart: its canvas is looked at, pixel by pixel."""

from playwright.sync_api import Locator, Page

from tests.browser.patience import until

_INK = """figure => {
    const canvas = figure.querySelector("canvas");
    if (!canvas) return [];
    const { width, height } = canvas;
    // Read from a copy: Chromium complains of a canvas that is read again and again.
    const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, width, height);
    const coloured = [];
    for (let i = 0; i < data.length; i += 4) {
        const [red, green, blue, alpha] = data.subarray(i, i + 4);
        const isGrey = Math.max(red, green, blue) - Math.min(red, green, blue) < 12;
        if (alpha > 128 && !isGrey) coloured.push((i / 4) % width);
    }
    return coloured.length ? [coloured.length, coloured.reduce((a, b) => Math.max(a, b))] : [];
}"""


def card(page: Page, key: str) -> Locator:
    """The chart of a metric."""
    return page.locator(f'figure[data-key="{key}"]')


def ink(page: Page, key: str) -> int:
    """How many pixels of a chart are coloured: its curves, for all else is grey. 0 before it is drawn."""
    found = card(page, key).evaluate(_INK)
    return found[0] if found else 0


def wait_for_ink(page: Page, key: str, least: int = 100) -> int:
    """Bring a chart into sight and wait until it has curves. Returns `ink`."""
    card(page, key).scroll_into_view_if_needed()
    return until(page, lambda: ink(page, key), lambda drawn: drawn >= least)


def drag_over(page: Page, key: str, start: float, end: float) -> None:
    """Drag from one share of a chart's width to another: zooms in."""
    card(page, key).scroll_into_view_if_needed()
    box = card(page, key).locator(".u-over").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * start, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * end, middle, steps=4)
    page.mouse.up()
