"""Calls to Sage Intacct's XML gateway: a session, one function in each request, and what comes back."""

from typing import Any

import httpx
from django.utils.translation import gettext as _
from lxml import etree

from receivables.integrations import egress
from receivables.integrations.models import Connection, Delivery
from receivables.integrations.systems.base import Fault, Silence, unreachable
from receivables.integrations.systems.intacct.connection import HOSTS, gateway
from receivables.integrations.systems.intacct.mapping import SYSTEM
from receivables.integrations.systems.intacct.texts import plain
from receivables.integrations.systems.qbd.client import Unreadable, element, parsed
from receivables.integrations.systems.rest import kept_token
from receivables.integrations.systems.texts import bare, seconds_to_wait
from receivables.integrations.vault import Unreadable as Sealed
from receivables.integrations.vault import opened

Trouble = Delivery.Trouble
SESSION_SECONDS = 3600
SIGN_IN = "XL03000006"  # their number for whatever is wrong with the credentials
WAIT = "X-IA-Throttle-Limit-Retry-After"


def request_of(secrets: dict[str, str], key: str, authentication: Any, function: Any, *, once: bool) -> bytes:
    """A request of one function. `once`: a second one with the same key is refused."""
    root = etree.Element("request")
    control = [
        ["senderid", secrets["sender_id"]], ["password", secrets["sender_password"]], ["controlid", key],
        ["uniqueid", "true" if once else "false"], ["dtdversion", "3.0"], ["includewhitespace", "false"],
    ]  # fmt: skip
    root.append(element("control", control))
    operation = etree.SubElement(root, "operation", transaction="false")
    operation.append(element("authentication", authentication))
    holder = etree.SubElement(etree.SubElement(operation, "content"), "function", controlid=key)
    holder.append(function)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


class Client:
    """One company's books. Every call answers with a `result` that succeeded, or raises `Fault` or `Silence`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.http = egress.client(HOSTS)
        self.session = ""
        try:
            self.secrets = opened(connection.secrets)
        except Sealed:
            raise self._lapsed({}) from None

    def call(self, function: Any, key: str, *, once: bool) -> tuple[Any, dict[str, Any]]:
        """The result of one function, and the texts to be kept of it: never a password, never a session."""
        text = etree.tostring(function, encoding="unicode")
        for renew in (False, True):
            session, endpoint = self._session(renew)
            self.session = session
            body = request_of(self.secrets, key, [["sessionid", session]], function, once=once)
            answer, told = self._sent(endpoint, body, text, once)
            if answer.findtext("operation/authentication/status") != "failure":
                return self._result(answer, told, once), told
        raise self._lapsed(told)

    def _session(self, renew: bool) -> tuple[str, str]:
        credentials = f"{gateway(self.connection)} {self.connection.pk} {self.connection.secrets}"
        session, _space, endpoint = kept_token(credentials, self._signed_in, renew=renew).partition(" ")
        return session, endpoint

    def _signed_in(self) -> tuple[str, float]:
        """A new session with its own address."""
        options = self.connection.options
        login = [
            ["userid", self.secrets["user_id"]], ["companyid", options["company"]],
            ["password", self.secrets["user_password"]],
        ]  # fmt: skip
        if options.get("entity"):
            login.append(["locationid", options["entity"]])
        body = request_of(self.secrets, "session", [["login", login]], etree.Element("getAPISession"), once=False)
        answer, told = self._sent(gateway(self.connection), body, "getAPISession", once=False)
        found = answer.find("operation/result/data/api")
        if found is None:
            trouble, message, _fix = plain(_said(answer))
            if trouble == Trouble.RETRYABLE:
                raise Fault(trouble, message, request=told["request"])
            raise self._lapsed({"request": told["request"], "status": told["status"]})
        return f"{found.findtext('sessionid')} {found.findtext('endpoint')}", SESSION_SECONDS

    def _sent(self, url: str, body: bytes, text: str, once: bool) -> tuple[Any, dict[str, Any]]:
        headers = {"Content-Type": "application/xml"}
        try:
            answer = egress.fetch(self.http, "POST", url, content=body, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise unreachable(SYSTEM, text) from None
        except httpx.HTTPError as error:
            raise self._unclear(once, {"request": text, "response": type(error).__name__}) from None
        told: dict[str, Any] = {"request": text, "response": self._bare(answer.text), "status": str(answer.status_code)}
        if answer.status_code == 429:
            wait = seconds_to_wait(answer.headers.get(WAIT) or answer.headers.get("Retry-After"))
            message = _("Sage Intacct takes no more calls for a while.")
            raise Fault(Trouble.RETRYABLE, message, wait=wait, **told)
        try:
            found = parsed(answer.content)
        except Unreadable:
            found = None
        if found is None or found.tag != "response" or answer.status_code >= 500 or answer.is_redirect:
            raise self._unclear(once, told)
        return found, told

    def _bare(self, text: str) -> str:
        """An answer without our credentials, some of which it repeats."""
        return bare(text, [self.session, *self.secrets.values()])

    def _result(self, answer: Any, told: dict[str, Any], once: bool) -> Any:
        """The result that succeeded. A refusal may stand at the top, at the operation, or inside the result."""
        result = answer.find("operation/result")
        if result is not None and result.findtext("status") == "success":
            return result
        if answer.find(".//errormessage") is None:
            raise self._unclear(once, told)
        said = _said(answer)
        if SIGN_IN in said:
            raise self._lapsed(told)
        trouble, message, fix = plain(said)
        raise Fault(trouble, message, system_text=said, fix=fix, **told)

    def _unclear(self, once: bool, told: dict[str, Any]) -> Exception:
        """No yes and no no: after a change nobody knows, a question may be asked again."""
        if once:
            return Silence(told["response"][:200], **told)
        return Fault(Trouble.RETRYABLE, _("Sage Intacct did not answer a question."), **told)

    def _lapsed(self, told: dict[str, Any]) -> Fault:
        message = _("Sage Intacct no longer accepts our access. An administrator has to enter the credentials again.")
        return Fault(Trouble.CREDENTIALS, message, fix="connection", **told)


def _said(answer: Any) -> str:
    """All errors of an answer in its own words."""
    errors = answer.findall(".//errormessage/error")
    names = ("errorno", "description", "description2", "correction")
    parts = [each.findtext(name) or "" for each in errors for name in names]
    return " ".join(part.strip() for part in parts if part.strip())
