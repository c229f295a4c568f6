"""Steps in the App that several tests take."""

from contextlib import contextmanager

PATIENCE = 180
"""Seconds that a step may take: on a loaded machine one of two seconds was seen to take 60."""
SIZE = {"width": 1600, "height": 950}


def open_operator(page, name):
    """Opens an operator's form from the operator browser."""
    page.keyboard.press("`")
    page.locator("input[placeholder^='Search operations']").wait_for()
    page.keyboard.type(name)
    page.get_by_text(name, exact=False).first.wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Execute").wait_for()


def leave(page):
    """Closes the open video by a click beside it: a player that still loads takes no Escape."""
    page.mouse.click(5, page.viewport_size["height"] / 2)
    page.locator("[data-cy=modal]").wait_for(state="hidden")
    page.mouse.move(1, 1)


@contextmanager
def opened(chromium, address, size=SIZE, script=""):
    """A page with the App, in a browser that never saw it, with the greeting closed.

    Args:
        chromium: the browser.
        address: of the App with a dataset.
        size: of the page.
        script: runs before those of the page.
    """
    context = chromium.new_context(viewport=size)
    context.add_init_script(script)
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    page.goto(address)
    page.locator("[data-cy=looker]").first.wait_for()
    greeting = page.get_by_text("Dismiss")
    if greeting.count():
        greeting.first.click()
    yield page
    context.close()
