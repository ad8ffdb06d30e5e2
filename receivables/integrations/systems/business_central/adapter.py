"""Business Central as the deliverer sees it.

It has no idempotency key. What is made carries a name or number of ours by which it is found again: documents our
number, journals a code, their lines a place. Whether something was posted is seen at its status, or at a journal that
has no lines any more.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.integrations.models import Delivery, Kind, System
from receivables.integrations.systems.base import Answer, Book, Fault, Snapshot, Step, lookalike
from receivables.integrations.systems.business_central import planner
from receivables.integrations.systems.business_central.client import GONE, Client
from receivables.integrations.systems.rest import Said

Trouble = Delivery.Trouble
Remote = dict[str, Any]
LINES = {planner.PAYMENTS: "customerPayments", planner.JOURNALS: "journalLines"}
SAME_KEY = "Internal_EntityWithSameKeyExists"
ETAG = "@odata.etag"
ZERO = Decimal(0)


class BusinessCentral:
    """Every call that changes something can be asked after."""

    system: str = System.BUSINESS_CENTRAL

    def plan(self, kind: str, last: Snapshot | None, wanted: Snapshot, remote: Remote, book: Book) -> list[Step]:
        return planner.plan(kind, wanted, remote, book)

    def takes_over(self, kind: str, wanted: Snapshot, remote: Remote) -> bool:
        """A payment that was deleted and recorded again is the same money."""
        return kind == Kind.PAYMENT and not wanted["void"] and remote.get("Posted") == planner.paid(wanted)

    def send(self, link: Client, step: Step, remote: Remote) -> Answer:
        return SENDS[step.operation](link, step, remote)

    def find(self, link: Client, step: Step, remote: Remote) -> Answer | None:
        """Only reads. What cannot be read now is asked again later."""
        if step.operation not in FINDS:
            return None  # done twice is as good as done once
        try:
            return FINDS[step.operation](link, step, remote)
        except Fault as fault:
            if fault.trouble != Trouble.CREDENTIALS:
                fault.trouble = Trouble.RETRYABLE
            raise


def _answer(said: Said, remote: Remote) -> Answer:
    return Answer(remote, said.request, said.response, said.status)


# Customers -----------------------------------------------------------------------------------------------------------


def create_customer(link: Client, step: Step, remote: Remote) -> Answer:
    """A new customer, unless one like it is there from before. Raises `Fault`."""
    told = () if remote.get("Apart") else ("number", "displayName", "taxRegistrationNumber")
    for field in told:
        rows = link.find("customers", field, step.body[field]) if step.body.get(field) else []
        if rows:
            raise lookalike(link.name, f"{rows[0]['displayName']} ({rows[0]['number']})")
    said = link.call("POST", "customers", step.body)
    return _answer(said, {"Id": said.found["id"]})


def find_customer(link: Client, step: Step, remote: Remote) -> Answer | None:
    rows = link.find("customers", "number", step.body["number"])
    return Answer({"Id": rows[0]["id"]}) if rows else None


def update_customer(link: Client, step: Step, remote: Remote) -> Answer:
    """A linked customer keeps its number and its currency over there."""
    now = link.get("customers", remote["Id"]).found
    kept = ("number", "currencyCode") if remote.get("Linked") else ()
    body = {name: value for name, value in step.body.items() if name not in kept}
    said = link.call("PATCH", f"customers({remote['Id']})", body, headers={"If-Match": now[ETAG]})
    return _answer(said, {})


# Invoices and credit memos -------------------------------------------------------------------------------------------


def create_document(link: Client, step: Step, remote: Remote) -> Answer:
    entity, document = step.body["set"], dict(step.body["document"])
    for each in remote.get("Documents", [])[:1]:
        _standing(link.get(each["Set"], each["Id"]).found)
    on = _most_open([_standing(link.get("salesInvoices", key).found) for key in step.body["on"]])
    if on is not None:
        document["invoiceNumber"], document["postingDate"] = on["number"], _not_before(document["postingDate"], [on])
    said = link.call("POST", entity, document)
    return _answer(said, {"Draft": {"Set": entity, "Id": said.found["id"]}})


def _standing(found: dict[str, Any]) -> dict[str, Any]:
    """A posted document that nobody there took back."""
    if found["status"] in ("Canceled", "Corrective"):
        message = _("It was cancelled in Business Central. Settle there what it should be, then handle it outside.")
        raise Fault(Trouble.CONFLICT, message, fix="remote", system_text=f"{found['number']}: {found['status']}")
    return found


def _most_open(invoices: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The invoice with the most left open; none if all are settled."""
    found = max(invoices, key=_open, default=None)
    return found if found is not None and _open(found) > 0 else None


