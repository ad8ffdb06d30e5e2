"""qbXML as text, and a link over which a message is handed out and its answer read."""

import re
from typing import Any

from django.utils.translation import gettext as _
from lxml import etree

from receivables.integrations.systems.base import Fault, Handed, Silence
from receivables.integrations.systems.qbd.texts import DONE, NOT_THERE, plain

VERSION = (12, 0)  # what the message tables describe; newer ones understand it
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<?qbxml version="{}.{}"?>\n'.format(*VERSION)


class Unreadable(Exception):
    """Not the XML that was expected."""


def parsed(text: str | bytes) -> Any:
    """The root of a document from outside: no entities, nothing fetched. Raises `Unreadable`."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    data = text.encode() if isinstance(text, str) else text
    try:
        root = etree.fromstring(data.strip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(str(error)) from None
    if root.getroottree().docinfo.doctype:
        raise Unreadable("a document type is not expected")
    return root


def element(name: str, value: Any) -> Any:
    """An element from a text or from [name, value] pairs. Signs that XML cannot say, which come with what was copied
    from elsewhere, are left out."""
    made = etree.Element(name)
    if isinstance(value, str):
        made.text = NO_XML.sub("", value)
        return made
    made.extend(element(inner, each) for inner, each in value)
    return made


def message(request: str, pairs: Any, key: str) -> str:
    """A message set of one request, `request` such as "InvoiceAddRq"."""
    root = etree.Element("QBXML")
    messages = etree.SubElement(root, "QBXMLMsgsRq", onError="stopOnError")
    made = element(request, pairs)
    made.set("requestID", key)
    messages.append(made)
    text = etree.tostring(root, encoding="ascii", pretty_print=True).decode()
    return HEAD + text.removeprefix("<?xml version='1.0' encoding='ascii'?>\n")


class Messages:
    """Hands one message to the Web Connector (`Handed`), or reads the answer that it brought to it."""

    def __init__(self, answer: str | None = None) -> None:
        self.answer = answer

    def call(self, request: str, pairs: Any, key: str) -> tuple[Any, str]:
        """The response element and the text of the request; no element where nothing matched.

        Raises `Handed`, `Fault` or `Silence`.
        """
        text = message(request, pairs, key)
        if self.answer is None:
            raise Handed(text)
        answer, self.answer = self.answer, None
        return self._read(answer, request, text), text

    def _read(self, answer: str, request: str, text: str) -> Any:
        told: dict[str, Any] = {"request": text, "response": answer}
        try:
            found = parsed(answer).find(f"QBXMLMsgsRs/{request.removesuffix('Rq')}Rs")
        except Unreadable:
            found = None
        if found is None:
            raise Silence(_("The Web Connector brought no answer."), **told)
        code, said = found.get("statusCode", ""), found.get("statusMessage", "")
        if code in NOT_THERE and not request.endswith(("AddRq", "ModRq")):
            return None
        if not (code.isascii() and code.isdigit() and len(code) < 10):
            raise Silence(_("The Web Connector brought no answer."), **told)
        warned = 500 <= int(code) < 1000
        if warned and request.endswith(("AddRq", "ModRq")) and len(found):
            return found  # it was done and is told; what it was warned of changes nothing of that
        if warned and code in DONE:
            raise Silence(said, **told)
        if int(code) >= 500:
            trouble, words, fix = plain(code, said)
            raise Fault(trouble, words, system_text=f"{code} {said}".strip(), fix=fix, status=code, code=code, **told)
        return found


def pages_left(found: Any) -> bool:
    """Whether an answer is not the last page of its list."""
    told = found.get("iteratorRemainingCount") or ""
    return bool(told.strip("0")) and told.isascii() and told.isdigit()
