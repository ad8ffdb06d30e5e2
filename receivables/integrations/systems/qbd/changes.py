"""What changed in a company file since a moment: its Web Connector brings it, one page a message, once our own
documents are through.

Not proved on a real company file: that a moment is understood with its offset. The clock over there may be another, and
some releases are an hour off in summer: two hours are looked through twice.
"""

import logging
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from lxml import etree

from receivables.integrations.incoming.models import Watch
from receivables.integrations.incoming.reading import Seen, Watching
from receivables.integrations.incoming.watching import Unfit, note
from receivables.integrations.models import Connection
from receivables.integrations.systems.base import GARBLED, garbled
from receivables.integrations.systems.money import kept
from receivables.integrations.systems.qbd.client import HEAD, Unreadable, element, pages_left, parsed
from receivables.integrations.systems.qbd.mapping import SYSTEM
from receivables.integrations.systems.qbd.texts import NOT_THERE, plain

logger = logging.getLogger(__name__)
PAGE = 100
EVERY = timedelta(minutes=4)  # visits come every five
TWICE = timedelta(hours=2)
FURTHEST = timedelta(days=90)  # deleted documents are told of for so long
KINDS = ("payment", "invoice", "deleted")
REQUESTS = {"payment": "ReceivePaymentQueryRq", "invoice": "InvoiceQueryRq", "deleted": "TxnDeletedQueryRq"}
DELETED = {"ReceivePayment": "payment", "Invoice": "invoice"}


def due(connection: Connection) -> Watch | None:
    """The watch over a connection whose time has come. What was there before the first visit is not looked at."""
    now = timezone.now()
    watch, _made = Watch.objects.get_or_create(
        connection=connection, organization_id=connection.organization_id, defaults={"since": now, "looked_at": now}
    )
    if watch.position or watch.looked_at is None or watch.looked_at < now - EVERY:
        return watch
    return None


def begin_again(connection: Connection) -> None:
    """Pages end with the visit that began them: a look that was under way begins anew. What it noted stays."""
    Watch.objects.filter(connection=connection).update(position={})


def handed(connection: Connection) -> Watch | None:
    """The watch whose message the Web Connector has, and brings the answer to."""
    return Watch.objects.filter(connection=connection, position__handed=True).first()


def next_message(watch: Watch) -> str:
    """What to ask next; where the look stands is kept in its position."""
    begun = {"kind": KINDS[0], "until": timezone.now().isoformat()}
    watch.position = {**begun, **watch.position, "handed": True}
    watch.save(update_fields=["position"])
    since = max(watch.since - TWICE, timezone.now() - FURTHEST)
    return message(watch.position["kind"], watch.position.get("iterator", ""), since)


def message(kind: str, iterator: str, since: datetime) -> str:
    """A page of what changed since a moment. Deleted documents have no pages there."""
    moment = since.astimezone(UTC).isoformat(timespec="seconds")
    if kind == "deleted":
        asked = [*(["TxnDelType", each] for each in DELETED), ["DeletedDateRangeFilter", [["FromDeletedDate", moment]]]]
    else:
        asked = [["MaxReturned", str(PAGE)], ["ModifiedDateRangeFilter", [["FromModifiedDate", moment]]]]
        asked += [["IncludeLineItems", "true"]] if kind == "payment" else []
    root = etree.Element("QBXML")
    made = element(REQUESTS[kind], asked)
    made.set("requestID", "1")
    if kind != "deleted":
        made.set("iterator", "Continue" if iterator else "Start")
        if iterator:
            made.set("iteratorID", iterator)
    etree.SubElement(root, "QBXMLMsgsRq", onError="stopOnError").append(made)
    text = etree.tostring(root, encoding="ascii", pretty_print=True).decode()
    return HEAD + text.removeprefix("<?xml version='1.0' encoding='ascii'?>\n")


def take(watch: Watch, answer: str) -> None:
    """Note what came, and where the look stands then."""
    kind = watch.position["kind"]
    try:
        found = parsed(answer).find(f"QBXMLMsgsRs/{REQUESTS[kind].removesuffix('Rq')}Rs")
    except Unreadable:
        found = None
    if found is None:
        return _end(watch, _("The Web Connector brought no answer."))
    code = found.get("statusCode", "")
    if code != "0" and code not in NOT_THERE:
        return _end(watch, plain(code, found.get("statusMessage", ""))[1])
    try:
        for row in found:
            if isinstance(row.tag, str) and row.findtext("TxnDelType", "Invoice") in DELETED:
                note(watch.connection, _seen(watch.connection, row))
    except (*GARBLED, Unfit):
        logger.exception("connection %s: a page of changes cannot be read", watch.connection_id)
        return _end(watch, garbled(SYSTEM))
    return _go_on(watch, kind, found)


def _go_on(watch: Watch, kind: str, found: Any) -> None:
    """To the next page of this kind, to the next kind, or to the end."""
    position = {name: value for name, value in watch.position.items() if name not in ("iterator", "handed")}
    if pages_left(found):
        watch.position = {**position, "iterator": found.get("iteratorID", "")}
    elif kind != KINDS[-1]:
        watch.position = {**position, "kind": KINDS[KINDS.index(kind) + 1]}
    else:
        watch.since = datetime.fromisoformat(position["until"])
        return _end(watch, "")
    return watch.save(update_fields=["position"])


def _end(watch: Watch, problem: str) -> None:
    """A look is over. One that failed is made again from where the last good one ended."""
    watch.position, watch.problem, watch.looked_at = {}, problem, timezone.now()
    watch.save(update_fields=["position", "problem", "looked_at", "since"])


def _seen(connection: Connection, row: Any) -> Seen:
    key, version = row.findtext("TxnID") or "", row.findtext("EditSequence") or ""
    if row.tag == "TxnDeletedRet":
        return Seen(DELETED[row.findtext("TxnDelType")], key, deleted=True)
    day = row.findtext("TxnDate")
    common: dict[str, Any] = {
        "version": version, "currency": _currency(connection, row), "reference": row.findtext("RefNumber") or "",
        "day": date.fromisoformat(day) if day else None, "customer": row.findtext("CustomerRef/ListID") or "",
        "note": (row.findtext("Memo") or "").partition(" ")[0],
    }  # fmt: skip
    if row.tag == "InvoiceRet":
        return Seen("invoice", key, amount=_amount(row, "Subtotal") + _amount(row, "SalesTaxTotal"), **common)
    applied = [
        (each.findtext("TxnID") or "", _amount(each, "Amount"))
        for each in row.iterchildren("AppliedToTxnRet")
        if each.findtext("TxnType") == "Invoice"
    ]
    return Seen("payment", key, amount=_amount(row, "TotalAmount"), applied=applied, **common)


def _amount(row: Any, name: str) -> Decimal:
    return Decimal(row.findtext(name) or "0")


def _currency(connection: Connection, row: Any) -> str:
    """The code of a currency that the settings name; home's where they don't, or nothing is said of any."""
    told = row.findtext("CurrencyRef/FullName")
    for code, names in kept(connection.options).items():
        if told and names and names[0] == told:
            return code
    return str(connection.organization.currency)


WATCHING = Watching(None, lambda change, wanted: {"TxnID": change.remote_id, "EditSequence": change.remote_version})