def _not_before(day: str, invoices: list[dict[str, Any]]) -> str:
    """The day, or the invoices' where that is later: nothing is applied there to what was posted after it."""
    return max([day, *(str(each["postingDate"]) for each in invoices)])


def _open(invoice: dict[str, Any]) -> Decimal:
    return Decimal(str(invoice["remainingAmount"]))


def find_document(link: Client, step: Step, remote: Remote) -> Answer | None:
    entity, known = step.body["set"], {each["Id"] for each in remote.get("Documents", [])}
    rows = link.find(entity, "externalDocumentNumber", step.body["document"]["externalDocumentNumber"])
    made = [row["id"] for row in rows if row["id"] not in known]
    return Answer({"Draft": {"Set": entity, "Id": made[0]}}) if made else None


def post_document(link: Client, step: Step, remote: Remote) -> Answer:
    draft, record = remote["Draft"], step.body["record"]
    now = link.get(draft["Set"], draft["Id"]).found
    theirs, ours = Decimal(str(now["totalAmountIncludingTax"])), abs(Decimal(record["Total"]))
    if theirs != ours:
        message = _(
            "Business Central comes to %(theirs)s where we have %(ours)s. Check the tax that is mapped, and the tax "
            "set-up of the customer there."
        )  # fmt: skip
        raise Fault(Trouble.NEEDS_PERSON, message % {"theirs": f"{theirs:f}", "ours": f"{ours:f}"}, fix="mapping")
    if now["status"] != "Draft":
        return Answer(_posted(remote, record))
    return _answer(link.act(draft["Set"], draft["Id"], "post"), _posted(remote, record))


def find_posted_document(link: Client, step: Step, remote: Remote) -> Answer | None:
    draft = remote["Draft"]
    status = link.get(draft["Set"], draft["Id"]).found["status"]
    return Answer(_posted(remote, step.body["record"])) if status != "Draft" else None


def _posted(remote: Remote, record: dict[str, Any]) -> Remote:
    made = {**record, "Id": remote["Draft"]["Id"]}
    return {"Draft": None, "Documents": [*remote.get("Documents", []), made]}


def drop_draft(link: Client, step: Step, remote: Remote) -> Answer:
    draft = remote["Draft"]
    try:
        now = link.get(draft["Set"], draft["Id"]).found
        if now["status"] != "Draft":
            message = _("Somebody posted our draft in Business Central. Check it there, then handle it outside.")
            raise Fault(Trouble.CONFLICT, message, fix="remote")
        said = link.call("DELETE", f"{draft['Set']}({draft['Id']})", headers={"If-Match": now[ETAG]})
    except Fault as fault:
        if fault.code != GONE:
            raise
        return Answer({"Draft": None}, "", fault.response, fault.status)
    return _answer(said, {"Draft": None})


# Journals -----------------------------------------------------------------------------------------------------------


def _code(step: Step) -> str:
    """The name of a journal, by which it is found again."""
    return step.key[:10].upper()


def open_journal(link: Client, step: Step, remote: Remote) -> Answer:
    entity = step.body["set"]
    body = {"code": _code(step), "displayName": step.body["name"][:50]}
    if "account" in step.body:
        body["balancingAccountId"] = _account(link, step.body["account"])
    said = link.call("POST", entity, body)
    return _answer(said, {"Batch": {"Set": entity, "Id": said.found["id"]}})


def find_journal(link: Client, step: Step, remote: Remote) -> Answer | None:
    rows = link.find(step.body["set"], "code", _code(step))
    return Answer({"Batch": {"Set": step.body["set"], "Id": rows[0]["id"]}}) if rows else None


