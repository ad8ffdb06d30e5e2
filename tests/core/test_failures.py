"""What a person sees when something fails outside of any view: our pages, in our words, with a reference."""

import pytest
from django.core.handlers.exception import response_for_exception
from django.http import HttpResponse
from django.test import Client, RequestFactory

from receivables.core import health
from receivables.core.logs import request_id
from receivables.core.middleware import RefusalMiddleware
from receivables.core.money import OutOfRange


def test_a_fault_shows_the_reference_that_the_logs_have(monkeypatch):
    monkeypatch.setattr(health.healthz, "__code__", _failing.__code__)
    client = Client(raise_request_exception=False)
    response = client.get("/healthz", headers={"X-Request-Id": "a-known-reference"})
    page = response.content.decode()
    assert response.status_code == 500
    assert "a-known-reference" in page
    assert "secret detail" not in page
    assert "style=" not in page


def _failing(request):
    raise RuntimeError("secret detail")


def test_a_fault_is_told_without_a_database():
    token = request_id.set("without-database")
    try:
        response = response_for_exception(RequestFactory().get("/"), RuntimeError())
    finally:
        request_id.reset(token)
    assert response.status_code == 500
    assert b"without-database" in response.content


@pytest.mark.django_db
def test_a_form_without_its_token_is_told_in_our_words():
    response = Client(enforce_csrf_checks=True).post("/sign-in/", {"email": "a@b.test", "password": "x"})
    assert response.status_code == 403
    assert "This form is too old" in response.content.decode()


@pytest.mark.django_db
def test_a_page_that_does_not_exist_is_ours():
    response = Client().get("/no/such/page/")
    assert response.status_code == 404
    assert "traceback" not in response.content.decode().lower()
    assert 'lang="en"' in response.content.decode()


@pytest.mark.django_db
def test_an_amount_that_a_page_works_out_beyond_all_books_is_refused_and_no_fault():
    shown = RefusalMiddleware(HttpResponse).process_exception(RequestFactory().get("/"), OutOfRange("10¹⁵"))
    assert shown.status_code == 422
    assert "a bigger amount than the books can hold" in shown.content.decode()
