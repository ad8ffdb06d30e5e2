"""The customers, items and accounts of a company file in QuickBooks Desktop: its Web Connector brings them, one page a
message, until all kinds are through.
"""

from typing import Any

from django.utils.translation import gettext as _
from lxml import etree

from receivables.integrations.linking.looking import end, keep
from receivables.integrations.linking.models import Directory
from receivables.integrations.linking.reading import ACCOUNT, CUSTOMER, ITEM, KINDS, Listing, Theirs
from receivables.integrations.models import Connection
from receivables.integrations.systems.qbd.client import HEAD, Unreadable, element, pages_left, parsed
from receivables.integrations.systems.qbd.texts import NOT_THERE, plain

PAGE = 100  # of the longest entries, far from what a web server takes at once
MOST_VISITS = 3  # in which nothing came of what was asked
REQUESTS = {CUSTOMER: "CustomerQueryRq", ITEM: "ItemQueryRq", ACCOUNT: "AccountQueryRq"}
ACTIVE = [["ActiveStatus", "ActiveOnly"]]
LISTING = Listing(None, lambda key: {"ListID": key})


def asked(connection: Connection) -> Directory | None:
    """The look that is asked for on this connection."""
    return Directory.objects.filter(connection=connection, state=Directory.State.ASKED).first()


def begin_again(directory: Directory) -> None:
    """Pages end with the visit that began them: the kind that was under way is asked for from its beginning. A look of
    which nothing came in several visits is given up: everything else waits behind it."""
    visits = directory.position.get("visits", 0)
    if visits >= MOST_VISITS:
        return end(directory, problem=_("The Web Connector brought no answer."))
    position = {name: value for name, value in directory.position.items() if name != "iterator"}
    directory.position = {**position, "visits": visits + 1}
    return directory.save(update_fields=["position"])


def next_message(directory: Directory) -> str:
    """What to ask next: where the look stands is kept in its position."""
    kind = directory.position.get("kind", KINDS[0])
    return message(REQUESTS[kind], directory.position.get("iterator", ""))


def message(request: str, iterator: str) -> str:
    """A page of a list. Accounts have no pages there."""
    root = etree.Element("QBXML")
    messages = etree.SubElement(root, "QBXMLMsgsRq", onError="stopOnError")
    paged = request != REQUESTS[ACCOUNT]
    made = element(request, [*([["MaxReturned", str(PAGE)]] if paged else []), *ACTIVE])
    made.set("requestID", "1")
    if paged:
        made.set("iterator", "Continue" if iterator else "Start")
        if iterator:
            made.set("iteratorID", iterator)
    messages.append(made)
    text = etree.tostring(root, encoding="ascii", pretty_print=True).decode()
    return HEAD + text.removeprefix("<?xml version='1.0' encoding='ascii'?>\n")


def take(directory: Directory, answer: str) -> None:
    """Note what came, and where the look stands then."""
    kind = directory.position.get("kind", KINDS[0])
    try:
        found = parsed(answer).find(f"QBXMLMsgsRs/{REQUESTS[kind].removesuffix('Rq')}Rs")
    except Unreadable:
        found = None
    if found is None:
        end(directory, problem=_("The Web Connector brought no answer."))
        return
    code = found.get("statusCode", "")
    if code != "0" and code not in NOT_THERE:
        _trouble, words, _fix = plain(code, found.get("statusMessage", ""))
        end(directory, problem=words)
        return
    keep(directory, [_theirs(kind, row) for row in found if isinstance(row.tag, str)])
    _go_on(directory, kind, found)


def _go_on(directory: Directory, kind: str, found: Any) -> None:
    """To the next page of this kind, to the next kind, or to the end."""
    if pages_left(found):
        directory.position = {"kind": kind, "iterator": found.get("iteratorID", "")}
    else:
        later = KINDS[KINDS.index(kind) + 1 :]
        if not later:
            end(directory)
            return
        directory.position = {"kind": later[0]}
    directory.save(update_fields=["position"])


def _theirs(kind: str, row: Any) -> Theirs:
    """Items and accounts are named by their full names, customers by their keys."""
    name = row.findtext("FullName") or row.findtext("Name") or ""
    if kind != CUSTOMER:
        return Theirs(kind, name, name, row.findtext("AccountNumber") or "")
    return Theirs(
        kind, row.findtext("ListID") or "", name, row.findtext("AccountNumber") or "", row.findtext("Email") or ""
    )
