"""What axe finds on a page that is open: all of it, whatever impact axe ascribes to it."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.journeys.visitor import settled

_RUN = "axe.run({resultTypes: ['violations'], preload: false}).then(results => results.violations)"


def findings(page: Page) -> list[str]:
    """Each finding with what it is about, and what would mend it. The rest of axe's long answer stays in the page."""
    settled(page).evaluate(AXE_SCRIPT)
    return [
        f"{violation['id']} ({violation['impact']}): {node['target']} {node['failureSummary']}"
        for violation in page.evaluate(_RUN)
        for node in violation["nodes"]
    ]
