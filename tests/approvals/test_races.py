"""Two approvers at once, and a role that is taken away in between."""

from accounts.models import Membership
from receivables.approvals.models import ApprovalRequest
from receivables.approvals.operations import approve_request, reject_request, withdraw_request
from receivables.billing.models import Accessorial, Load
from receivables.billing.operations import remove_accessorial
from receivables.core.errors import Refused
from receivables.core.models import Event
from tests.approvals.conftest import make_cast
from tests.approvals.support import asked
from tests.support.races import race


def outcome(results):
    """How many went through, and the codes of those refused."""
    return sum(not isinstance(each, Exception) for each in results), sorted(
        each.code for each in results if isinstance(each, Refused)
    )


def test_two_approvers_at_once(committed_db):
    cast = make_cast()
    request, row = asked(cast)
    results = race(
        lambda: approve_request(actor=cast.alice, request=request),
        lambda: approve_request(actor=cast.olivia, request=request),
    )
    assert outcome(results) == (1, ["decided"])
    assert Load.objects.get(pk=row.load_id).charges_total == 700
    assert Event.objects.filter(name="approve_request").count() == 1


def test_approved_rejected_and_withdrawn_at_once(committed_db):
    cast = make_cast()
    request, row = asked(cast)
    results = race(
        lambda: approve_request(actor=cast.alice, request=request),
        lambda: reject_request(actor=cast.olivia, request=request, reason="no"),
        lambda: withdraw_request(actor=cast.bob, request=request),
    )
    assert outcome(results) == (1, ["decided", "decided"])
    state = ApprovalRequest.objects.get(pk=request.pk).state
    assert (state == "approved") == (Accessorial.objects.get(pk=row.pk).state == "active")


def test_approved_while_it_is_removed(committed_db):
    """Either way round nothing waits for ever, and nobody deadlocks."""
    cast = make_cast()
    request, row = asked(cast)
    results = race(
        lambda: approve_request(actor=cast.alice, request=request),
        lambda: remove_accessorial(actor=cast.bob, accessorial=row),
    )
    assert not any(isinstance(each, Exception) and not isinstance(each, Refused) for each in results)
    assert Accessorial.objects.get(pk=row.pk).state == "removed"
    assert ApprovalRequest.objects.get(pk=request.pk).state in ("approved", "withdrawn")
    assert Load.objects.get(pk=row.load_id).charges_total == 1000


def test_a_role_removed_between_the_page_and_the_click(cast, browser_of):
    request, row = asked(cast)
    browser = browser_of(cast.olivia)
    page = browser.get(f"/approvals/{request.pk}/approve-request/")
    key = page.content.decode().partition('name="_key" value="')[2].partition('"')[0]
    Membership.objects.filter(pk=cast.olivia.pk).update(role="collector")
    assert browser.post(f"/approvals/{request.pk}/approve-request/", {"_key": key}).status_code == 403
    assert Accessorial.objects.get(pk=row.pk).state == "waiting"
    assert Event.objects.filter(name="permission_denied").exists()
