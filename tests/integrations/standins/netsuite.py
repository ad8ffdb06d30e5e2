"""NetSuite as its record lists and documentation describe it: an unknown property is an error if that is asked for."""

import base64
import json
import re
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qsl

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.integrations.standins.server import Reply, StandIn

ORACLE = Path(__file__).parents[1] / "oracles" / "netsuite_2026_1.json"
KEY = ec.generate_private_key(ec.SECP256R1())
PRIVATE_KEY = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
RECEIVABLE = "119"
# What the list of fields leaves out, from the vendor's examples.
MORE = {
    "customer": {"externalId": "string", "entityId": "string", "companyName": "string", "isPerson": "boolean",
                 "email": "string", "phone": "string", "subsidiary": "ref", "id": "string", "currency": "ref"},
    "invoice": {"tranId": "string", "tranDate": "date", "total": "number", "subsidiary": "ref"},
    "creditMemo-apply": {"doc": "ref", "apply": "boolean", "amount": "number"},
    "creditMemo-item": {},
}  # fmt: skip
LISTS = {
    "invoice": ("item",),
    "creditMemo": ("item", "apply"),
    "customerPayment": ("apply",),
    "journalEntry": ("line",),
}


def _fields():
    known = json.loads(ORACLE.read_text())["records"]
    found = {name: {**known.get(name, {}), **MORE.get(name, {})} for name in {*known, *MORE}}
    found["creditMemo-item"] = found["invoice-item"]
    return found


FIELDS = _fields()
KINDS = {"ref": dict, "number": int | Decimal, "boolean": bool, "string": str, "date": str}


class Refusal(Exception):
    def __init__(self, code, detail, path="", status=400):
        self.code, self.detail, self.path, self.status = code, detail, path, status


