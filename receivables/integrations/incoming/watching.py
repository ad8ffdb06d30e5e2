"""Looking through what changed over there. What we did ourselves is recognized by its key; the rest is written down
for a person, once for each document, however often it is seen.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from receivables.integrations.incoming.models import IncomingChange, Watch
from receivables.integrations.incoming.reading import Changes, Seen
from receivables.integrations.models import Connection, Delivery, Kind
from receivables.integrations.systems.base import Fault, Silence

What, State = IncomingChange.What, IncomingChange.State
OVERLAP = timedelta(minutes=2)  # looked through twice, so that nothing falls between two looks
FURTHEST = timedelta(days=29)  # QuickBooks Online tells of 30 days
UNDER_WAY = [Delivery.State.SENDING, Delivery.State.UNCERTAIN]
KINDS = {"payment": Kind.PAYMENT, "invoice": Kind.INVOICE}


def look(connection: Connection, read: Any, link: Any) -> int:
    """Look through a connection once; how many changes were written down. No transaction is open during the call."""
    watch, _made = Watch.objects.get_or_create(
        connection=connection, organization_id=connection.organization_id, defaults={"since": timezone.now()}
    )
    since = max(watch.since - OVERLAP, timezone.now() - FURTHEST)
    try:
        found: Changes = read(link, since)
    except (Fault, Silence) as problem:
        Watch.objects.filter(pk=watch.pk).update(problem=problem.message, looked_at=timezone.now())
        return 0
    count = sum(note(connection, seen) for seen in found.seen)
    said = _("More changed over there than it tells at once. Compare payments since the last look by hand.")
    Watch.objects.filter(pk=watch.pk).update(
        since=max(found.until, watch.since), looked_at=timezone.now(), problem=said if found.more else ""
    )
    return count


@transaction.atomic
def note(connection: Connection, seen: Seen) -> bool:
    """Write down one document that was seen; False where there is nothing to decide, or nothing new."""
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


def _ours(connection: Connection, seen: Seen) -> Delivery | None:
    """The document of ours that this is over there, by its key; or by our number while its key is not known yet."""
    rows = Delivery.objects.filter(connection=connection)
    found = rows.filter(kind=KINDS[seen.entity], remote__Id=seen.key).first()
    if found is None and seen.entity == "payment":
        found = rows.filter(remote__ApplicationId=seen.key).first()
    if found is None and seen.note:
        found = rows.filter(kind=KINDS[seen.entity], reference=seen.note, state__in=UNDER_WAY).first()
    return found


def _differs(ours: Delivery, seen: Seen) -> dict[str, Any] | None:
    """What is wrong with a document of ours over there; None where it is as we sent it, or we are changing it."""
    about = {
        "customer": ours.customer, "delivery": ours, "reference": ours.reference, "currency": ours.currency,
        "amount": seen.amount, "date": seen.day,
    }  # fmt: skip
    if ours.state in UNDER_WAY or ours.remote.get("Id") != seen.key:
        return None
    if seen.deleted:
        words = _("%(reference)s was deleted over there; here it stands.") % {"reference": ours.reference}
        return {**about, "what": What.DELETED, "message": words, "amount": ours.amount}
    sent = ours.remote.get("TotalAmt")
    if sent is None or seen.amount == type(seen.amount)(sent):
        return None
    words = _("%(reference)s says %(theirs)s over there; we sent %(ours)s.") % {
        "reference": ours.reference, "theirs": f"{seen.amount:f}", "ours": sent,
    }  # fmt: skip
    return {**about, "what": What.CHANGED, "message": words}


def _proposal(connection: Connection, seen: Seen) -> dict[str, Any] | None:
    """A payment of a customer of ours that we do not have; None for anything else that is theirs alone."""
    if seen.entity != "payment" or seen.deleted or seen.amount <= 0:
        return None
    rows = Delivery.objects.filter(connection=connection).select_related("customer")
    customer = rows.filter(kind=Kind.CUSTOMER, remote__Id=seen.customer).first()
    if customer is None:
        return None
    invoices = {
        row.remote["Id"]: row.source_id
        for row in rows.filter(
            kind=Kind.INVOICE, source="billing.invoice", remote__Id__in=[key for key, _amount in seen.applied]
        )
    }  # fmt: skip
    applied = [
        {"invoice": invoices[key], "amount": f"{amount:f}"} for key, amount in seen.applied if key in invoices
    ]  # fmt: skip
    return {
        "what": What.PAYMENT, "customer": customer.customer, "reference": seen.reference[:80], "date": seen.day,
        "currency": seen.currency or customer.customer.currency, "amount": seen.amount, "applied": applied,
        "message": _("A payment was recorded over there that is not here."),
    }  # fmt: skip
