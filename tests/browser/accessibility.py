"""What axe-core says of a page."""

from pathlib import Path

from playwright.sync_api import Page

AXE = (Path(__file__).parent / "vendor/axe-core/axe.min.js").read_text()
GRAVE = {"serious", "critical"}
#: Said on the console beforehand: axe-core styles what it measures, which our policy refuses and the browser reports.
CHECK_BEGINS = "Checking accessibility: what the console says from here on is not the page's."


def assert_accessible(page: Page) -> None:
    """No serious or critical finding on the page as it is now (WCAG 2.1 A and AA)."""
    page.wait_for_load_state()
    page.evaluate("text => console.info(text)", CHECK_BEGINS)
    page.evaluate(AXE)
    findings = page.evaluate(
        "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']}).then(result => result.violations)"
    )
    grave = [
        f"{finding['id']}: {node['html']} {node.get('failureSummary', '')}"
        for finding in findings
        if finding["impact"] in GRAVE
        for node in finding["nodes"]
    ]
    assert not grave, "\n".join(grave)
