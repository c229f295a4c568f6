"""Steps in the App that several tests take."""

from contextlib import contextmanager

SIZE = {"width": 1600, "height": 950}


def open_operator(page, name):
    """Opens an operator's form from the operator browser."""
    page.keyboard.press("`")
    page.locator("input[placeholder^='Search operations']").wait_for()
    page.keyboard.type(name)
    page.get_by_text(name, exact=False).first.wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Execute").wait_for()


def dismiss(page):
    """Closes the greeting that covers the page."""
    greeting = page.get_by_text("Dismiss")
    if greeting.count():
        greeting.first.click()


@contextmanager
def opened(chromium, address, seconds):
    """A page with the App, its greeting closed; nothing in it may take more than `seconds`."""
    page = chromium.new_context(viewport=SIZE).new_page()
    page.set_default_timeout(1000 * seconds)
    page.goto(address)
    page.locator("[data-cy=looker]").first.wait_for()
    dismiss(page)
    yield page
    page.close()
