"""The first page anybody sees works in a real browser, with styles, without a complaint."""

import re

from playwright.sync_api import expect


def test_a_visitor_is_sent_to_the_sign_in_page(visitor):
    page = visitor.open()
    page.goto("/password/")
    expect(page).to_have_url(re.compile(r"/sign-in/\?next="))
    expect(page.locator("input[type=password]")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in")).to_have_css("cursor", "pointer")


def test_the_application_reaches_its_database(visitor):
    answer = visitor.open().request.get("/readyz")
    assert (answer.status, answer.text()) == (200, "ok\n")


def test_a_script_that_is_not_ours_is_refused(visitor):
    page = visitor.open()
    page.goto("/sign-in/")
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}))")
    assert page.evaluate("window.ran") is None
    assert "Content Security Policy" in visitor.complaints.pop()