def _account(link: Client, number: str) -> str:
    """Their id of a G/L account, asked once a link."""
    known: dict[str, str] = link.__dict__.setdefault("accounts", {})
    if number not in known:
        rows = link.find("accounts", "number", number)
        if not rows:
            message = _("Business Central has no account %(number)s.") % {"number": number}
            raise Fault(Trouble.NEEDS_MAPPING, message, fix="mapping")
        known[number] = rows[0]["id"]
    return known[number]


def _lines(batch: dict[str, str]) -> str:
    return f"{batch['Set']}({batch['Id']})/{LINES[batch['Set']]}"


def add_payment(link: Client, step: Step, remote: Remote) -> Answer:
    """A payment there pays one invoice a line: each gets what it still takes, the rest stays the customer's credit."""
    shares, left = [], Decimal(step.body["amount"])
    for each in step.body["applied"]:
        share = min(left, Decimal(each["amount"]))
        for key in each["on"]:
            invoice = link.get("salesInvoices", key).found
            part = min(share, _open(invoice))
            if part > 0:
                shares.append((invoice, part))
                share, left = share - part, left - part
    day = _not_before(step.body["line"]["postingDate"], [invoice for invoice, _part in shares])
    lines = [{"amount": f"{-part:f}", "appliesToInvoiceNumber": invoice["number"]} for invoice, part in shares]
    if left:
        lines.append({"amount": f"{-left:f}"})
    common = {**step.body["line"], "postingDate": day}
    return _add(link, remote, [{"lineNumber": place * 10000, **common, **line} for place, line in enumerate(lines, 1)])


def add_lines(link: Client, step: Step, remote: Remote) -> Answer:
    return _add(link, remote, step.body["lines"])


def _add(link: Client, remote: Remote, lines: list[dict[str, Any]]) -> Answer:
    answer = Answer()
    for line in lines:
        try:
            answer = _answer(link.call("POST", _lines(remote["Batch"]), line), {})
        except Fault as fault:
            if fault.code != SAME_KEY:  # else it is there from a call whose answer never came
                raise
    return answer


def _standing_lines(link: Client, remote: Remote) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = link.call("GET", _lines(remote["Batch"])).found["value"]
    return rows


def post_journal(link: Client, step: Step, remote: Remote) -> Answer:
    lines = _standing_lines(link, remote)
    found = sum((Decimal(str(line["amount"])) for line in lines), ZERO)
    if found != Decimal(step.body["total"]):
        raise Fault(Trouble.RETRYABLE, _("The journal in Business Central is not what was put there. It is made anew."))
    said = link.act(planner.JOURNALS, remote["Batch"]["Id"], "post")
    return _answer(said, _entered(step))


def find_posted_journal(link: Client, step: Step, remote: Remote) -> Answer | None:
    """What was posted has left the journal."""
    return None if _standing_lines(link, remote) else Answer(_entered(step))


def _entered(step: Step) -> Remote:
    """What is posted now, and under which number: that of the payment whose place another one takes."""
    return {"Posted": step.body["posted"], "Number": step.body["number"]}


def close_journal(link: Client, step: Step, remote: Remote) -> Answer:
    """Take the journal away with what was never posted of it. One that stays behind, empty, does no harm."""
    batch = remote["Batch"]
    try:
        said = link.call("DELETE", f"{batch['Set']}({batch['Id']})", headers={"If-Match": "*"})
    except Fault as fault:
        if fault.code != GONE:
            raise
        return Answer({"Batch": None}, "", fault.response, fault.status)
    return _answer(said, {"Batch": None})


SENDS: dict[str, Callable[[Client, Step, Remote], Answer]] = {
    "create_customer": create_customer, "update_customer": update_customer, "create_invoice": create_document,
    "create_credit_memo": create_document, "post_invoice": post_document, "post_credit_memo": post_document,
    "drop_draft": drop_draft, "open_journal": open_journal, "add_payment": add_payment, "add_lines": add_lines,
    "post_journal": post_journal, "close_journal": close_journal,
}  # fmt: skip
FINDS: dict[str, Callable[[Client, Step, Remote], Answer | None]] = {
    "create_customer": find_customer, "create_invoice": find_document, "create_credit_memo": find_document,
    "post_invoice": find_posted_document, "post_credit_memo": find_posted_document, "open_journal": find_journal,
    "post_journal": find_posted_journal,
}  # fmt: skip
