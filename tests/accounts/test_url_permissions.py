"""The URL table, line by line: who reaches which page, and that nothing is done by those who may not.

New pages are in it by themselves: one that declares no permission fails here, and so does one with a key whose
object is not named in tests/support/url_table.py.
"""

from copy import deepcopy

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db import transaction
from django.test import Client

from accounts.models import User
from accounts.roles import PLATFORM_VERBS, ROLE_VERBS, Role
from accounts.verbs import VERB_LABELS
from receivables.core.models import Event
from tests.accounts.conftest import signed_in
from tests.builders import PASSWORD, make_member
from tests.support.attack import snapshot, sql
from tests.support.forms import own_fields
from tests.support.url_table import OPEN, OWNERS_ONLY, PERSONAL, make_world, pages

PAGES = pages()
MEMBERS_PAGES = [page for page in PAGES if not page.is_open and not page.is_personal]
ROLES = [*Role.values, "platform"]
# What a page may answer to somebody who may see it: shown, sent on, asked by the wrong method, or refused by a fact.
FINE = {200, 204, 302, 405, 409, 422}


@pytest.fixture(scope="module")
def both(keep):
    return keep(lambda: (make_world("Red Freight"), make_world("Blue Freight")))


@pytest.fixture
def worlds(both, db):
    """Red Freight, which is one's own, and Blue Freight."""
    return deepcopy(both)


@pytest.fixture
def world(worlds):
    return worlds[0]


@pytest.fixture
def _no_pdf(monkeypatch):
    """Who may have a PDF is asked here and what is sent along with it, not what it looks like."""
    monkeypatch.setattr("weasyprint.HTML.write_pdf", lambda *args, **options: b"%PDF-1.7")


def books_of_all():
    """A fingerprint of every kept row, without the events: a denied attempt is one."""
    return [row for row in snapshot() if row[0] != "core_event"]


def browser(world, role):
    if role == "platform":
        staff = User.objects.create_superuser("staff@platform.test", PASSWORD, full_name="Sue")
        return signed_in(staff, world.admin.organization), PLATFORM_VERBS
    member = world.admin if role == Role.ADMIN else make_member(world.admin.organization, role, f"One {role}")
    return signed_in(member.user), ROLE_VERBS[role]


@pytest.mark.parametrize("line", PAGES, ids=lambda line: line.path or "/")
def test_every_page_declares_its_permission(line):

    assert line.name, "a page has a name"
    declared = bool(line.verb)
    assert declared or line.is_open or line.is_personal, "declare a verb, or name the page as open or personal"
    assert not (declared and (line.is_open or line.is_personal)), "a page of everybody needs no verb"
    assert not declared or line.verb in VERB_LABELS, "no permission of this name"


def test_no_page_is_named_as_open_that_does_not_exist():
    assert {page.name for page in PAGES} >= OPEN | PERSONAL


