"""Steps in the App that several tests take."""


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
