"""NetSuite as the deliverer sees it.

Its idempotency key counts only for calls that are answered later, so it is not used: a record is put under an external
id of ours, which a repetition finds again. Whether a new one was made is asked by SuiteQL.
"""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.integrations.models import Delivery, System
from receivables.integrations.systems.base import (
    Answer,
    Book,
    Fault,
    Snapshot,
    Step,
    changed_there,
    deleted_there,
    lookalike,
)
from receivables.integrations.systems.netsuite import planner
from receivables.integrations.systems.netsuite.client import GONE, Client

Trouble = Delivery.Trouble
Remote = dict[str, Any]


class NetSuite:
    """Every plan is one call: put or delete."""

    system: str = System.NETSUITE

    def plan(self, kind: str, last: Snapshot | None, wanted: Snapshot, remote: Remote, book: Book) -> list[Step]:
        return planner.plan(kind, wanted, remote, book)

    def takes_over(self, kind: str, wanted: Snapshot, remote: Remote) -> bool:
        """What is undone here is undone there."""
        return False

    def send(self, link: Client, step: Step, remote: Remote) -> Answer:
        return _delete(link, step, remote) if step.operation.startswith("delete_") else _put(link, step, remote)

    def find(self, link: Client, step: Step, remote: Remote) -> Answer | None:
        """A record that was made; putting or deleting again what is known already does no harm."""
        if remote.get("Id") or step.operation.startswith("delete_"):
            return None
        try:
            table = "customer" if step.body["record"] == "customer" else "transaction"
            rows = link.rows(f"SELECT id FROM {table} WHERE externalid = '{step.body['external']}'")  # noqa: S608
        except Fault as fault:
            if fault.trouble != Trouble.CREDENTIALS:
                fault.trouble = Trouble.RETRYABLE
            raise
        return Answer(_known(step, str(rows[0]["id"]))) if rows else None


def _known(step: Step, key: str) -> Remote:
    return {"Id": key, "Total": step.body["total"]}


def _path(step: Step, key: str) -> str:
    return f"record/v1/{step.body['record']}/{key}"


def _put(link: Client, step: Step, remote: Remote) -> Answer:
    if remote.get("Id"):
        _unchanged(link, step, remote)
    if remote.get("Linked"):
        return _change(link, step, remote)
    if step.body["record"] == "customer":
        _refuse_lookalikes(link, step, remote)
    lists = planner.REPLACED.get(step.body["record"])
    external = f"eid:{step.body['external']}"
    said = link.call("PUT", _path(step, external), step.body["body"], query={"replace": lists} if lists else None)
    key = remote.get("Id") or said.headers.get("location", "").rstrip("/").rpartition("/")[2]
    if not key or step.body["taxed"]:
        found = link.call("GET", _path(step, external)).found
        key = str(found["id"])
        _agreed(step, found)
    return Answer(_known(step, key), said.request, said.response, said.status)


def _change(link: Client, step: Step, remote: Remote) -> Answer:
    """What was made over there has no id of ours; a customer keeps its number, subsidiary and currency."""
    kept = ("entityId", "subsidiary", "currency") if step.body["record"] == "customer" else ()
    body = {name: value for name, value in step.body["body"].items() if name not in kept}
    lists = planner.REPLACED.get(step.body["record"])
    said = link.call("PATCH", _path(step, remote["Id"]), body, query={"replace": lists} if lists else None)
    return Answer({}, said.request, said.response, said.status)


def _refuse_lookalikes(link: Client, step: Step, remote: Remote) -> None:
    """Raise `Fault` where a customer of this name is there from before."""
    if remote.get("Id") or remote.get("Apart"):
        return
    name = step.body["body"]["companyName"].replace("'", "''")
    query = f"SELECT id, entityid, externalid FROM customer WHERE UPPER(companyname) = UPPER('{name}')"  # noqa: S608
    rows = [row for row in link.rows(query) if row.get("externalid") != step.body["external"]]
    if rows:
        raise lookalike(link.name, str(rows[0].get("entityid") or rows[0]["id"]))


def _unchanged(link: Client, step: Step, remote: Remote) -> None:
    """Refuse to write over what people there changed or took away. What says already what is wanted was changed by
    ourselves, in a call whose answer never came."""
    try:
        now = link.call("GET", _path(step, remote["Id"])).found
    except Fault as fault:
        if fault.code != GONE:
            raise
        raise deleted_there(link.name, status=fault.status, response=fault.response) from None
    expected = [Decimal(total) for total in (remote.get("Total"), step.body["total"]) if total]
    if remote.get("Total") and Decimal(str(now["total"])) not in expected:
        raise changed_there(link.name, now["total"], remote["Total"])


def _agreed(step: Step, found: dict[str, Any]) -> None:
    """Their tax is worked out by them."""
    if not step.body["total"] or Decimal(str(found["total"])) == Decimal(step.body["total"]):
        return
    words = {"ours": step.body["total"], "theirs": found["total"]}
    message = _("NetSuite comes to %(theirs)s where we have %(ours)s. Check the tax that is mapped, and the tax there.")
    raise Fault(Trouble.NEEDS_PERSON, message % words, fix="mapping")


def _delete(link: Client, step: Step, remote: Remote) -> Answer:
    gone = {"Id": None, "Total": None}
    try:
        said = link.call("DELETE", _path(step, remote["Id"]))
    except Fault as fault:
        if fault.code != GONE:
            raise
        return Answer(gone, "", fault.response, fault.status)
    return Answer(gone, said.request, said.response, said.status)
