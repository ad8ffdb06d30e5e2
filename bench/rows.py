"""What the data set is made of: customers, loads, invoices with all that issuing one writes, payments.

A `Batch` is some invoices with keys that follow each other, so that every row's key is known without asking. Line haul
900 and more, fuel 100; every fourth load of the data set is taxed on its line haul.
"""

from dataclasses import dataclass, field

from django.utils import timezone

from bench.world import Copier, World
from receivables.audit.canonical import VERSION
from receivables.audit.models import Seal
from receivables.audit.sealing import head, link
from receivables.billing.models import Accessorial, Invoice, Load, Revision, RevisionLine, RevisionTax
from receivables.collections.models import Payment
from receivables.core.models import Event
from receivables.customers.models import Account, Agreement, Customer
from receivables.ledger.models import Allocation, JournalEntry, JournalLine, OpenItem

BATCH = 10_000
NUMBER = "lpad({0}::text, greatest(6, length({0}::text)), '0')"
DAYS = 700


@dataclass
class Batch:
    """`count` loads on `accounts` accounts, from line haul 900 on with `haul_steps` different amounts."""

    count: int
    accounts: int
    haul_steps: int = 100
    taxed_every: int = 4
    days: int = DAYS
    first: dict[str, int] = field(default_factory=dict)

    def facts(self, world: World) -> str:
        """A row for each load: its position i, keys, amounts, day of issue."""
        keys = ", ".join(f"{first} + i AS {name}_id" for name, first in self.first.items() if name not in PARTIES)
        tax = f"CASE WHEN i % {self.taxed_every} = 0 THEN true ELSE false END" if self.taxed_every else "false"
        return f"""(SELECT *, haul + 100 + tax AS total, issued + 30 AS due FROM (
            SELECT *, CASE WHEN taxed THEN round(haul * 0.0825, 2) ELSE 0 END AS tax FROM (
              SELECT i, {keys}, {self.first["account"]} + i % {self.accounts} AS account_id,
                     {self.first["agreement"]} + i % {self.accounts} AS agreement_id,
                     (900 + i % {self.haul_steps})::numeric AS haul, {tax} AS taxed,
                     date '{world.today}' - {self.days} + (i::bigint * {self.days} / {self.count})::int AS issued
                FROM generate_series(0, {self.count} - 1) AS i) a) b) AS f"""


PARTIES = ("customer", "account", "agreement")


def parties(to: Copier, batch: Batch) -> None:
    """Customers with an account and an agreement each."""
    models = (Customer, Account, Agreement)
    batch.first.update(zip(PARTIES, to.keys(batch.accounts, *models), strict=True))
    customer, account, agreement = (batch.first[name] for name in PARTIES)
    source, world = f"generate_series(0, {batch.accounts} - 1) AS i", to.world
    to.copy(
        Customer, source, id=f"{customer} + i", number=f"'C' || {customer} + i", name=f"'Customer ' || {customer} + i",
        currency="'USD'", terms_id=world.terms, city="'Springfield'",
    )  # fmt: skip
    to.copy(
        Account, source, id=f"{account} + i", number=f"'A' || {account} + i", name=f"'Account ' || {account} + i",
        customer_id=f"{customer} + i", collection_class_id=world.collection_class,
    )  # fmt: skip
    to.copy(
        Agreement, source, id=f"{agreement} + i", number=f"'S' || {agreement} + i", account_id=f"{account} + i",
        type_id=world.agreement_type, currency="'USD'", start_date="'2020-01-01'",
    )  # fmt: skip


def loads(to: Copier, batch: Batch, invoiced: bool = False) -> None:
    """Loads with a fuel surcharge, as draft or already joined to their invoices."""
    if not invoiced:
        _reserve(to, batch, load=Load, accessorial=Accessorial)
    facts, world = batch.facts(to.world), to.world
    invoice = {"invoice_id": "invoice_id"} if invoiced else {}
    to.copy(
        Load, facts, id="load_id", number="'LD-' || load_id", account_id="account_id", agreement_id="agreement_id",
        currency="'USD'", origin="'Dallas'", destination="'Houston'", line_haul="haul", charges_total="total",
        billed_charges="total", tax_code_id=f"CASE WHEN taxed THEN {world.tax.pk} END", **invoice,
    )  # fmt: skip
    to.copy(
        Accessorial, facts, id="accessorial_id", load_id="load_id", type_id=world.fuel.pk, entity="'customer'",
        currency="'USD'", amount="100", created_by_id=world.user,
    )  # fmt: skip


def _reserve(to: Copier, batch: Batch, **tables: type) -> None:
    batch.first.update(zip(tables, to.keys(batch.count, *tables.values()), strict=True))


