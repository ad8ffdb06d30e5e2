"""The auditor's pages: who sees them, what they say, and the audit that is begun there."""

from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.roles import Role
from receivables.audit.models import AuditRun
from receivables.audit.operations import audit_ledger
from receivables.audit.queries import finding_notices
from receivables.audit.rules import audit_ledger_blocker
from receivables.audit.tasks import begin_daily_audits
from receivables.core import tasks
from receivables.core.errors import NotPermitted, Refused
from receivables.core.models import Job
from tests.audit.rows import audit_something
from tests.builders import make_invoice, make_member, make_organization
from tests.support.invariants import broken


@pytest.fixture
def auditor(db):
    return make_member(make_organization(), Role.AUDITOR)


def test_audit_ledger_blocker():
    assert audit_ledger_blocker(running=False) is None
    assert audit_ledger_blocker(running=True).code == "audit_running"


def test_the_page_of_a_run_names_the_rows_and_leads_to_them(auditor, browser_of):
    admin = make_member(auditor.organization)
    entry = make_invoice(admin).open_item.lines.first().entry_id
    run = audit_something(auditor, [str(entry)])
    for member in (auditor, admin):
        page = browser_of(member).get(run.get_absolute_url()).content.decode()
        assert f'<a href="/ledger/entries/{entry}/">{entry}</a>' in page
        assert page.index("1 row") < page.index(">OK<")
    listed = browser_of(auditor).get(reverse("audits")).content.decode()
    assert "1 check failed" in listed
    assert "found rows in the books that break a promise" in listed, "the banner"
    assert browser_of(auditor).get(reverse("audits") + "?export=csv").status_code == 200


def test_only_who_may_sees_audits_and_only_their_own(auditor, browser_of):
    run = audit_something(auditor)
    for role, status in [(Role.BILLER, 403), (Role.PARTNER_ADMIN, 200), (Role.ADMIN, 200)]:
        client = browser_of(make_member(auditor.organization, role))
        assert client.get(reverse("audits")).status_code == status, role
        assert client.get(reverse("audit_ledger")).status_code == status, role
    stranger = make_member(make_organization(), Role.AUDITOR)
    assert browser_of(stranger).get(run.get_absolute_url()).status_code == 404
    assert finding_notices(stranger) == []
    with pytest.raises(NotPermitted):
        audit_ledger(actor=make_member(auditor.organization, Role.COLLECTOR))


def test_the_newest_run_decides_about_the_banner(auditor):
    run = audit_something(auditor)
    assert [notice["url"] for notice in finding_notices(auditor)] == [run.get_absolute_url()]
    AuditRun.objects.create(
        organization=auditor.organization, as_of=run.as_of, milliseconds=1, entries_through=0, events_through=0,
        seal_number=0, checks=1, failed=0, results=[],
    )  # fmt: skip
    assert finding_notices(auditor) == []


def test_audit_ledger_from_the_page_to_the_result(committed_db, browser_of):
    """The button queues a job; the worker checks everything and keeps a run; the next day's audit comes by itself."""
    auditor = make_member(make_organization(), Role.AUDITOR)
    client = browser_of(auditor)
    response = client.post(reverse("audit_ledger"), {"_key": str(uuid4())})
    assert (
        "Working" in client.get(response.url).content.decode() or "Waiting" in client.get(response.url).content.decode()
    )
    with pytest.raises(Refused):
        audit_ledger(actor=auditor)
    job = Job.objects.of(auditor).get()
    tasks.run_job.func(SimpleNamespace(job=SimpleNamespace(attempts=0)), job_id=job.pk)
    run = AuditRun.objects.of(auditor).get()
    assert (run.failed, run.created_by, run.daily) == (0, auditor.user, False)
    assert run.checks == len(run.results) > 40
    assert run.get_absolute_url() in client.get(reverse("job", args=[job.pk])).content.decode()
    assert "All promises hold" in client.get(run.get_absolute_url()).content.decode()
    begun = begin_daily_audits()
    assert begun > 0
    for job in Job.objects.filter(state="waiting"):
        tasks.run_job.func(SimpleNamespace(job=SimpleNamespace(attempts=0)), job_id=job.pk)
    assert AuditRun.objects.filter(daily=True).count() == begun
    assert begin_daily_audits() == 0, "one a day"
    assert broken() == {}
