"""Looking through what changed over there. What we did ourselves is recognized by its key; the rest is written down
for a person, once for each document, however often it is seen.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from receivables.billing.models import Invoice
from receivables.core.events import record
from receivables.core.operations import SystemActor
from receivables.integrations.incoming.models import IncomingChange, Watch
from receivables.integrations.incoming.reading import Changes, Seen
from receivables.integrations.models import Connection, Delivery, Kind
from receivables.integrations.systems.base import GARBLED, Fault, Silence, garbled

logger = logging.getLogger(__name__)
What, State = IncomingChange.What, IncomingChange.State
OVERLAP = timedelta(minutes=2)  # looked through twice, so that nothing falls between two looks
FURTHEST = timedelta(days=29)  # QuickBooks Online tells of 30 days
MOST_DIGITS = 15  # before the decimal mark of an amount
UNDER_WAY = [Delivery.State.SENDING, Delivery.State.UNCERTAIN]
KINDS = {"payment": Kind.PAYMENT, "invoice": Kind.INVOICE, "settled": Kind.INVOICE}
KEYS = ("Id", "Key", "TxnID", "ApplicationId", "Application")  # what the systems call the keys of a document


class Later(Exception):
    """Something is under way that may explain it: it is looked at again."""


class Unfit(Exception):
    """What was seen cannot be kept: an amount or a key that is none."""


def look(connection: Connection, read: Any, link: Any) -> int:
    """Look through a connection once; how many changes were written down. No transaction is open during the call."""
    watch, _made = Watch.objects.get_or_create(
        connection=connection, organization_id=connection.organization_id, defaults={"since": timezone.now()}
    )
    since = max(watch.since - OVERLAP, timezone.now() - FURTHEST)
    try:
        found: Changes = read(link, since)
    except (Fault, Silence) as problem:
        return _failed(watch, problem.message)
    except GARBLED:
        logger.exception("connection %s: what changed cannot be read", connection.pk)
        return _failed(watch, garbled(connection.get_system_display()))
    count, until, unfit = 0, max(found.until, watch.since), []
    for seen in found.seen:
        try:
            count += note(connection, seen)
        except Later:
            until = watch.since
        except Unfit:
            logger.exception("connection %s: %s %s cannot be kept", connection.pk, seen.entity, seen.key)
            unfit.append(seen.key[:60])
    said = ""
    if found.more or watch.since < since:
        said = _("More changed over there than it tells at once. Compare payments since the last look by hand.")
    elif unfit:
        said = _("What changed over there cannot be kept here, since an amount or a key is none: %(keys)s. Look there.")
        said = said % {"keys": ", ".join(unfit[:5])}
    with transaction.atomic():
        Watch.objects.filter(pk=watch.pk).update(since=until, looked_at=timezone.now(), problem=said)
        if said:  # the next look has less to tell: that something was passed over stays in the history
            actor: Any = SystemActor(connection.organization, _("Changes over there"), frozenset())
            record(actor, "changes_passed_over", connection, reason=said, since=since.isoformat())
    return count


def _failed(watch: Watch, problem: str) -> int:
    """A look that brought nothing is made again from the same moment."""
    Watch.objects.filter(pk=watch.pk).update(problem=problem, looked_at=timezone.now())
    return 0


def note(connection: Connection, seen: Seen) -> bool:
    """Write down one document that was seen; False where there is nothing to decide, or nothing new.

    Raises `Later` and `Unfit`.
    """
    amounts = (seen.amount, *(amount for _key, amount in seen.applied))
    if not all(each.is_finite() and each.adjusted() < MOST_DIGITS for each in amounts):
        raise Unfit(seen.key)
    try:
        return _note(connection, seen)
    except (DataError, IntegrityError, ValidationError) as error:
        raise Unfit(seen.key) from error


@transaction.atomic
def _note(connection: Connection, seen: Seen) -> bool:
    ours = _ours(connection, seen)
    known = IncomingChange.objects.select_for_update(no_key=True).filter(
        connection=connection, entity=seen.entity, remote_id=seen.key
    ).first()  # fmt: skip
    facts = _differs(ours, seen) if ours is not None else _proposal(connection, seen)
    if facts is None:
        if known is not None and known.state == State.OPEN:
            _update(known, state=State.GONE)
        return False
    if known is None:
        IncomingChange.objects.create(
            organization_id=connection.organization_id, connection=connection, entity=seen.entity, remote_id=seen.key,
            remote_version=seen.version, **facts,
        )  # fmt: skip
        return True
    if known.remote_version == seen.version and known.what == facts["what"]:
        return False
    _update(known, state=State.OPEN, remote_version=seen.version, seen_at=timezone.now(), **facts)
    return True


def _update(row: IncomingChange, **values: Any) -> None:
    values.pop("customer", None)
    IncomingChange.objects.filter(pk=row.pk).update(**values)


def called(names: Iterable[str], key: str) -> Q:
    """Deliveries of which one of these keys over there is this one; found by the index of keys, however many there
    are."""
    found = Q(pk=None)
    for name in names:
        found |= Q(remote__contains={name: key})
    return found


def _ours(connection: Connection, seen: Seen) -> Delivery | None:
    """The document of ours that this is over there, by its key; or by our number while its key is not known yet."""
    rows = Delivery.objects.filter(connection=connection)
    if seen.entity == "settled":
        return rows.filter(kind=Kind.INVOICE, remote__contains={"Documents": [{"Id": seen.key}]}).first()
    kinds = [KINDS[seen.entity]] if seen.entity == "invoice" else [Kind.PAYMENT, Kind.CREDIT_MEMO]
    found = rows.filter(called(KEYS, seen.key), kind__in=kinds).first()
    if found is None and seen.note:
        numbers = [seen.note, seen.note.rpartition("-")[0]]  # entered anew, a number has a count behind it
        found = rows.filter(kind=KINDS[seen.entity], reference__in=numbers, state__in=UNDER_WAY).first()
    return found


def _differs(ours: Delivery, seen: Seen) -> dict[str, Any] | None:
    """What is wrong with a document of ours over there; None where it is as we sent it, or we are changing it."""
    about = {
        "customer": ours.customer, "delivery": ours, "reference": ours.reference, "currency": ours.currency,
        "amount": seen.amount, "date": seen.day,
    }  # fmt: skip
    if seen.entity == "settled" and not seen.deleted:
        return _settled(ours, seen)
    keys = [*map(ours.remote.get, ("Id", "Key", "TxnID")), *(each["Id"] for each in ours.remote.get("Documents", []))]
    if ours.state in UNDER_WAY or seen.key not in keys:
        return None
    if seen.deleted:
        words = _("%(reference)s was deleted over there; here it stands.") % {"reference": ours.reference}
        return {**about, "what": What.DELETED, "message": words, "amount": ours.amount}
    sent = ours.remote.get("TotalAmt") or ours.remote.get("Total") or (ours.synced or {}).get("amount")
    if sent is None or seen.amount == type(seen.amount)(sent):
        return None
    words = _("%(reference)s says %(theirs)s over there; we sent %(ours)s.") % {
        "reference": ours.reference, "theirs": f"{seen.amount:f}", "ours": sent,
    }  # fmt: skip
    return {**about, "what": What.CHANGED, "message": words}


def _settled(ours: Delivery, seen: Seen) -> dict[str, Any] | None:
    """Of an invoice less is open over there than here: somebody settled it there, by a payment or by a credit.

    Raises `Later` while anything of its customer is on its way.
    """
    rows = Delivery.objects.filter(connection=ours.connection_id, customer=ours.customer_id)
    if rows.filter(state__in=[*UNDER_WAY, Delivery.State.QUEUED]).exists():
        raise Later
    one = sum(each["Set"] == "salesInvoices" for each in ours.remote.get("Documents", [])) == 1
    if not one or rows.exclude(state=Delivery.State.SYNCED).exists():
        return None  # what is open here is not what should be open there
    invoice = Invoice.objects.select_related("open_item").get(pk=ours.source_id)
    amount = invoice.open_item.balance - seen.amount
    if amount <= 0:
        return None
    words = {"invoice": ours.reference, "theirs": f"{seen.amount:f}", "ours": f"{invoice.open_item.balance:f}"}
    message = _(
        "Of invoice %(invoice)s %(theirs)s is open over there and %(ours)s here. Look there whether it was paid, when "
        "and how, before you record it."
    )  # fmt: skip
    return {
        "what": What.PAYMENT, "customer": ours.customer, "reference": ours.reference, "date": seen.day,
        "currency": ours.currency, "amount": amount, "message": message % words,
        "applied": [{"invoice": invoice.pk, "amount": f"{amount:f}"}],
    }  # fmt: skip


def _proposal(connection: Connection, seen: Seen) -> dict[str, Any] | None:
    """A payment of a customer of ours that we do not have; None for anything else that is theirs alone."""
    if seen.entity != "payment" or seen.deleted or seen.amount <= 0:
        return None
    rows = Delivery.objects.filter(connection=connection).select_related("customer")
    customer = rows.filter(called(("Id", "Key", "ListID"), seen.customer), kind=Kind.CUSTOMER).first()
    if customer is None:
        return None
    keys = [key for key, _amount in seen.applied]
    theirs = Q(remote__Id__in=keys) | Q(remote__Key__in=keys) | Q(remote__TxnID__in=keys)
    own = rows.filter(theirs, source="billing.invoice", customer=customer.customer_id)
    invoices = {_key(row): row.source_id for row in own}
    applied = [
        {"invoice": invoices[key], "amount": f"{amount:f}"} for key, amount in seen.applied if key in invoices
    ]  # fmt: skip
    return {
        "what": What.PAYMENT, "customer": customer.customer, "reference": seen.reference[:80], "date": seen.day,
        "currency": seen.currency or customer.customer.currency, "amount": seen.amount, "applied": applied,
        "message": _("A payment was recorded over there that is not here."),
    }  # fmt: skip


def _key(row: Delivery) -> str:
    """What a system calls an invoice of ours."""
    return str(row.remote.get("Id") or row.remote.get("Key") or row.remote.get("TxnID"))
