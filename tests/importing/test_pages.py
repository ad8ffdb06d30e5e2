"""The way through the pages: file, columns, check, job, outcome; and who may not go it."""

import re
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from receivables.billing.importing.models import ImportFile, ImportMapping
from receivables.billing.models import Invoice
from receivables.core import tasks
from receivables.core.jobs import Progress
from receivables.core.models import Job
from tests.builders import make_member, make_organization
from tests.importing.conftest import csv_bytes, good

UPLOAD = "/import/"


def sign_in(member):
    client = Client()
    client.force_login(member.user, backend="accounts.backends.MembershipBackend")
    return client


@pytest.fixture
def client(alice):
    return sign_in(alice)


def key():
    return {"_key": str(uuid4())}


def upload(client, content, name="open.csv"):
    return client.post(UPLOAD, {"file": SimpleUploadedFile(name, content), **key()})


def columns_form(client, file):
    """The form as the page shows it, filled with what was guessed."""
    page = client.get(reverse("import_columns", args=[file.pk]))
    form = page.context["form"]
    return {name: form[name].value() or "" for name in form.fields if form[name].value()}


def send_columns(client, file, **changes):
    data = {**columns_form(client, file), **key(), **changes}
    return client.post(reverse("import_columns", args=[file.pk]), data)


def work_off(job):
    tasks.run_job.func(SimpleNamespace(job=SimpleNamespace(attempts=0)), job_id=job.pk)
    job.refresh_from_db()
    return job


def prepared(client, *rows):
    upload(client, csv_bytes(*rows))
    file = ImportFile.objects.latest("pk")
    assert send_columns(client, file).url == reverse("import_preview", args=[file.pk])
    return file


def test_from_the_file_to_the_imported_invoices(client):
    file = prepared(client, good("A-1"), good("A-2", amount="7.10"))
    preview = client.get(reverse("import_preview", args=[file.pk])).content.decode()
    assert "Import 2 invoices" in preview
    assert "107.10" in preview
    started = client.post(reverse("import_preview", args=[file.pk]), {"mode": "all", **key()})
    job = work_off(Job.objects.get())
    assert started.url == reverse("job", args=[job.pk])
    assert job.state == Job.State.DONE
    page = client.get(started.url).content.decode()
    assert "107.10" in page
    assert Invoice.objects.count() == 2


def test_nothing_is_imported_by_looking(client):
    file = prepared(client, good("A-1"))
    for name in ("import_columns", "import_preview", "import_problems"):
        assert client.get(reverse(name, args=[file.pk])).status_code == 200
    assert not Invoice.objects.exists()
    assert not Job.objects.exists()


def test_wrong_rows_are_shown_beside_their_reason_and_keep_all_out(client):
    file = prepared(client, good("A-1"), good("A-2", amount="abc"))
    preview = client.get(reverse("import_preview", args=[file.pk])).content.decode()
    assert "could mean more than one thing" in preview
    client.post(reverse("import_preview", args=[file.pk]), {"mode": "all", **key()})
    job = work_off(Job.objects.get())
    assert (job.state, job.message) == (Job.State.FAILED, "1 row is wrong, so nothing was imported.")
    page = client.get(reverse("job", args=[job.pk])).content.decode()
    assert "could mean more than one thing" in page
    assert not Invoice.objects.exists()


def test_the_good_rows_come_in_on_request_and_the_others_are_listed(client):
    file = prepared(client, good("A-1"), good("A-2", amount="abc"), good("A-1"))
    client.post(reverse("import_preview", args=[file.pk]), {"mode": "good", **key()})
    job = work_off(Job.objects.get())
    assert job.state == Job.State.DONE
    assert job.result["counts"]["wrong"] == 2
    assert "2 problems" in client.get(reverse("job", args=[job.pk])).content.decode()
    assert Invoice.objects.get().number == "A-1"


def test_the_list_of_problems_is_safe_for_spreadsheets(client):
    file = prepared(client, good("A-1", amount='"=HYPERLINK(1)"'))
    answer = client.get(reverse("import_problems", args=[file.pk]))
    assert answer["Content-Type"].startswith("text/csv")
    assert "'=HYPERLINK(1)" in answer.content.decode("utf-8-sig")