def test_visitors_are_sent_to_the_door(world):
    wrong = []
    for page in PAGES:
        if page.is_open:
            continue
        address = page.address(world)
        for method in ("get", "post"):
            response = getattr(Client(), method)(address)
            if response.status_code != 302 or not response["Location"].startswith("/sign-in/"):
                wrong.append(f"{method} {address}: {response.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.usefixtures("_no_pdf")
@pytest.mark.parametrize("role", ROLES)
def test_a_role_reaches_what_the_table_of_roles_says(world, role):
    wrong = []
    client, verbs = browser(world, role)
    for page in MEMBERS_PAGES:
        address = page.address(world)
        status = client.get(address).status_code
        if page.verb in verbs and status not in FINE and not (status == 404 and page.name in OWNERS_ONLY):
            wrong.append(f"{role} has {page.verb} and got {status} from {address}")
        if page.verb not in verbs and status not in (403, 405):
            wrong.append(f"{role} lacks {page.verb} and got {status} from {address}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", [*ROLES, "nobody"])
def test_without_the_permission_a_post_does_nothing_and_is_remembered(world, role):
    wrong = []
    if role == "nobody":
        member = make_member(world.admin.organization, Role.AUDITOR, "Nemo", denied=["view_receivables", "reports"])
        client, verbs = signed_in(member.user), member.verbs
    else:
        client, verbs = browser(world, role)
    before = books_of_all()
    for page in MEMBERS_PAGES:
        if page.verb in verbs:
            continue
        address = page.address(world)
        status = client.post(address, {}).status_code
        event = Event.objects.filter(name="permission_denied").order_by("-id").first()
        if status != 403 or event is None or event.data != {"verb": page.verb, "path": address}:
            wrong.append(f"{role} posted to {address}: {status}, remembered as {event and event.data}")
    assert not wrong, "\n".join(wrong)
    assert books_of_all() == before


def test_another_organization_does_not_exist(worlds):
    """Its keys answer 404, to look and to act, to an Admin elsewhere and to an Admin of both who works elsewhere."""
    (mine, theirs), wrong = worlds, []
    client = signed_in(mine.admin.user)
    before = books_of_all()
    for page in MEMBERS_PAGES:
        if "pk" not in page.arguments:
            continue
        address = page.address(theirs)
        for method in ("get", "post"):
            response = getattr(client, method)(address)
            told = "Blue Freight" in response.content.decode(errors="replace")
            # A method that a page doesn't have is refused before anything is looked up.
            expected = {404, 405} if page.verb in mine.admin.verbs else {403, 404, 405}
            if response.status_code not in expected or told:
                wrong.append(f"{method} {address}: {response.status_code}")
    assert not wrong, "\n".join(wrong)
    assert books_of_all() == before


def test_lists_show_nothing_of_another_organization(worlds):
    mine, theirs = worlds
    client = signed_in(mine.admin.user)
    customer = theirs.books.account.customer
    type(customer).objects.filter(pk=customer.pk).update(name="Hidden Customer")
    told = [
        page.path
        for page in MEMBERS_PAGES
        if not page.arguments and "Hidden Customer" in client.get(page.address(mine)).content.decode(errors="replace")
    ]
    assert told == []


def tables_of_organizations():
    """Each of our tables whose rows belong to an organization, and its key."""
    for model in apps.get_models():
        fields = {field.name for field in model._meta.fields}
        own = model._meta.app_config.name in django_settings.OWN_APPS
        if own and "organization" in fields and "pgh_id" not in fields:
            yield model._meta.db_table, model._meta.pk.column


PROTECTED = {
    "id": "1", "pk": "1", "number": "HACK-1", "sequence_number": "777", "state": "removed", "version": "99",
    "organization": "", "organization_id": "", "account": "", "account_id": "", "created_by": "1", "actor": "1",
    "user": "1", "payoff_balance": "-5", "current_balance": "-5", "balance": "0", "paid": "5", "total": "0.01",
    "charges_total": "0.01", "currency": "JPY", "rate": "0.001", "current_revision": "9", "voided_at": "2026-01-01",
    "is_platform_staff": "on", "role": "admin", "granted": "close_period", "requested_by": "1", "decided_by": "1",
}  # fmt: skip


@pytest.mark.usefixtures("_no_pdf")
def test_protected_fields_that_nobody_offered_are_ignored(worlds):
    """Mass assignment: whatever is sent besides a form's own fields changes no organization, number or right."""
    mine, theirs = worlds
    client = signed_in(mine.admin.user)
    foreign = {"organization": theirs.admin.organization_id, "organization_id": theirs.admin.organization_id}
    foreign |= {"account": theirs.books.account.pk, "account_id": theirs.books.account.pk}
    facts = Facts(theirs)
    before, wrong, done = facts.now(), [], 0
    for page in MEMBERS_PAGES:
        if page.verb not in mine.admin.verbs:
            continue
        address = page.address(mine)
        with transaction.atomic():
            response = client.post(
                address, {**PROTECTED, **foreign, **own_fields(client.get(address).content.decode(errors="replace"))}
            )
            done += response.status_code == 302
            if facts.now() != before:
                wrong.append(f"{address}: {response.status_code}")
            transaction.set_rollback(True)
    assert not wrong, "\n".join(wrong)
    assert done > 10, "the forms were not sent as a person would"


class Facts:
    """Whose each row is that exists now, how much the other organization has, numbers and rights."""

    def __init__(self, world):
        self.organization = world.admin.organization_id
        self.tables = list(tables_of_organizations())
        newest = sql(" UNION ALL ".join(f"SELECT '{table}', max({key}) FROM {table}" for table, key in self.tables))
        self.newest = dict(newest)

    def now(self):
        """In one statement: it is asked after each page."""
        rights = "SELECT id::text, is_platform_staff::text, '' FROM accounts_user"
        members = "SELECT id::text, role, granted::text || denied::text FROM accounts_membership"
        return sorted(sql(" UNION ALL ".join([rights, members, *map(self._owners, self.tables), *HACKED])))

    def _owners(self, table_and_key):
        table, key = table_and_key
        return (
            f"SELECT '{table}', (count(*) FILTER (WHERE organization_id = {self.organization}))::text,"
            f" md5(string_agg({key} || ':' || organization_id, ',' ORDER BY {key})"
            f" FILTER (WHERE {key} <= {self.newest[table] or 0})) FROM {table}"
        )


NUMBERED = ["billing_invoice", "billing_load", "collections_payment", "customers_account", "customers_agreement"]
HACKED = [f"SELECT 'hacked', '{table}', '' FROM {table} WHERE number = 'HACK-1'" for table in NUMBERED]
