"""What visitors do, by the words that they see."""

from playwright.sync_api import ConsoleMessage, Page, expect

_GIVEN_UP = ("htmx:afterRequest", "htmx:sendAbort")


def is_error(message: ConsoleMessage) -> bool:
    """Whether something went wrong. htmx also complains of a request in whose place the page has sent a newer one."""
    return message.type == "error" and not message.text.startswith(_GIVEN_UP)


def settled(page: Page) -> Page:
    """Wait until all is there that was asked for: the page with its styles and scripts, and what htmx puts into it.

    A click waits until the next page begins. What is read once (counted, measured, listed) may not be there yet, and
    what is pressed may be a plain link or form still.

    Returns:
        The page.
    """
    page.wait_for_load_state()
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    return page


class Visitor:
    """A person with a page. Waiting is done by Playwright, for what becomes visible."""

    def __init__(self, page: Page, *, scripted: bool = True) -> None:
        self.page = page
        self.scripted = scripted
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text) if is_error(message) else None)

    @property
    def code(self) -> str:
        """The code of the run whose page is open."""
        return self.page.url.partition("/runs/")[2].partition("/")[0]

    def choose(self, flow: str = "enhanced", pool: str = "lab") -> None:
        """Open the demo with these choices made."""
        self.page.goto(f"/demo/?access=guest&flow={flow}&pool={pool}")

    def open_settings(self) -> None:
        """Unfold what has a usual value in the demo."""
        self.page.get_by_role("main").locator("summary", has_text="Settings").click()

    def change(self, question: str, answer: str) -> None:
        """Answer one of the demo's folded questions in another way."""
        settled(self.page).get_by_role("main").locator("summary", has_text=question).click()
        self.page.get_by_role("main").get_by_role("link", name=answer).click()
        # What was swapped in is folded again.
        expect(self.page.locator("summary", has_text=question)).to_contain_text(answer)
        settled(self.page)

    def run(self, flow: str = "enhanced", pool: str = "lab") -> None:
        """Run an exchange as a guest; ends on the results."""
        self.choose(flow, pool)
        self.page.get_by_role("button", name="Test guest access").click()
        expect(self.page.get_by_role("heading", name="Overview")).to_be_visible()
        settled(self.page)

    def begin(self, flow: str = "enhanced", pool: str = "lab") -> None:
        """Begin a run step by step; ends before its first call."""
        self.choose(flow, pool)
        self.page.get_by_role("button", name="Step by step").click()
        expect(self.page.get_by_role("heading", name="Next: GetId")).to_be_visible()
        settled(self.page)

    def look(self, view: str) -> None:
        """Follow one of the links that look like tabs."""
        views = settled(self.page).get_by_role("navigation", name="Views of this run")
        link = views.get_by_role("link", name=view, exact=True)
        link.click()
        expect(link).to_have_attribute("aria-current", "page")
        if self.scripted:
            # The focus moves when the swap has settled; a click before that would be a plain link's or form's.
            expect(self.page.locator(".view-title")).to_be_focused()

    def operations(self) -> list[str]:
        """The operations of AWS that are listed on the page, in order."""
        return [
            title.split()[-1]
            for title in settled(self.page).locator(".call:not(.call-of-sign-in) h3").all_inner_texts()
        ]
