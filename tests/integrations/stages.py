"""Each accounting system as the stories see it: its stand-in, how a connection to it is entered, what ours is called.

A stand-in says what an accountant would read there (`Books`); adding a system is a stage here.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Protocol

from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import reverse
from qbwc_kit.testing import FakeWebConnector

from receivables.integrations.delivering import deliver_customer
from receivables.integrations.models import Connection, Delivery
from tests.integrations.standins.business_central import BusinessCentral
from tests.integrations.standins.intacct import SageIntacct
from tests.integrations.standins.intacct_rest import SageIntacctRest
from tests.integrations.standins.netsuite import PRIVATE_KEY, RECEIVABLE, NetSuite
from tests.integrations.standins.qbd import QuickBooksDesktop, opened
from tests.integrations.standins.qbo import QuickBooks
from tests.integrations.standins.server import Cut, running


class Books(Protocol):
    """What every stand-in answers. Accounts are "sales", "write-off" and "concessions"; debits are positive."""

    address: str
    writes: int  # changes it was asked for
    closed_before: str  # documents dated before are refused
    faults: list  # see StandIn

    def receivable(self) -> Decimal:
        """What all customers owe."""

    def balance(self, account: str) -> Decimal:
        """A profit or loss account."""

    def live_payments(self) -> list[Decimal]:
        """The amounts of payments that stand."""

    def live_documents(self) -> dict[str, int]:
        """How many of each kind stand: customers, invoices, credits, payments, journals."""

    def change_the_invoice(self) -> None:
        """Somebody over there corrects the only invoice by hand."""


def deliver_all(connection: Connection, books: Any) -> None:
    """What workers do for every customer."""
    for customer in sorted(set(Delivery.objects.filter(connection=connection).values_list("customer", flat=True))):
        deliver_customer(connection, customer)


@dataclass(frozen=True)
class Stage:
    """`theirs` names what is mapped: line_haul, other, write_off, 6100, 4900 and 6150 as products (or whatever a line
    is sold as), bank and 6150_account as accounts."""

    system: str
    stand_in: Callable[[], Any]
    options: Callable[[Any], dict[str, Any]]
    secrets: dict[str, str]
    theirs: dict[str, str]
    client: str = ""  # the method through which every call leaves
    never_kept: tuple[str, ...] = ()  # beginnings of tokens that no record may have
    deliver: Callable[[Connection, Any], Any] = deliver_all
    running: Callable[[Any], Any] = running


# Their products, and the account each is booked to.
ITEMS = {"1": "sales", "2": "sales", "22": "write-off", "23": "write-off", "24": "concessions"}

QUICKBOOKS_ONLINE = Stage(
    "quickbooks_online", lambda: QuickBooks(ITEMS),
    lambda books: {
        "company": "9130", "environment": "sandbox", "base_url": books.address,
        "token_url": f"{books.address}/token", "receivables_account": "84",
    },
    {"client_id": "ours", "client_secret": "hush", "refresh_token": "refresh-0"},
    {"line_haul": "1", "other": "2", "write_off": "22", "6100": "23", "4900": "24", "6150": "23", "bank": "35",
     "6150_account": "write-off"},
    client="receivables.integrations.systems.qbo.client.Client.call",
    never_kept=("access-",),
)  # fmt: skip

# Everything stands on G/L accounts there.
OTHERS = {code: code for code in ("2200", "2300", "4100")}  # liabilities and fees, known by their numbers
ACCOUNTS = {**OTHERS, "4000": "sales", "4010": "sales", "6100": "write-off", "6150": "write-off", "4900": "concessions",
            "1010": "bank"}  # fmt: skip

BUSINESS_CENTRAL = Stage(
    "business_central", lambda: BusinessCentral(ACCOUNTS),
    lambda books: {
        "tenant": "contoso", "environment": "Production", "company": "co-1", "base_url": books.address,
        "token_url": f"{books.address}/token",
    },
    {"client_id": "ours", "client_secret": "hush"},
    {"line_haul": "4000", "other": "4010", "write_off": "6100", "6100": "6100", "4900": "4900", "6150": "6150",
     "bank": "1010", "6150_account": "6150"},
    client="receivables.integrations.systems.business_central.client.Client.call",
    never_kept=("access-",),
)  # fmt: skip

NETSUITE = Stage(
    "netsuite", lambda: NetSuite(ITEMS, {**OTHERS, "35": "bank", "61": "write-off"}),
    lambda books: {
        "account": "1234567_SB1", "receivables_account": RECEIVABLE, "subsidiary": "1",
        "base_url": f"{books.address}/services/rest",
    },
    {"client_id": "ours-only", "certificate_id": "cert-1", "private_key": PRIVATE_KEY},
    {"line_haul": "1", "other": "2", "write_off": "22", "6100": "23", "4900": "24", "6150": "23", "bank": "35",
     "6150_account": "61"},
    client="receivables.integrations.systems.netsuite.client.Client.call",
    never_kept=("access-",),
)  # fmt: skip

PASSWORD = "a password for the connector"
DESKTOP_ITEMS = {
    "Line haul": "sales", "Charges": "sales", "Write-Off": "write-off", "Bad debt": "write-off",
    "Concession": "concessions",
}  # fmt: skip


def call_web_connector(body: str) -> str:
    """A call that the Web Connector makes."""
    answer = Client().post(reverse("web_connector"), body, content_type="text/xml; charset=utf-8")
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def visit(connection: Connection, company: Any) -> None:
    """The Web Connector of another author visits us, with a company file behind it.

    Of the answers that are cut off, every second one never comes: the computer over there was switched off.
    """

    def quickbooks(text: str) -> str:
        try:
            return company(text)
        except Cut:
            company.cuts += 1
            if company.cuts % 2:
                return ""
            raise

    connector = FakeWebConnector(call_web_connector, f"receivables-{connection.pk}", PASSWORD)
    with suppress(Cut):
        connector.run_update(quickbooks)


QUICKBOOKS_DESKTOP = Stage(
    "quickbooks_desktop", lambda: QuickBooksDesktop(DESKTOP_ITEMS, {*OTHERS, "Checking", "write-off"}),
    lambda books: {"receivables_account": "Accounts Receivable"}, {"password": make_password(PASSWORD)},
    {"line_haul": "Line haul", "other": "Charges", "write_off": "Write-Off", "6100": "Bad debt", "4900": "Concession",
     "6150": "Bad debt", "bank": "Checking", "6150_account": "write-off"},
    never_kept=(PASSWORD,), deliver=visit, running=opened,
)  # fmt: skip

SAGE_INTACCT = Stage(
    "sage_intacct", lambda: SageIntacct(ACCOUNTS, {"BOA"}),
    lambda books: {"company": "Ours", "financial_entity": "BOA", "base_url": books.address},
    {"sender_id": "our-sender", "sender_password": "hush-sender", "user_id": "robot", "user_password": "hush"},
    {"line_haul": "4000", "other": "4010", "write_off": "6100", "6100": "6100", "4900": "4900", "6150": "6150",
     "bank": "BOA", "6150_account": "6150"},
    client="receivables.integrations.systems.intacct.client.Client.call",
    never_kept=("session-", "hush"),
)  # fmt: skip

SAGE_INTACCT_REST = replace(
    SAGE_INTACCT, stand_in=lambda: SageIntacctRest(ACCOUNTS, {"BOA"}),
    options=lambda books: {
        "interface": "rest", "company": "Ours", "financial_entity": "BOA", "base_url": books.address
    },
    secrets={"client_id": "our-client", "client_secret": "hush-secret", "user_id": "robot"},
    client="receivables.integrations.systems.intacct.rest_client.RestLink.call",
    never_kept=("access-", "hush"),
)  # fmt: skip

STAGES = {
    stage.system: stage for stage in (QUICKBOOKS_ONLINE, QUICKBOOKS_DESKTOP, BUSINESS_CENTRAL, SAGE_INTACCT, NETSUITE)
}
# All, with the second interface of a system that has two.
VARIANTS = {**STAGES, "sage_intacct_rest": SAGE_INTACCT_REST}