def test_a_form_sent_twice_starts_one_job(client):
    file = prepared(client, good("A-1"))
    data = {"mode": "all", **key()}
    first, second = (client.post(reverse("import_preview", args=[file.pk]), data) for _time in range(2))
    assert first.url == second.url
    assert Job.objects.count() == 1


def test_the_columns_are_remembered_for_the_next_file_with_these_headings(client):
    headings = ["who", "what", "when", "how much"]
    row = ["C-1", "A-1", "2/1/2026", "9.50"]
    choices = {
        "column_customer": "who", "column_number": "what", "column_issued": "when", "column_amount": "how much",
        "date_order": "dmy",
    }  # fmt: skip
    upload(client, csv_bytes(row, headings=headings))
    first = ImportFile.objects.get()
    assert client.get(reverse("import_preview", args=[first.pk])).url == reverse("import_columns", args=[first.pk])
    assert send_columns(client, first, **choices).status_code == 302
    assert ImportMapping.objects.count() == 1
    upload(client, csv_bytes(row, headings=[*reversed(headings)]))
    assert columns_form(client, ImportFile.objects.latest("pk")).items() >= choices.items()


def test_columns_that_cannot_be_are_refused_with_what_was_typed_kept(client):
    upload(client, csv_bytes(good("A-1")))
    file = ImportFile.objects.get()
    twice = send_columns(client, file, column_number="Customer number")
    assert twice.status_code == 422
    assert "already chosen" in twice.content.decode()
    assert send_columns(client, file, as_of="2026-01-01").status_code == 422
    assert send_columns(client, file, column_amount="No such column").status_code == 422


@pytest.mark.parametrize("content", [b"\x00\x01\x02,\x03", b"PK\x03\x04broken", b"<html></html>", b"one column\r\n1"])
def test_a_file_that_is_none_is_refused_with_a_sentence(client, content):
    answer = upload(client, content, "open.xlsx")
    assert answer.status_code == 422
    assert re.search("NUL|damaged|web page|only one column", answer.content.decode())
    assert not ImportFile.objects.exists()


def test_a_file_above_the_bound_is_refused(client):
    answer = upload(client, b"a,b\r\n" + b"1,2\r\n" * 2_200_000)
    assert answer.status_code == 422
    assert "larger than 10 MB" in answer.content.decode()


def test_a_file_of_another_organization_does_not_exist(client, alice):
    file = prepared(client, good("A-1"))
    charlie = sign_in(make_member(make_organization("Charlie Cargo"), Role.BILLER, "Charlie Else"))
    for name in ("import_columns", "import_preview", "import_problems"):
        assert charlie.get(reverse(name, args=[file.pk])).status_code == 404
    assert charlie.post(reverse("import_preview", args=[file.pk]), {"mode": "all", **key()}).status_code == 404


@pytest.mark.parametrize("role", [Role.COLLECTOR, Role.AUDITOR])
def test_who_may_not_import_sees_none_of_it(alice, client, role):
    file = prepared(client, good("A-1"))
    other = sign_in(make_member(alice.organization, role, "Dora Other"))
    assert other.get(UPLOAD).status_code == 403
    assert other.get(reverse("import_preview", args=[file.pk])).status_code == 403
    assert upload(other, csv_bytes(good("A-9"))).status_code == 403


def test_a_member_who_lost_the_permission_before_the_job_ran_imports_nothing(alice, client):
    file = prepared(client, good("A-1"))
    client.post(reverse("import_preview", args=[file.pk]), {"mode": "all", **key()})
    alice.denied = ["import_receivables"]
    alice.save(update_fields=["denied"])
    assert work_off(Job.objects.get()).state == Job.State.FAILED
    assert not Invoice.objects.exists()


def test_an_import_of_all_rows_that_is_stopped_leaves_nothing(client, monkeypatch):
    file = prepared(client, good("A-1"), good("A-2"))
    client.post(reverse("import_preview", args=[file.pk]), {"mode": "all", **key()})
    monkeypatch.setattr(Progress, "_write", lambda self, done, total: True)
    job = work_off(Job.objects.get())
    assert (job.state, Invoice.objects.count()) == (Job.State.STOPPED, 0)
    assert "nothing was imported" in client.get(reverse("job", args=[job.pk])).content.decode()
