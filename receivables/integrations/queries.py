"""Reading deliveries: what they are about, how they stand, and what is not mapped yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from receivables.billing.credit_notes.models import Reason
from receivables.billing.models import Accessorial, AccessorialType, TaxCode
from receivables.collections.models import BankAccount, PayOffPolicy, SmallExcess
from receivables.customers.models import AgreementType
from receivables.integrations.models import Connection, Delivery, Mapping
from receivables.integrations.registry import ADAPTERS
from receivables.integrations.sources import SOURCES
from receivables.ledger.models import GLAccount

State = Delivery.State
OPEN = [State.ERROR, State.UNCERTAIN]


def document_of(delivery: Delivery) -> models.Model | None:
    """The document of ours that a delivery is about."""
    found: models.Model | None = (
        SOURCES[delivery.source].rows.filter(organization_id=delivery.organization_id, pk=delivery.source_id).first()
    )
    return found


def documents_of(deliveries: Iterable[Delivery]) -> dict[tuple[str, int], models.Model]:
    """The documents of deliveries of one organization, by source and key; one query for each kind."""
    keys: dict[str, set[int]] = {}
    for each in deliveries:
        keys.setdefault(each.source, set()).add(each.source_id)
    found = {label: SOURCES[label].rows.in_bulk(pks) for label, pks in keys.items()}
    return {(label, pk): row for label, rows in found.items() for pk, row in rows.items()}


def address_of(document: Any) -> str:
    """Where a document is looked at; bad debt at the invoice that it was given on."""
    if hasattr(document, "get_absolute_url"):
        return str(document.get_absolute_url())
    if hasattr(document, "invoice"):
        return str(document.invoice.get_absolute_url())
    return str(document.credit_item.payment.get_absolute_url()) if hasattr(document, "credit_item") else ""


def failed_count(actor: Any) -> int:
    """How many deliveries wait for a person, for the menu."""
    return Delivery.objects.of(actor).filter(state__in=OPEN).count()


def deliveries_of(actor: Any, source: str, pk: int) -> list[Delivery]:
    """How a document stands on each connection."""
    rows = Delivery.objects.of(actor).filter(source=source, source_id=pk)
    return list(rows.select_related("connection").order_by("connection__name"))


@dataclass(frozen=True)
class LocalKey:
    """One of our charges, taxes or accounts that a connection needs a counterpart of; "" where it has none yet."""

    key: str
    what: str
    label: str
    remote_id: str


def local_keys(actor: Any, connection: Connection) -> list[LocalKey]:
    """Everything that documents of this organization can need a mapping of, mapped or not; also what is no longer
    used for new ones."""
    known = dict(Mapping.objects.filter(connection=connection).values_list("local_key", "remote_id"))
    found: dict[str, tuple[str, str]] = {"item:line_haul": ("item", _("Charge: Line haul"))}
    used = Exists(Accessorial.objects.filter(type=OuterRef("pk")))
    for kind in AccessorialType.objects.of(actor).filter(Q(active=True) | used).order_by("name"):
        found[f"item:{kind.pk}"] = ("item", _("Charge: %(name)s") % {"name": kind.name})
    sold = not ADAPTERS[connection.system].on_accounts
    for account in _loss_accounts(actor):
        if sold:
            found[f"item:account:{account.pk}"] = ("item", _("Credit memo: account %(name)s") % {"name": account})
        found[f"account:{account.pk}"] = ("account", _("Account: %(name)s") % {"name": account})
    for account in _held_accounts(actor):
        found.setdefault(f"account:{account.pk}", ("account", _("Account: %(name)s") % {"name": account}))
    for code in TaxCode.objects.of(actor).order_by("name"):
        found[f"tax:{code.pk}"] = ("tax", _("Tax: %(name)s") % {"name": code.name})
    for bank in BankAccount.objects.of(actor).select_related("gl_account").order_by("name"):
        found[f"account:{bank.gl_account_id}"] = ("account", _("Bank account: %(name)s") % {"name": bank.gl_account})
    for key in known:
        found.setdefault(key, (key.split(":")[0], key))
    return [LocalKey(key, what, label, known.get(key, "")) for key, (what, label) in found.items()]


def _loss_accounts(actor: Any) -> QuerySet[GLAccount]:
    """The accounts that credit notes and write-offs debit, and that a recovery credits."""
    by_reasons = Reason.objects.of(actor).values("gl_account")
    write_off = AgreementType.objects.of(actor).filter(special_role=AgreementType.SpecialRole.WRITE_OFF)
    chosen = Q(pk__in=by_reasons) | Q(pk__in=write_off.values("gl_account"))
    return GLAccount.objects.of(actor).filter(chosen).order_by("code")


def _held_accounts(actor: Any) -> QuerySet[GLAccount]:
    """The accounts of journal entries beside those: of money held, of fees for bounced payments, of small
    over-payments, of taxes."""
    roles = (AgreementType.SpecialRole.DEPOSIT, AgreementType.SpecialRole.OVERPAYMENT)
    held = AgreementType.objects.of(actor).filter(special_role__in=roles).values("gl_account")
    fees = BankAccount.objects.of(actor).filter(fee_account__isnull=False).values("fee_account")
    over = PayOffPolicy.objects.of(actor).filter(over_account__isnull=False).values("over_account")
    booked = SmallExcess.objects.of(actor).values("gl_account")
    taxes = TaxCode.objects.of(actor).values("gl_account")
    chosen = [Q(pk__in=each) for each in (held, fees, over, booked, taxes)]
    return GLAccount.objects.of(actor).filter(reduce(or_, chosen)).order_by("code")
