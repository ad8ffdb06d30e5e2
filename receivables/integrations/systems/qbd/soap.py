"""The eight calls of QuickBooks' Web Connector, read from and written as SOAP 1.1 (document, literal)."""

from typing import Any

from lxml import etree

from receivables.integrations.systems.qbd.client import Unreadable, parsed

INTUIT = "http://developer.intuit.com/"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
# Each call with its parameters, as the published contract has them.
CALLS: dict[str, tuple[str, ...]] = {
    "serverVersion": (),
    "clientVersion": ("strVersion",),
    "authenticate": ("strUserName", "strPassword"),
    "sendRequestXML": (
        "ticket", "strHCPResponse", "strCompanyFileName", "qbXMLCountry", "qbXMLMajorVers", "qbXMLMinorVers",
    ),
    "receiveResponseXML": ("ticket", "response", "hresult", "message"),
    "connectionError": ("ticket", "hresult", "message"),
    "getLastError": ("ticket",),
    "closeConnection": ("ticket",),
}  # fmt: skip


def read(body: bytes) -> tuple[str, dict[str, str]]:
    """The name of a call and its parameters, "" for those left out. Raises `Unreadable`."""
    calls = parsed(body).findall(f"{{{ENVELOPE}}}Body/*")
    if len(calls) != 1 or not isinstance(calls[0].tag, str):
        raise Unreadable("not one call")
    tag = etree.QName(calls[0])
    if tag.namespace != INTUIT or tag.localname not in CALLS:
        raise Unreadable("an unknown call")
    given = {etree.QName(each).localname: each.text or "" for each in calls[0] if isinstance(each.tag, str)}
    return tag.localname, {name: given.get(name, "") for name in CALLS[tag.localname]}


def _envelope() -> tuple[Any, Any]:
    root = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap": ENVELOPE})
    return root, etree.SubElement(root, f"{{{ENVELOPE}}}Body")


def written(name: str, result: str | int | list[str]) -> bytes:
    """The answer to a call."""
    root, body = _envelope()
    response = etree.SubElement(body, f"{{{INTUIT}}}{name}Response", nsmap={None: INTUIT})
    holder = etree.SubElement(response, f"{{{INTUIT}}}{name}Result")
    if isinstance(result, list):
        for each in result:
            etree.SubElement(holder, f"{{{INTUIT}}}string").text = each
    else:
        holder.text = str(result)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def fault(words: str) -> bytes:
    """An answer to what is no call of the Web Connector."""
    root, body = _envelope()
    made = etree.SubElement(body, f"{{{ENVELOPE}}}Fault")
    etree.SubElement(made, "faultcode").text = "soap:Client"
    etree.SubElement(made, "faultstring").text = words
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")
