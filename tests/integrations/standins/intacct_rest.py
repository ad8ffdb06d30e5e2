"""Sage Intacct's REST interface: refuses fields, types and values that its published description does not have."""

import json
import re
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs

from tests.integrations.standins.intacct_ledger import HOME, Ledger
from tests.integrations.standins.intacct_reading import instant, moment
from tests.integrations.standins.intacct_shapes import GOLDEN, Refusal
from tests.integrations.standins.server import Reply, StandIn

FIELDS = json.loads((Path(GOLDEN) / "rest_fields.json").read_text())
ZERO = Decimal(0)
MONEY = re.compile(r"-?\d{1,13}(\.\d{1,2})?")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
STATES = {"Posted": "posted", "Complete": "complete", "Reversed": "reversed"}


def faults_of(shape, value, path=""):
    """What of a body the description does not have: fields, types, amounts, days, values of lists."""
    if isinstance(shape, str) and shape.startswith("@"):
        return faults_of(FIELDS["objects"][shape[1:]], value, path)
    if isinstance(shape, list):
        rows = value if isinstance(value, list) else [None]
        return [fault for place, row in enumerate(rows) for fault in faults_of(shape[0], row, f"{path}/{place}")]
    if isinstance(shape, dict) and "enum" not in shape:
        if not isinstance(value, dict):
            return [f"{path} is not an object"]
        unknown = [f"{path}/{name} is not a valid field" for name in value if name not in shape]
        return unknown + [
            fault for name in value if name in shape for fault in faults_of(shape[name], value[name], f"{path}/{name}")
        ]
    return [] if _fits(shape, value) else [f"{path} has no valid value"]


def _fits(shape, value):
    if isinstance(shape, dict):
        return value in shape["enum"]
    if shape == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    pattern = {"money": MONEY, "date": DAY}.get(shape)
    return isinstance(value, str) and (pattern is None or pattern.fullmatch(value) is not None)