def invoices(to: Copier, batch: Batch) -> None:
    """Issued invoices with their loads: all that generate_invoice writes."""
    _reserve(
        to, batch, load=Load, accessorial=Accessorial, item=OpenItem, invoice=Invoice, revision=Revision,
        entry=JournalEntry,
    )  # fmt: skip
    number = to.take("invoice", batch.count)
    facts, world = batch.facts(to.world), to.world
    name = f"'INV-' || {NUMBER.format(f'({number} + i)')}"
    to.copy(
        OpenItem, facts, id="item_id", account_id="account_id", agreement_id="agreement_id",
        gl_account_id=world.gl["1200"], kind="'invoice'", number=name, currency="'USD'", document_date="issued",
        due_date="due",
    )  # fmt: skip
    to.copy(
        Invoice, facts, id="invoice_id", number=name, sequence_number=f"{number} + i", account_id="account_id",
        agreement_id="agreement_id", open_item_id="item_id", currency="'USD'", issue_date="issued", due_date="due",
        terms_days="30",
    )  # fmt: skip
    loads(to, batch, invoiced=True)
    _revisions(to, facts)
    _entries(to, facts, name)
    to.copy(
        Event, facts, name="'generate_invoice'", subject_type="'billing.invoice'", subject_id="invoice_id",
        refs=refs("billing.invoice:", "invoice_id", "billing.load:", "load_id", "customers.account:", "account_id"),
        actor_name="'Bench Admin'", actor_user_id=world.user,
        data="jsonb_build_object('total', total::text, 'currency', 'USD', 'revision', 1)",
    )  # fmt: skip


def refs(*parts: str) -> str:
    """SQL for the array of names under which an event is found."""
    names = [f"'{label}' || {key}" for label, key in zip(parts[::2], parts[1::2], strict=True)]
    return f"ARRAY[{', '.join(names)}]"


def _revisions(to: Copier, facts: str) -> None:
    world = to.world
    to.copy(
        Revision, facts, id="revision_id", invoice_id="invoice_id", number="1", cause="'generated'", currency="'USD'",
        net="haul + 100", tax="tax", total="total", organization_total="total", digest="repeat('0', 64)",
        line_count="2", posting_date="issued", created_by_id=world.user,
        bill_to="jsonb_build_object('name', 'Customer ' || account_id)",
    )  # fmt: skip
    lines = f"""{facts}, LATERAL (VALUES
        (1, NULL, 'Line haul: Dallas – Houston', haul, tax, taxed, {world.gl["4000"]}),
        (2, accessorial_id, 'Fuel surcharge', 100, 0, false, {world.gl["4100"]}))
        AS l(line, charge_id, words, charged, line_tax, line_taxed, gl)"""
    to.copy(
        RevisionLine, lines, revision_id="revision_id", line_no="line", load_id="load_id", accessorial_id="charge_id",
        kind="'charge'", description="words", currency="'USD'", net="charged", tax="line_tax",
        total="charged + line_tax", gl_account_id="gl", tax_rate="CASE WHEN line_taxed THEN 8.25 ELSE 0 END",
        tax_code_id=f"CASE WHEN line_taxed THEN {world.tax.pk} END",
    )  # fmt: skip
    to.copy(
        RevisionTax, f"{facts} WHERE taxed", revision_id="revision_id", tax_code_id=world.tax.pk,
        name="'Sales tax'", rate="8.25", currency="'USD'", net="haul", tax="tax",
    )  # fmt: skip


def _entries(to: Copier, facts: str, name: str) -> None:
    world = to.world
    to.copy(
        JournalEntry, facts, id="entry_id", kind="'generated'", source_type="'billing.revision'",
        source_id="revision_id", document_date="issued", posting_date="issued", currency="'USD'",
        line_count="CASE WHEN taxed THEN 4 ELSE 3 END", total="total", organization_total="total",
        memo=f"{name} || ' v1'", posted_by_id=world.user,
    )  # fmt: skip
    lines = f"""{facts}, LATERAL (VALUES
        (1, {world.gl["1200"]}, total), (2, {world.gl["4000"]}, -haul), (3, {world.gl["4100"]}, -100),
        (4, {world.gl["2200"]}, -tax)) AS l(line, gl, moved) WHERE moved <> 0"""
    to.copy(
        JournalLine, lines, entry_id="entry_id", line_no="line", gl_account_id="gl", currency="'USD'", amount="moved",
        organization_amount="moved", opens="line = 1", open_item_id="CASE WHEN line = 1 THEN item_id END",
        agreement_id="CASE WHEN line = 1 THEN agreement_id END",
        for_agreement_id="CASE WHEN line > 1 THEN agreement_id END",
    )  # fmt: skip


def reductions(to: Copier, batch: Batch) -> None:
    """50.00 of bad debt on every load of the batch, so that its invoice is out of date."""
    _reserve(to, batch, reduction=Accessorial)
    to.copy(
        Accessorial, batch.facts(to.world), id="reduction_id", load_id="load_id", type_id=to.world.write_off.pk,
        entity="'customer'", currency="'USD'", amount="-50", created_by_id=to.world.user,
    )  # fmt: skip


