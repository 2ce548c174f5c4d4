"""What holds for every page, in every state that somebody can bring it into."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def assert_accessible(page: Page) -> None:
    """Have axe find nothing on the page as it is, and nothing stand out of its window."""
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert_fits(page)


def assert_fits(page: Page) -> None:
    """Have nothing of the page be wider than its window, and its title be no narrower than a word."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"the page is {wide} px wider than its window"
    title = page.evaluate("document.querySelector('.page-title')?.clientWidth ?? 144")
    assert title >= 144, f"the page's title has {title} px"