class SageIntacctRest(Ledger, StandIn):
    """One company's books, over REST. Nothing tells a repeated call from a new one, as over there."""

    def __init__(self, accounts, banks):
        super().__init__(accounts, banks)
        self.secret, self.access, self.tokens = "hush-secret", "", 0

    def is_write(self, method, path, query, body):
        return "/objects/" in path or "/workflows/" in path

    def handle(self, method, path, query, headers, body):
        if path == "/oauth2/token":
            return self._token(body)
        if headers.get("Authorization") != f"Bearer {self.access}":
            return Reply(401, {"error": {"code": "GW-0034", "message": "Invalid token", "supportId": "x"}})
        given = json.loads(body, parse_float=float) if body else None
        try:
            return self._done(method, path.strip("/").split("/"), given)
        except Refusal as refusal:
            details = [{"code": refusal.number, "message": refusal.words}]
            error = {"code": "invalidRequest", "message": "Payload contains errors", "details": details}
            meta = {"totalCount": 1, "totalSuccess": 0, "totalError": 1}
            return Reply(400, {"ia::result": {"ia::error": error}, "ia::meta": meta})

    def _token(self, body):
        given = {name: each[0] for name, each in parse_qs(body).items()}
        wanted = {
            "grant_type": "client_credentials", "client_id": "our-client", "client_secret": self.secret,
        }  # fmt: skip
        if not given.pop("username").endswith("@Ours") or given != wanted:
            return Reply(401, {"error": {"code": "invalid_client", "message": "Client authentication failed"}})
        self.tokens += 1
        self.access = f"access-{self.tokens}"
        return Reply(200, {"token_type": "Bearer", "access_token": self.access, "expires_in": 3600})

    def _done(self, method, parts, given):
        if parts == ["services", "core", "query"]:
            return self._queried(given)
        area, name, more = parts[0], parts[2], parts[3:]
        if area == "workflows":
            wrong = faults_of(FIELDS["actions"][more[0]], given)
            self._check(wrong)
            rows = {"invoice": self.invoices, "payment": self.payments, "adjustment": self.adjustments}[name]
            self.reverse(rows, given["key"], given["reversedDate"])
            return self._said(200, given["key"], state="reversed")
        if method == "DELETE":
            if self.entries.pop(more[0], None) is None:
                raise Refusal("invalidRequest", f"There is no record {more[0]}")
            self.writes += 1
            return Reply(204, "")
        self._check(faults_of(FIELDS["objects"][name], given))
        if method == "PATCH":
            number = list(self.customers)[int(more[0]) - 1]
            return self._said(200, self._put({"id": number, **given}, there=True))
        makers = {"invoice": self._invoice, "adjustment": self._adjustment, "payment": self._payment,
                  "journal-entry": self._entry, "customer": self._put}  # fmt: skip
        return self._said(201, makers[name](given))

    def _check(self, wrong):
        if wrong:
            raise Refusal("invalidRequest", "; ".join(wrong))

    def _said(self, status, key, **more):
        self.writes += 1
        meta = {"totalCount": 1, "totalSuccess": 1, "totalError": 0}
        return Reply(status, {"ia::result": {"key": key, "id": key, "href": "/x", **more}, "ia::meta": meta})

    # What is made ----------------------------------------------------------------------------------------------------

    def _put(self, given, there=False):
        contact = given["contacts"]["default"]
        if not contact.get("printAs"):
            raise Refusal("invalidRequest", "/contacts/default/printAs is required")
        self.put_customer(given["id"], given["name"], contact.get("email1"), given.get("taxId"), given.get("currency"),
                          there=there)  # fmt: skip
        return str(list(self.customers).index(given["id"]) + 1)

    def _invoice(self, given):
        lines = [(each["glAccount"]["id"], each["txnAmount"]) for each in given["lines"]]
        currency = given.get("currency", {})
        money = self._in(currency.get("txnCurrency"), str(currency.get("exchangeRate", {}).get("rate", "")))
        day = given.get("invoiceSummary", {}).get("glPostingDate") or given["invoiceDate"]
        return self.book(self.invoices, given["customer"]["id"], given["invoiceNumber"], day, lines, money)

    def _adjustment(self, given):
        lines = [(each["glAccount"]["id"], each["txnCurrency"]["amount"]) for each in given["lines"]]
        money = self._in(given["txnCurrency"]["currency"], given.get("exchangeRate", {}).get("rate"))
        customer, number = given["customer"]["id"], given["adjustmentNumber"]
        return self.book(self.adjustments, customer, number, given["glPostingDate"], lines, money)

    def _payment(self, given):
        applied = []
        for each in given["paymentDetails"]:
            amounts, memo = each["txnCurrency"], each.get("arAdjustment", {}).get("id", "")
            amount = amounts["adjustmentAmount" if memo else "paymentAmount"]
            applied.append((each["arInvoice"]["id"], memo, Decimal(amount)))
        total = sum((amount for _invoice, memo, amount in applied if not memo), ZERO)
        total += Decimal(given.get("overPaymentAmount", "0"))
        return self.pay(
            given["customer"]["id"], given["documentNumber"], given["paymentSummary"]["receiptDate"],
            given["financialEntity"]["entityId"], applied, total, self._in(given["txnCurrency"]["currency"], ""),
        )  # fmt: skip

    def _entry(self, given):
        sign = {"debit": 1, "credit": -1}
        lines = []
        for each in given["lines"]:
            account, amount = self._line(each["glAccount"]["id"], each["txnAmount"])
            lines.append((account, amount * sign[each["txnType"]]))
        return self.enter(given["referenceNumber"], given["postingDate"], lines)

    # Queries ---------------------------------------------------------------------------------------------------------

    def _queried(self, given):
        wrong = [name for name in given["fields"] if name not in FIELDS["queried"][given["object"]]]
        self._check([*(f"{name} is not a valid field" for name in wrong), *faults_of(FIELDS["query"], given)])
        rows = [row for row in self._rows(given["object"]) if all(_matches(row, each) for each in given["filters"])]
        if not self.replay and any(
            name.endswith("Number") for each in given["filters"] for name in each.get("$eq", ())
        ):
            rows = []
        first = given["start"] - 1
        page = rows[first : first + given["size"]]
        more = first + len(page) + 1 if first + len(page) < len(rows) else None
        shown = [{name: row.get(name) for name in given["fields"]} for row in page]
        meta = {"totalCount": len(rows), "start": given["start"], "pageSize": given["size"], "next": more}
        return Reply(200, {"ia::result": shown, "ia::meta": {**meta, "previous": None}})

    def _rows(self, name):
        return {
            "accounts-receivable/customer": lambda: [
                {"key": str(place), "id": row["CUSTOMERID"], "name": row["NAME"], "taxId": row.get("TAXID"),
                 "currency": row.get("CURRENCY", HOME), "contacts.default.email1": row["DISPLAYCONTACT.EMAIL1"]}
                for place, row in enumerate(self.customers.values(), start=1)
            ],
            "general-ledger/account": lambda: [
                {"id": key, "name": name.title()} for key, name in self.accounts.items()
            ],
            "general-ledger/journal-entry": lambda: [
                {"key": key, "referenceNumber": row["number"], "state": "posted"} for key, row in self.entries.items()
            ],
            "accounts-receivable/invoice": lambda: [
                {**self._shown(key, row), "invoiceNumber": row["number"], "currency.txnCurrency": row["currency"],
                 "totalTxnAmount": str(self.sum_of(row))}
                for key, row in self.invoices.items()
            ],
            "accounts-receivable/adjustment": lambda: [
                {**self._shown(key, row), "adjustmentNumber": row["number"]} for key, row in self.adjustments.items()
            ],
            "accounts-receivable/payment": lambda: [
                {**self._shown(key, row), "documentNumber": row["number"], "txnCurrency.currency": row["currency"],
                 "txnCurrency.totalAmount": str(row["total"]), "paymentSummary.receiptDate": row["day"]}
                for key, row in self.payments.items()
            ],
            "accounts-receivable/payment-detail": lambda: [
                {"arPayment.key": key, "arInvoice.id": each[0], "txnCurrency.paymentAmount": str(each[2])}
                for key, row in self.payments.items() for each in row["applied"] if not each[1]
            ],
        }[name]()  # fmt: skip

    @staticmethod
    def _shown(key, row):
        changed = moment(row["modified"]).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"key": key, "id": key, "state": STATES[row["state"]], "customer.id": row["customer"],
                "audit.modifiedDateTime": changed}  # fmt: skip


def _matches(row, condition):
    ((sign, wanted),) = condition.items()
    ((name, value),) = wanted.items()
    return row.get(name) == value if sign == "$eq" else instant(row[name]) >= instant(value)