def payments(to: Copier, batch: Batch, paid: int, halves: int = 0) -> None:
    """A payment on `paid` of every ten invoices, the last `halves` of them on half the invoice."""
    count = batch.count * paid // 10
    names = ("payment", "money", "receipt", "allocation")
    first = dict(zip(names, to.keys(count, Payment, OpenItem, JournalEntry, Allocation), strict=True))
    first["application"] = to.keys(count, JournalEntry)[0]
    batch.first.update(first)
    number, world = to.take("payment", count), to.world
    name = f"'PMT-' || {NUMBER.format(f'({number} + p)')}"
    keys = ", ".join(f"{key} + p AS {label}_key" for label, key in first.items())
    facts = f"""(SELECT *, least(issued + 25, date '{world.today}') AS paid_on,
           CASE WHEN p % {paid} >= {paid - halves} THEN round(total / 2, 2) ELSE total END AS applied
      FROM (SELECT p, {keys}, p / {paid} * 10 + p % {paid} AS position FROM generate_series(0, {count} - 1) AS p) q
      JOIN {batch.facts(world)} ON f.i = q.position) AS g"""
    to.copy(
        OpenItem, facts, id="money_key", account_id="account_id", gl_account_id=world.gl["2100"], kind="'payment'",
        number=name, currency="'USD'", document_date="paid_on", due_date="paid_on",
    )  # fmt: skip
    to.copy(
        Payment, facts, id="payment_key", number=name, sequence_number=f"{number} + p", account_id="account_id",
        open_item_id="money_key", bank_account_id=world.bank.pk, date="paid_on", posting_date="paid_on",
        currency="'USD'", amount="applied", method="'check'", created_by_id=world.user,
    )  # fmt: skip
    _money_entries(to, facts, name)
    to.copy(
        Allocation, facts, id="allocation_key", kind="'payment'", debit_item_id="item_id", credit_item_id="money_key",
        entry_id="application_key", currency="'USD'", amount="applied", date="paid_on",
    )  # fmt: skip
    to.copy(
        Event, facts, name="'record_payment'", subject_type="'collections.payment'", subject_id="payment_key",
        refs=refs("collections.payment:", "payment_key", "customers.account:", "account_id", "billing.invoice:",
                  "invoice_id", "billing.load:", "load_id"),
        actor_name="'Bench Admin'", actor_user_id=world.user,
        data="jsonb_build_object('amount', applied::text, 'currency', 'USD')",
    )  # fmt: skip


def _money_entries(to: Copier, facts: str, name: str) -> None:
    world = to.world
    both = f"""{facts}, LATERAL (VALUES ('payment', receipt_key), ('application', application_key)) AS k(kind, key)"""
    to.copy(
        JournalEntry, both, id="key", kind="kind", source_type="'collections.payment'", source_id="payment_key",
        document_date="paid_on", posting_date="paid_on", currency="'USD'", line_count="2", total="applied",
        organization_total="applied", memo=name, posted_by_id=world.user,
    )  # fmt: skip
    lines = f"""{facts}, LATERAL (VALUES
        (receipt_key, 1, {world.gl["1000"]}, applied, NULL, false, NULL),
        (receipt_key, 2, {world.gl["2100"]}, -applied, money_key, true, NULL),
        (application_key, 1, {world.gl["2100"]}, applied, money_key, false, NULL),
        (application_key, 2, {world.gl["1200"]}, -applied, item_id, false, agreement_id))
        AS l(key, line, gl, moved, moved_item, own, moved_agreement)"""
    to.copy(
        JournalLine, lines, entry_id="key", line_no="line", gl_account_id="gl", currency="'USD'", amount="moved",
        organization_amount="moved", open_item_id="moved_item", opens="own", agreement_id="moved_agreement",
    )  # fmt: skip


def grow(world: World, invoices_wanted: int, present: int, say: object = None) -> None:
    """Add invoices, fifty to an account and 60 % of them paid, until there are so many."""
    with Copier(world) as to:
        while present < invoices_wanted:
            count = min(BATCH, invoices_wanted - present)
            batch = Batch(count, max(count // 50, 1))
            parties(to, batch)
            to.writer.commit()
            invoices(to, batch)
            payments(to, batch, paid=6, halves=2)
            to.writer.commit()
            present += count
    seal_last(world)


def seal_last(world: World) -> None:
    """One seal behind all entries, where the worker would have made one of each, so that they are in the totals."""
    number, previous = head(world.organization)
    entry = JournalEntry.objects.of(world.actor).latest("pk").pk
    at, digest = timezone.now(), b"sealed as one"
    Seal.objects.create(
        organization_id=world.organization, number=number + 1, kind=Seal.Kind.ENTRY, row_id=entry, version=VERSION,
        sealed_at=at, digest=digest, hash=link(previous, number + 1, Seal.Kind.ENTRY, entry, at, digest),
    )  # fmt: skip
