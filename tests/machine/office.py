"""The site that every example begins from: two organizations and their people, signed in; each example has a copy of
its own, so that it begins with the same rows whatever came before, and shrinks."""

import contextlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db import connections

from accounts.roles import Role
from receivables.billing.operations import generate_invoice
from receivables.collections.models import PayOffPolicy
from receivables.customers.models import Account
from tests.billing.credit_notes import reason_of
from tests.builders import PASSWORD, make_account, make_load, make_member, make_organization, make_type
from tests.machine.model import Books
from tests.machine.records import BAD_DEBT, CHARGE, CONCESSION, CREDITED, LOST, Limits
from tests.machine.visitors import Tally, Visitor
from tests.support import databases

TYPES = {BAD_DEBT: "Write-Off", CONCESSION: "Balance Adjustment", CHARGE: "Detention"}
REASONS = {LOST: "bad_debt", CREDITED: "price_concession"}
CUSTOMERS = ("Acme Foods", "Bravo Metals")
HAULS = (Decimal(100), Decimal(130))


class Office:
    """A biller who does the work, an auditor and a collector who may not, and an admin of another organization."""

    def __init__(self, address: str, database: str) -> None:
        self.address, self.database, self.tally = address, database, Tally()
        self.biller = make_member(make_organization(), Role.BILLER, "Bill Biller")
        own = self.biller.organization
        people = {
            "biller": self.biller,
            "auditor": make_member(own, Role.AUDITOR, "Ada Auditor"),
            "collector": make_member(own, Role.COLLECTOR, "Carl Collector"),
            "stranger": make_member(make_organization("Red Freight"), Role.ADMIN, "Rita Red"),
        }
        self.types = {kind: make_type(self.biller, name, kind).pk for kind, name in TYPES.items()}
        self.reasons = {kind: reason_of(self.biller, name).pk for kind, name in REASONS.items()}
        self.accounts = {name: make_account(self.biller, name).pk for name in CUSTOMERS}
        self.loads = self._loads()
        self.sessions = {name: self._signed_in(member.user.email) for name, member in people.items()}

    def _loads(self) -> list[tuple[int, int]]:
        """The keys of some loads and of their invoices."""
        account = Account.objects.of(self.biller).get(pk=self.accounts[CUSTOMERS[0]])
        loads = [make_load(self.biller, account, str(haul)) for haul in HAULS]
        return [(each.pk, generate_invoice(actor=self.biller, load=each).pk) for each in loads]

    def _signed_in(self, email: str) -> tuple[Any, str]:
        visitor = Visitor(self.address, self.tally)
        visitor.sign_in(email, PASSWORD)
        visitor.close()
        return visitor.http.cookies, visitor.token

    @contextlib.contextmanager
    def copied(self) -> Iterator[None]:
        """A copy of the site, and nothing of the last one in any cache."""
        connections.close_all()
        cache.clear()
        with databases.copy(self.database):
            yield
            connections.close_all()

    def limit(self, limits: Limits) -> None:
        """As platform staff set it, for the copy."""
        PayOffPolicy.objects.of(self.biller).update(maximum=limits.invoice, cap=limits.customer)

    def visitors(self) -> dict[str, Visitor]:
        return {name: Visitor(self.address, self.tally, *session) for name, session in self.sessions.items()}

    def books(self) -> Books:
        """What the model knows of the beginning."""
        books = Books()
        for haul in HAULS:
            books.create_load(CUSTOMERS[0], haul)
            books.generate_invoice(books.loads[-1])
        return books
