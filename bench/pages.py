"""Pages through the whole application: statements and server time of lists and details, as a member sees them."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from bench.measure import block
from bench.world import World
from receivables.billing.models import Invoice, Load
from receivables.collections.models import Payment
from receivables.customers.models import Account, Agreement, Customer
from receivables.ledger.models import GLAccount, JournalEntry

LISTS = (
    "home",
    "loads",
    "invoices",
    "payments",
    "short_payments",
    "credit_notes",
    "write_offs",
    "billing_runs",
    "worklist",
    "write_off_processes",
    "error_transactions",
    "reports",
    "ageing",
    "customers",
    "approvals",
    "books",
    "journal",
    "periods",
)
DETAILS = {
    "load": Load,
    "invoice": Invoice,
    "payment": Payment,
    "customer": Customer,
    "account": Account,
    "agreement": Agreement,
    "account_ledger": Account,
    "journal_entry": JournalEntry,
    "gl_account": GLAccount,
}
SLOW = 0.150
REQUESTS = 30


@dataclass(frozen=True)
class PageResult:
    """Seconds of server time of a page, of both processors' time among them, and the most statements that one request
    took; `note` why there is none."""

    name: str
    times: Sequence[float] = ()
    cpus: Sequence[float] = ()
    statements: int = 0
    bytes: int = 0
    note: str = ""

    def percentile(self, share: float) -> float:
        ordered = sorted(self.times)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]

    @property
    def cpu(self) -> float:
        """Seconds of processor time, of web and database process together, of the middle request."""
        return statistics.median(self.cpus)

    @property
    def slow(self) -> bool:
        return bool(self.times) and self.percentile(0.95) > SLOW


def addresses(world: World) -> Iterator[tuple[str, list[str]]]:
    """The name of each page with addresses of it; none where the page does not exist."""
    for name in LISTS:
        yield name, _reversed(name, [()])
    yield "ageing, a year ago", [f"{reverse('ageing')}?as_of={world.today - timedelta(days=365)}"]
    for name, model in DETAILS.items():
        found = model.objects.of(world.actor)
        newest = found.order_by("-pk").values_list("pk", flat=True)[:200:20]
        oldest = found.order_by("pk").values_list("pk", flat=True)[:200:20]
        yield name, _reversed(name, [(pk,) for pk in [*newest, *oldest]])


def _reversed(name: str, arguments: list[tuple[int, ...]]) -> list[str]:
    try:
        return [reverse(name, args=each) for each in arguments]
    except NoReverseMatch:
        return []


def ask(client: Client, url: str) -> Any:
    response = client.get(url)
    if response.status_code != 200:
        raise LookupError(f"{url} answers {response.status_code}")
    return response


def timed(client: Client, url: str) -> tuple[float, float]:
    """Seconds that one request took, and how many of them the processor worked for it."""
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    sample = block([lambda: ask(client, url)], pid)
    return sample.wall, sample.client + (sample.server or 0)


def measure_page(client: Client, name: str, urls: list[str], requests: int) -> PageResult:
    """Each address once to warm up and count, then the timed requests over all of them."""
    if not urls:
        return PageResult(name, note="no such page")
    statements = size = 0
    try:
        for url in urls:
            with CaptureQueriesContext(connection) as seen:
                size = len(ask(client, url).content)
            statements = max(
                statements, sum(query["sql"] not in ("BEGIN", "COMMIT") for query in seen.captured_queries)
            )
        samples = [timed(client, urls[position % len(urls)]) for position in range(requests)]
    except Exception as error:  # a page that fails is a finding of its own, not the end of the benchmark
        return PageResult(name, note=f"failed: {type(error).__name__}: {str(error)[:100]}")
    times, cpus = zip(*samples, strict=True)
    return PageResult(name, times, cpus, statements, size)


def signed_in(world: World) -> Client:
    client = Client()
    client.force_login(world.actor.user, backend="accounts.backends.MembershipBackend")
    return client


def measure_pages(world: World, requests: int = REQUESTS) -> list[PageResult]:
    """Every page, asked for by the world's Admin, signed in as a browser is."""
    client = signed_in(world)
    return [measure_page(client, name, urls[:requests], requests) for name, urls in addresses(world)]
