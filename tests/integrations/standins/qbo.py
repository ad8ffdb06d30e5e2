"""QuickBooks Online as its published schema and documentation describe it: refuses what that refuses."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qsl

from tests.integrations.standins.server import Reply, StandIn

TYPES = json.loads((Path(__file__).parents[1] / "oracles" / "qbo_v3_types.json").read_text())["types"]
ENTITIES = {"customer": "Customer", "invoice": "Invoice", "creditmemo": "CreditMemo", "payment": "Payment",
            "journalentry": "JournalEntry"}  # fmt: skip
ATTRIBUTES = {"sparse", "domain", "status"}  # of every object, beside its elements
QUERY = re.compile(
    r"select \* from (?P<entity>\w+)(?: where (?P<field>\w+) ?= ?'(?P<value>[^']*)')?"
    r"(?: startposition (?P<start>\d+))?(?: maxresults (?P<most>\d+))?", re.IGNORECASE,
)  # fmt: skip
NUMBERED = {"Invoice", "CreditMemo", "JournalEntry"}
RECEIVABLE = "84"
HOME = "USD"


def fields_of(name):
    """The elements of a type with those that it inherits."""
    found = {}
    while name in TYPES:
        found = {**TYPES[name]["elements"], **found}
        name = TYPES[name]["base"]
    return found


def faults_of(name, value, path=""):
    """Names that the schema does not know and values outside its lists."""
    if TYPES.get(name, {}).get("simple") and isinstance(value, dict):
        yield from (f"{path}.{key}" for key in value if key not in ("value", "name", "type"))
        return
    if not isinstance(value, dict):
        return
    known = fields_of(name)
    for key, inner in value.items():
        if key in ATTRIBUTES:
            continue
        if key not in known:
            yield f"{path}.{key}"
            continue
        field = known[key]
        for each in inner if isinstance(inner, list) else [inner]:
            if "enum" in field and each not in field["enum"]:
                yield f"{path}.{key}={each}"
            yield from faults_of(field["type"], each, f"{path}.{key}")


def currency_of(row):
    return row.get("CurrencyRef", {}).get("value", HOME)


def rate_of(row):
    return Decimal(row.get("ExchangeRate", 1))


class Refusal(Exception):
    def __init__(self, code, message):
        self.code, self.message = code, message


class QuickBooks(StandIn):
    """One company. `items` name the account that each product is booked to."""

    def __init__(self, items):
        super().__init__()
        self.items = items
        self.objects = {entity: {} for entity in ENTITIES.values()}
        self.replies = {}
        self.access, self.refresh = "access-0", "refresh-0"
        self.tokens = 0
        self.closed_before = ""
        self.last_id = 0
        self.writes = 0
        self.touched, self.deleted = {}, []  # by key; (entity, key, when)
        self.currencies = {}  # beside home's, with the receivables account of each
        self.grants = {}  # codes that were given out, by code
        self.replay = True  # False: it knows neither request ids nor numbers again

    def is_write(self, method, path, query, body):
        return method == "POST" and path.startswith("/v3/") and not path.endswith("/query")

    def handle(self, method, path, query, headers, body):
        if path == "/token":
            return self._token(dict(parse_qsl(body)))
        if headers.get("Authorization") != f"Bearer {self.access}":
            return Reply(401, {"Fault": {"Error": [{"code": "3200", "Message": "token"}], "type": "AUTHENTICATION"}})
        key = query.get("requestid")
        if key and self.replay and key in self.replies:
            return Reply(200, self.replies[key])
        try:
            given = {"query": body} if path.endswith("/query") else json.loads(body or "{}", parse_float=Decimal)
            reply = self._do(method, path.split("/")[4:], query, given)
        except Refusal as refusal:
            error = {"Message": refusal.message, "Detail": refusal.message, "code": refusal.code}
            return Reply(400, {"Fault": {"Error": [error], "type": "ValidationFault"}})
        if key:
            self.replies[key] = reply
        return Reply(200, reply)

    def _token(self, form):
        if form.get("grant_type") == "authorization_code":
            if self.grants.pop(form["code"], None) != form["redirect_uri"]:
                return Reply(400, {"error": "invalid_grant"})
        elif form.get("refresh_token") != self.refresh:
            return Reply(400, {"error": "invalid_grant"})
        self.tokens += 1
        self.access, self.refresh = f"access-{self.tokens}", f"refresh-{self.tokens}"
        return Reply(200, {"access_token": self.access, "refresh_token": self.refresh, "expires_in": 3600})

    def _changed(self, query):
        """Change data capture: what changed since a moment, deleted ones by their key alone."""
        since = datetime.fromisoformat(query["changedSince"])
        since = since if since.tzinfo else since.replace(tzinfo=UTC)
        groups = []
        for entity in query["entities"].split(","):
            rows = [self._shown(entity, row) for key, row in self.objects[entity].items() if self.touched[key] >= since]
            gone = [
                {"Id": key, "status": "Deleted"}
                for kind, key, when in self.deleted
                if (kind, when >= since) == (entity, True)
            ]
            groups.append({entity: rows + gone})
        return {"CDCResponse": [{"QueryResponse": groups}], "time": datetime.now(UTC).isoformat()}

    def _queried(self, text):
        """A page of all of one kind, or of those whose field has a value."""
        found = QUERY.fullmatch(" ".join(text.split()))
        if found is None:
            raise Refusal("4000", f"Error parsing query: {text}")
        rows = {
            **{name: [self._shown(name, each) for each in rows.values()] for name, rows in self.objects.items()},
            "Item": [{"Id": key, "Name": f"Product {key}"} for key in self.items],
            "Account": [{"Id": RECEIVABLE, "Name": "Accounts Receivable", "FullyQualifiedName": "Accounts Receivable"}],
        }[found["entity"]]
        if found["field"]:
            rows = [each for each in rows if each.get(found["field"]) == found["value"]]
        rows = rows[int(found["start"] or 1) - 1 :][: int(found["most"] or 100)]
        return {"QueryResponse": {found["entity"]: rows} if rows else {}}

    def add_customer(self, name, **more):
        """Somebody over there enters a customer by hand; its key."""
        row = {"Id": self._next(), "SyncToken": "-1", "DisplayName": name, **more}
        self.objects["Customer"][row["Id"]] = self._bump(row)
        return row["Id"]

    def record_payment(self, customer, amount, invoices, reference="EFT 7", **more):
        """Somebody over there records a payment by hand; its key."""
        lines = [
            {"Amount": Decimal(each), "LinkedTxn": [{"TxnId": key, "TxnType": "Invoice"}]}
            for key, each in invoices.items()
        ]
        row = {
            "Id": self._next(), "SyncToken": "-1", "CustomerRef": {"value": customer}, "TotalAmt": Decimal(amount),
            "TxnDate": "2026-11-05", "PaymentRefNum": reference, "Line": lines, **more,
        }  # fmt: skip
        self.objects["Payment"][row["Id"]] = self._bump(row)
        return row["Id"]

    def _do(self, method, parts, query, body):
        if parts[0] == "cdc":
            return self._changed(query)
        if parts[0] == "query":
            return self._queried(query.get("query") or body["query"])
        entity = ENTITIES[parts[0]]
        rows = self.objects[entity]
        if method == "GET":
            return {entity: self._shown(entity, self._get(rows, parts[1]))}
        self.writes += 1
        operation = query.get("operation", "")
        if operation == "delete":
            self._fresh(rows, body)
            if entity == "Invoice" and self.applied_to("Invoice", body["Id"]):
                raise Refusal("6000", "The invoice is linked to a payment.")
            del rows[body["Id"]]
            self.deleted.append((entity, body["Id"], datetime.now(UTC)))
            return {entity: {"Id": body["Id"], "status": "Deleted"}}
        if operation == "void":
            row = self._fresh(rows, body)
            if self.applied_to("Invoice", row["Id"]):
                raise Refusal("6000", "The invoice is linked to a payment.")
            row["Line"], row["TxnTaxDetail"] = [], {}
            return {entity: self._shown(entity, self._bump(row))}
        wrong = list(faults_of(entity, body))
        if wrong:
            raise Refusal("2010", f"Request has invalid or unsupported property: {', '.join(wrong)}")
        row = dict(self._fresh(rows, body)) if "Id" in body else {"Id": self._next(), "SyncToken": "-1"}
        row.update({name: value for name, value in body.items() if name not in ("Id", "SyncToken", "sparse")})
        self._check(entity, row, rows)
        rows[row["Id"]] = self._bump(row)
        for kind, key in self._links(entity, row):
            self._bump(self.objects[kind][key])
        return {entity: self._shown(entity, row)}

    def _next(self):
        self.last_id += 1
        return str(self.last_id)

    @staticmethod
    def _get(rows, key):
        if key not in rows:
            raise Refusal("610", "Object Not Found")
        return rows[key]

    def _fresh(self, rows, body):
        row = self._get(rows, body["Id"])
        if str(row["SyncToken"]) != str(body.get("SyncToken")):
            raise Refusal("5010", "Stale Object Error")
        return row

    def _bump(self, row):
        self.touched[row["Id"]] = datetime.now(UTC)
        row["SyncToken"] = str(int(row["SyncToken"]) + 1)
        return row

    @staticmethod
    def _links(entity, row):
        if entity != "Payment":
            return []
        return [(link["TxnType"], link["TxnId"]) for line in row["Line"] for link in line["LinkedTxn"]]

    def _check(self, entity, row, rows):
        if row.get("TxnDate", "9") < self.closed_before:
            raise Refusal("6200", "The accounting period is closed. Your books are closed for this date.")
        self._check_currency(entity, row)
        if entity == "Customer":
            if any(each["DisplayName"] == row["DisplayName"] and each["Id"] != row["Id"] for each in rows.values()):
                raise Refusal("6240", "Duplicate Name Exists Error")
            return
        if entity != "JournalEntry":
            self._get(self.objects["Customer"], row["CustomerRef"]["value"])
        number = row.get("DocNumber")
        if number and len(number) > 21:
            raise Refusal("2050", "DocNumber is too long")
        same = [each for each in rows.values() if each.get("DocNumber") == number and each["Id"] != row["Id"]]
        if entity in NUMBERED and same and self.replay:
            raise Refusal("6140", "Duplicate Document Number Error")
        getattr(self, f"_check_{entity.lower()}", lambda row: None)(row)

    def _check_currency(self, entity, row):
        code = currency_of(row)
        if code != HOME and code not in self.currencies:
            raise Refusal("6000", f"A business validation error has occurred: {code} is not a currency of the company.")
        if entity in ("Invoice", "CreditMemo", "Payment"):
            customer = self._get(self.objects["Customer"], row["CustomerRef"]["value"])
            if currency_of(customer) != code:
                raise Refusal("6000", "The currency of the transaction has to be that of the customer.")

    def _check_invoice(self, row):
        for line in row["Line"]:
            if line["SalesItemLineDetail"]["ItemRef"]["value"] not in self.items:
                raise Refusal("610", "Item not found")
        if self.total("Invoice", row) < 0:
            raise Refusal("6000", "The total may not be below zero.")
        if row["Id"] in self.objects["Invoice"] and self.total("Invoice", row) < self.applied_to("Invoice", row["Id"]):
            raise Refusal("6000", "The total is below what is applied to the invoice.")

    _check_creditmemo = _check_invoice

    def _check_payment(self, row):
        sums = {"Invoice": Decimal(0), "CreditMemo": Decimal(0)}
        for line in row["Line"]:
            for link in line["LinkedTxn"]:
                target = self._get(self.objects[link["TxnType"]], link["TxnId"])
                used = self.applied_to(link["TxnType"], link["TxnId"], without=row["Id"])
                if used + Decimal(line["Amount"]) > self.total(link["TxnType"], target):
                    raise Refusal("6000", "The payment is more than what is open.")
                sums[link["TxnType"]] += Decimal(line["Amount"])
        if sums["Invoice"] > Decimal(row["TotalAmt"]) + sums["CreditMemo"]:
            raise Refusal("6000", "More is applied than was paid.")

    def _check_journalentry(self, row):
        sides = {"Debit": Decimal(0), "Credit": Decimal(0)}
        for line in row["Line"]:
            sides[line["JournalEntryLineDetail"]["PostingType"]] += Decimal(line["Amount"])
        if sides["Debit"] != sides["Credit"]:
            raise Refusal("6000", "The entry does not balance.")

    # What an accountant would read there ---------------------------------------------------------------------------

    def total(self, entity, row):
        if entity == "Payment":
            return Decimal(row["TotalAmt"])
        tax = Decimal((row.get("TxnTaxDetail") or {}).get("TotalTax", 0))
        return sum((Decimal(line["Amount"]) for line in row["Line"]), tax)

    def applied_to(self, kind, key, without=""):
        return sum(
            (
                Decimal(line["Amount"])
                for payment in self.objects["Payment"].values() if payment["Id"] != without
                for line in payment["Line"] for link in line["LinkedTxn"]
                if (link["TxnType"], link["TxnId"]) == (kind, key)
            ),
            Decimal(0),
        )  # fmt: skip

    def _shown(self, entity, row):
        return row if entity in ("Customer", "JournalEntry") else {**row, "TotalAmt": self.total(entity, row)}

    def receivable(self):
        """What all customers owe: invoices less credit memos less payments, and journals on the control account."""
        owed = sum(self._at_home("Invoice")) - sum(self._at_home("CreditMemo")) - sum(self._at_home("Payment"))
        return owed + sum((self._journal(each) for each in (RECEIVABLE, *self.currencies.values())), Decimal(0))

    def _at_home(self, entity):
        """The totals of a kind in the home currency."""
        for row in self.objects[entity].values():
            yield self.total(entity, row) * rate_of(row)

    def _journal(self, account):
        found = Decimal(0)
        for entry in self.objects["JournalEntry"].values():
            for line in entry["Line"]:
                detail = line["JournalEntryLineDetail"]
                if detail["AccountRef"]["value"] == account:
                    found += Decimal(line["Amount"]) * rate_of(entry) * (1 if detail["PostingType"] == "Debit" else -1)
        return found

    def balance(self, account):
        """A profit or loss account, debit positive: what products are booked to it, and journals."""
        found = self._journal(account)
        for entity, sign in (("Invoice", -1), ("CreditMemo", 1)):
            for row in self.objects[entity].values():
                for line in row["Line"]:
                    if self.items[line["SalesItemLineDetail"]["ItemRef"]["value"]] == account:
                        found += sign * Decimal(line["Amount"]) * rate_of(row)
        return found

    def live_payments(self):
        return [Decimal(row["TotalAmt"]) for row in self.objects["Payment"].values() if Decimal(row["TotalAmt"])]

    def live_documents(self):
        """A payment of 0 only applies a credit memo."""
        return {
            "customers": len(self.objects["Customer"]), "invoices": len(self.objects["Invoice"]),
            "credits": len(self.objects["CreditMemo"]), "payments": len(self.live_payments()),
            "journals": len(self.objects["JournalEntry"]),
        }  # fmt: skip

    def change_the_invoice(self):
        """Somebody over there corrects the only invoice by hand."""
        (row,) = self.objects["Invoice"].values()
        row["Line"][0]["Amount"] = Decimal(1)
        self._bump(row)