class NetSuite(StandIn):
    """One account. `items` name the account that each item is booked to, in an accountant's words."""

    def __init__(self, items, accounts, taxes=()):
        super().__init__()
        self.items, self.accounts, self.taxes = items, accounts, dict(taxes)
        self.records = {name: {} for name in ("customer", *LISTS)}
        self.access, self.tokens, self.certificate = "access-0", 0, "cert-1"
        self.closed_before = ""
        self.currencies = {"1"}  # by id; 1 is home's
        self.deleted = []  # (record, key, when)
        self.last_id = self.writes = 0
        self.replay = True  # False: it knows no external ids

    def is_write(self, method, path, query, body):
        return method in ("PUT", "PATCH", "DELETE") or (method == "POST" and "/record/" in path)

    def handle(self, method, path, query, headers, body):
        if path.endswith("/oauth2/v1/token"):
            return self._token(path, dict(parse_qsl(body)))
        if headers.get("Authorization") != f"Bearer {self.access}":
            return Reply(401, {"title": "Unauthorized", "o:errorDetails": [{"o:errorCode": "INVALID_LOGIN"}]})
        self.writes += self.is_write(method, path, query, body)
        try:
            if path.endswith("/suiteql"):
                return self._query(json.loads(body)["q"], headers, query)
            record, key = path.split("/record/v1/")[1].split("/")
            return self._do(method, record, key, query, headers, json.loads(body, parse_float=Decimal) if body else {})
        except Refusal as refusal:
            detail = {"detail": refusal.detail, "o:errorCode": refusal.code, "o:errorPath": refusal.path}
            return Reply(refusal.status, {"title": "Bad Request", "status": 400, "o:errorDetails": [detail]})

    def _token(self, path, form):
        head, claims, signature = form["client_assertion"].split(".")
        header, said, raw = json.loads(_decoded(head)), json.loads(_decoded(claims)), _decoded(signature)
        numbers = (int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        try:
            KEY.public_key().verify(
                encode_dss_signature(*numbers), f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256())
            )
        except InvalidSignature:
            return Reply(400, {"error": "invalid_grant"})
        known = (header["alg"], header["kid"], said["aud"], said["scope"])
        if known != ("ES256", self.certificate, self.address + path, "rest_webservices") or said["exp"] <= said["iat"]:
            return Reply(400, {"error": "invalid_grant"})
        self.tokens += 1
        self.access = f"access-{self.tokens}"
        return Reply(200, {"access_token": self.access, "expires_in": "3600", "token_type": "bearer"})

    def _query(self, text, headers, page):
        if headers.get("Prefer") != "transient":
            raise Refusal("INVALID_REQUEST", "Prefer: transient is required.")
        if "externalid = '" not in text:
            rows = self._selected(text)
            start, most = int(page["offset"]), int(page["limit"])
            return Reply(200, {"items": rows[start:][:most], "hasMore": len(rows) > start + most})
        external = text.rpartition("externalid = '")[2].rstrip("'")
        kinds = ("customer",) if "FROM customer" in text else tuple(LISTS)
        found = [row for kind in kinds for row in self.records[kind].values() if row["externalId"] == external]
        return Reply(200, {"items": [{"id": row["id"]} for row in found if self.replay], "hasMore": False})

    def _selected(self, text):
        """Rows of a SuiteQL query: all, or the customers of a name. Its columns have small letters."""
        table = re.search(r"FROM (\w+)", text)[1]
        since = re.search(r"TO_TIMESTAMP_TZ\('(.*?) UTC'", text)
        if table == "deletedrecord":
            return [{"recordid": key, "recordtype": kind} for kind, key, when in self.deleted if when >= since[1]]
        if table == "transaction":
            kinds = {"invoice": "CustInvc", "customerPayment": "CustPymt"}
            return [
                {"id": key, "type": kinds[kind]} for kind in kinds for key, row in self.records[kind].items()
                if row["lastModifiedDate"] >= since[1]
            ]  # fmt: skip
        if table == "item":
            return [{"id": key, "itemid": f"Product {key}"} for key in self.items]
        if table == "account":
            return [{"id": key, "acctnumber": key, "fullname": name.title()} for key, name in self.accounts.items()]
        name = re.search(r"UPPER\('(.*)'\)", text)
        rows = [{key.lower(): value for key, value in row.items()} for row in self.records["customer"].values()]
        wanted = name and name[1].replace("''", "'").upper()
        return [row for row in rows if not wanted or row.get("companyname", "").upper() == wanted]

    def record_payment(self, customer, amount, invoices, reference="EFT 7"):
        """Somebody over there records a payment by hand; its key."""
        self.last_id += 1
        lines = [{"doc": {"id": key}, "apply": True, "amount": Decimal(each)} for key, each in invoices.items()]
        row = {
            "id": str(self.last_id), "externalId": "", "tranId": f"P{self.last_id}", "checkNumber": reference,
            "customer": {"id": customer}, "payment": Decimal(amount), "tranDate": "2026-11-05",
            "apply": {"items": lines}, "lastModifiedDate": now(), "account": {"id": "35"},
        }  # fmt: skip
        self.records["customerPayment"][row["id"]] = row
        return row["id"]

    def add_customer(self, name, **more):
        """Somebody over there enters a customer by hand; its key."""
        self.last_id += 1
        row = {"id": str(self.last_id), "externalId": "", "companyName": name, "entityId": f"C{self.last_id}", **more}
        self.records["customer"][row["id"]] = row
        return row["id"]

    def _do(self, method, record, key, query, headers, body):
        row = self._of(record, key)
        if method == "GET":
            return Reply(200, self._shown(record, self._there(row)))
        if method == "DELETE":
            self._deletable(record, self._there(row))
            del self.records[record][row["id"]]
            self.deleted.append((record, row["id"], now()))
            return Reply(204, "")
        if method == "PATCH":
            self._there(row)
        elif method != "PUT" or not key.startswith("eid:"):
            raise Refusal("INVALID_REQUEST", "not modelled")
        if headers.get("X-NetSuite-PropertyNameValidation") != "Error":
            body = {name: value for name, value in body.items() if name in FIELDS[record]}
        self._checked(record, body)
        new = self._merged(record, row or {"id": str(self.last_id + 1), "externalId": key[4:]}, body,
                           query.get("replace", "").split(","))  # fmt: skip
        self._valid(record, new)
        self.last_id += 0 if row else 1
        self.records[record][new["id"]] = {**new, "lastModifiedDate": now()}
        return Reply(204, "", {"Location": f"{self.address}/services/rest/record/v1/{record}/{new['id']}"})

    def _of(self, record, key):
        if key.startswith("eid:"):
            rows = self.records[record].values() if self.replay else ()
            return next((row for row in rows if row["externalId"] == key[4:]), None)
        return self.records[record].get(key)

    @staticmethod
    def _there(row):
        if row is None:
            raise Refusal("NONEXISTENT_ID", "The record instance does not exist.", status=404)
        return row

    def _checked(self, name, body):
        for field, value in body.items():
            kind = FIELDS[name].get(field)
            if kind is None and field in LISTS.get(name, ()):
                kind = "collection"
            if kind is None:
                raise Refusal("INVALID_CONTENT", f"Unknown property {field}", field)
            if kind.startswith("collection"):
                for line in value["items"]:
                    self._checked(f"{name}-{field}", line)
            elif not isinstance(value, KINDS.get(kind, object)):
                raise Refusal("INVALID_CONTENT", f"Invalid value for {field}: {value}", field)

    @staticmethod
    def _merged(record, row, body, replaced):
        """Lines are added to what is there, unless the list is replaced."""
        new = {**row, **body}
        for name in LISTS.get(record, ()):
            before = [] if name in replaced else row.get(name, {"items": []})["items"]
            new[name] = {"items": [*before, *body.get(name, {"items": []})["items"]]}
        return new

    # Business rules ------------------------------------------------------------------------------------------------

    def _valid(self, record, row):
        if row.get("currency", {"id": "1"})["id"] not in self.currencies:
            raise Refusal("INVALID_KEY_OR_REF", "Invalid currency reference key.", "currency")
        if record == "customer":
            return
        if row["tranDate"] < self.closed_before:
            raise Refusal("USER_ERROR", "The accounting period is closed.", "tranDate")
        same = [each for each in self.records[record].values() if each["tranId"] == row["tranId"]]
        if self.replay and any(each["id"] != row["id"] for each in same):
            raise Refusal("USER_ERROR", "A record with this number already exists.", "tranId")
        party = row.get("entity") or row.get("customer")
        if party and party["id"] not in self.records["customer"]:
            raise Refusal("INVALID_KEY_OR_REF", "Invalid entity reference key.", "entity")
        for line in row.get("item", {"items": []})["items"]:
            if line["item"]["id"] not in self.items:
                raise Refusal("INVALID_KEY_OR_REF", f"Invalid item reference key {line['item']['id']}.", "item")
        getattr(self, f"_valid_{record.lower()}")(row)

    def _valid_invoice(self, row):
        if self.total("invoice", row) < self._applied_to(row["id"]):
            raise Refusal("USER_ERROR", "The total is less than what is applied to it.", "item")

    def _valid_creditmemo(self, row):
        self._valid_applications(row, self.total("creditMemo", row))

    def _valid_customerpayment(self, row):
        if not row["payment"] or row["account"]["id"] not in self.accounts:
            raise Refusal("USER_ERROR", "Please enter value(s) for: Payment Amount, Account", "payment")
        self._valid_applications(row, Decimal(row["payment"]))

    def _valid_applications(self, row, most):
        for line in row["apply"]["items"]:
            invoice = self._there(self.records["invoice"].get(line["doc"]["id"]))
            if invoice.get("currency") != row.get("currency"):
                raise Refusal("USER_ERROR", "It is applied to a transaction in another currency.", "apply")
            if self._applied_to(invoice["id"], without=row["id"]) + line["amount"] > self.total("invoice", invoice):
                raise Refusal("USER_ERROR", "More is applied than is due.", "apply")
        if sum(line["amount"] for line in row["apply"]["items"]) > most:
            raise Refusal("USER_ERROR", "More is applied than there is to apply.", "apply")

    def _valid_journalentry(self, row):
        lines = row["line"]["items"]
        if sum(line.get("debit", 0) - line.get("credit", 0) for line in lines):
            raise Refusal("USER_ERROR", "The entry does not balance.", "line")
        for line in lines:
            if line["account"]["id"] not in (RECEIVABLE, *self.accounts):
                raise Refusal("INVALID_KEY_OR_REF", "Invalid account reference key.", "line")
            if line["account"]["id"] == RECEIVABLE and "entity" not in line:
                raise Refusal("USER_ERROR", "Please enter value(s) for: Name", "line")

    def _deletable(self, record, row):
        if row.get("tranDate", "9") < self.closed_before:
            raise Refusal("USER_ERROR", "The accounting period is locked.")
        if record == "invoice" and self._applied_to(row["id"]):
            raise Refusal("USER_ERROR", "This record is applied to by others and cannot be deleted.")

    # What an accountant would read ---------------------------------------------------------------------------------

    def total(self, record, row):
        if record == "customerPayment":
            return Decimal(row["payment"])
        return sum((_net(line) * (1 + self._rate(line)) for line in row["item"]["items"]), Decimal(0))

    def _rate(self, line):
        return Decimal(self.taxes.get(line.get("taxCode", {}).get("id"), 0)) / 100

    def _applied_to(self, key, without=""):
        rows = [*self.records["creditMemo"].values(), *self.records["customerPayment"].values()]
        return sum(
            (line["amount"] for row in rows if row["id"] != without for line in row["apply"]["items"]
             if line["doc"]["id"] == key), Decimal(0),
        )  # fmt: skip

    def _shown(self, record, row):
        return {**row, "total": self.total(record, row)} if "item" in row or record == "customerPayment" else row

    def _ledger(self):
        found = defaultdict(Decimal)
        for record, sign in (("invoice", 1), ("creditMemo", -1), ("customerPayment", -1)):
            for row in self.records[record].values():
                found[RECEIVABLE] += sign * self.total(record, row) * rate_of(row)
                for line in row.get("item", {"items": []})["items"]:
                    found[self.items[line["item"]["id"]]] -= sign * _net(line) * rate_of(row)
        for row in self.records["journalEntry"].values():
            for line in row["line"]["items"]:
                key = line["account"]["id"]
                found[self.accounts.get(key, key)] += (line.get("debit", 0) - line.get("credit", 0)) * rate_of(row)
        return found

    def receivable(self):
        return self._ledger()[RECEIVABLE]

    def balance(self, account):
        return self._ledger()[account]

    def live_payments(self):
        return [Decimal(row["payment"]) for row in self.records["customerPayment"].values()]

    def live_documents(self):
        count = {name: len(rows) for name, rows in self.records.items()}
        return {
            "customers": count["customer"], "invoices": count["invoice"], "credits": count["creditMemo"],
            "payments": count["customerPayment"], "journals": count["journalEntry"],
        }  # fmt: skip

    def change_the_invoice(self):
        (row,) = self.records["invoice"].values()
        row["item"]["items"][0]["rate"], row["lastModifiedDate"] = Decimal(1), now()


def now():
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")


def rate_of(row):
    return row.get("exchangeRate", Decimal(1))


def _net(line):
    return Decimal(line["quantity"]) * Decimal(line["rate"])


def _decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
