"""Business Central as its API pages (fields, flags, actions) and documentation describe it, and as strict."""

import json
import re
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qsl

from tests.integrations.standins.bc_ledger import Ledger, Refusal
from tests.integrations.standins.server import Reply, StandIn

ORACLE = Path(__file__).parents[1] / "oracles" / "business_central_v2.json"
SETS = json.loads(ORACLE.read_text())["entities"]
HOME = "USD"
ROOT = "/v2.0/contoso/Production/api/v2.0/companies(co-1)/"
BATCHES = {"customerPaymentJournals": "customerPayments", "journals": "journalLines"}
DOCUMENTS = {"salesInvoices": "salesInvoiceLines", "salesCreditMemos": "salesCreditMemoLines"}
UNIQUE = {"customers": "number", "customerPaymentJournals": "code", "journals": "code"}
LONGEST = {"externalDocumentNumber": 35, "customerPurchaseOrderReference": 35, "code": 10, "documentNumber": 20,
           "description": 100}  # fmt: skip


class BusinessCentral(StandIn):
    """One company. `accounts` name what each G/L account is to an accountant. What was posted twice is there twice."""

    def __init__(self, accounts, taxes=()):
        super().__init__()
        self.taxes = dict(taxes)
        self.ledger = Ledger(accounts)
        self.rows = {name: {} for name in SETS}
        self.rows["accounts"] = {
            f"account-{number}": {
                "id": f"account-{number}",
                "number": number,
                "displayName": name.title(),
                "version": 1,
            }
            for number, name in accounts.items()
        }
        self.access, self.tokens, self.secret = "access-0", 0, "hush"
        self.rates = {HOME: Decimal(1)}  # its own table; home's is left out of what is kept
        self.last_id = self.writes = 0
        self.replay = True  # False: what was posted looks as if it was not

    @property
    def closed_before(self):
        return self.ledger.closed_before

    @closed_before.setter
    def closed_before(self, day):
        self.ledger.closed_before = day

    def is_write(self, method, path, query, body):
        return method != "GET" and path.startswith("/v2.0/")

    def handle(self, method, path, query, headers, body):
        if path == "/token":
            return self._token(dict(parse_qsl(body)))
        if headers.get("Authorization") != f"Bearer {self.access}":
            return Reply(401, {"error": {"code": "Authentication_InvalidCredentials", "message": "expired"}})
        if method != "GET":
            self.writes += 1
        try:
            parts = [re.fullmatch(r"([\w.]+)(?:\((.*)\))?", part).groups() for part in path[len(ROOT) :].split("/")]
            return self._do(method, parts, query, headers, json.loads(body, parse_float=Decimal) if body else {})
        except Refusal as refusal:
            message = f"{refusal.message}  CorrelationId:  0f3e."
            return Reply(refusal.status, {"error": {"code": refusal.code, "message": message}})

    def _token(self, form):
        if form.get("client_secret") != self.secret or form.get("grant_type") != "client_credentials":
            return Reply(401, {"error": "invalid_client"})
        self.tokens += 1
        self.access = f"access-{self.tokens}"
        return Reply(200, {"access_token": self.access, "token_type": "Bearer", "expires_in": 3599})

    def _do(self, method, parts, query, headers, body):
        name, key = parts[0]
        if len(parts) == 2 and parts[1][0].startswith("Microsoft.NAV."):
            return self._act(name, key, parts[1][0])
        if len(parts) == 2:
            return self._of_batch(method, name, key, parts[1][0], body)
        if method == "POST":
            return Reply(201, self._shown(name, self._make(name, body)))
        if key is None:
            return Reply(200, {"value": [self._shown(name, row) for row in self._found(name, query)]})
        row = self._get(name, key)
        if method == "GET":
            return Reply(200, self._shown(name, row))
        return self._change(method, name, row, headers, body)

    def _found(self, name, query):
        rows = sorted(self.rows[name].values(), key=lambda row: row.get("number", ""))
        asked = query.get("$filter", "")
        if not asked or asked.startswith("lastModifiedDateTime ge "):  # every change of what is open changes an invoice
            return rows[int(query["$skip"]) :][: int(query["$top"])]
        field, value = re.fullmatch(r"(\w+) eq '(.*)'", query["$filter"]).groups()
        return [row for row in rows if row.get(field) == value.replace("''", "'")]

    def _get(self, name, key):
        batch = {"journals": "customerPaymentJournals", "customerPaymentJournals": "journals"}.get(name)
        if key in self.rows[name]:
            return self.rows[name][key]
        if batch and key in self.rows[batch]:
            return self.rows[batch][key]  # both pages read every batch by its id
        raise Refusal("BadRequest_ResourceNotFound", f"The {name} does not exist.", 404)

    # Making and changing -------------------------------------------------------------------------------------------

    def _checked(self, name, body):
        fields = SETS[name]["fields"]
        for field, value in body.items():
            if field in SETS[name]["navigation"]:
                continue
            if field not in fields:
                raise Refusal("BadRequest", f"The property '{field}' does not exist on type 'Microsoft.NAV.{name}'.")
            kind, editable = fields[field]
            if not editable:
                raise Refusal("Application_ControlReadOnly", f"Control '{field}' is read-only.")
            if kind == "decimal" and not isinstance(value, int | Decimal):
                raise Refusal("BadRequest", f"Cannot convert a value of '{field}' to Edm.Decimal.")
            if len(str(value)) > LONGEST.get(field, 250):
                raise Refusal("Application_StringExceededLength", f"The length of '{field}' is too long.")
        return body

    def _make(self, name, body):
        unique = UNIQUE.get(name)
        if not SETS[name]["insert"]:
            raise Refusal("BadRequest_MethodNotAllowed", "Entity does not support insert.")
        self._checked(name, body)
        if unique and any(row[unique] == body[unique] for row in self.rows[name].values()):
            raise Refusal("Internal_EntityWithSameKeyExists", "The record already exists.")
        self.last_id += 1
        row = {**body, "id": f"id-{self.last_id}", "version": 1}
        if name in DOCUMENTS:
            self._draft(name, row)
        if name in BATCHES:
            row["lines"] = {}
            if body.get("balancingAccountId", "account-") not in (*self.rows["accounts"], "account-"):
                raise Refusal("Application_DialogException", "The G/L Account does not exist.")
        self.rows[name][row["id"]] = row
        return row

    def record_payment(self, customer, amount, invoices):
        """Somebody over there posts a payment by hand, on the day of the newest entry."""
        day = max(each["date"] for each in self.ledger.entries)
        numbers = {self.rows["salesInvoices"][key]["number"]: each for key, each in invoices.items()}
        lines = [
            {"customerId": customer, "documentNumber": "THEIRS", "externalDocumentNumber": "EFT 7",
             "amount": f"-{each}", "appliesToInvoiceNumber": number, "postingDate": day}
            for number, each in numbers.items()
        ]  # fmt: skip
        assert sum(Decimal(each) for each in numbers.values()) == Decimal(amount)
        self.ledger.post_journal(lines, "1010")

    def add_customer(self, name, number="10000", **more):
        """Somebody over there enters a customer by hand; its key."""
        return self._make("customers", {"displayName": name, "number": number, **more})["id"]

    def _draft(self, name, row):
        customer = self._get("customers", row["customerId"])
        row.setdefault("currencyCode", customer.get("currencyCode", HOME))
        if row["currencyCode"] not in self.rates:
            raise Refusal("Application_DialogException", f"The Currency {row['currencyCode']} does not exist.")
        for line in row[DOCUMENTS[name]]:
            self._checked(DOCUMENTS[name], line)
            if line["lineObjectNumber"] not in self.ledger.accounts:
                number = line["lineObjectNumber"]
                raise Refusal("Application_DialogException", f"({number}) cannot be found in table (G/L Account).")
            if Decimal(line["unitPrice"]) < 0:
                raise Refusal("Application_FieldValidationException", "Unit Price must not be negative.")
        row.update(number=f"S-{row['id']}", status="Draft")

    def _of_batch(self, method, name, key, lines, body):
        batch = self._get(name, key)
        if method == "GET":
            return Reply(200, {"value": [line for _place, line in sorted(batch["lines"].items())]})
        self._checked(lines, body)
        if body["lineNumber"] in batch["lines"]:
            raise Refusal("Internal_EntityWithSameKeyExists", "The record already exists.")
        batch["lines"][body["lineNumber"]] = body
        return Reply(201, body)

    def _change(self, method, name, row, headers, body):
        seen = headers.get("If-Match")
        if seen is None:
            raise Refusal("BadRequest_InvalidToken", "The request requires an If-Match header.")
        if seen not in ("*", self._etag(row)):
            raise Refusal("Request_EntityChanged", "Another user has already changed the record.", 409)
        if row.get("status", "Draft") != "Draft":
            raise Refusal("Application_DialogException", "The document is posted and cannot be changed.")
        if method == "DELETE":
            for rows in self.rows.values():
                rows.pop(row["id"], None)
            return Reply(204, "")
        row.update(self._checked(name, body), version=row["version"] + 1)
        return Reply(200, self._shown(name, row))

    # Posting ---------------------------------------------------------------------------------------------------------

    def _act(self, name, key, action):
        if action not in SETS[name]["actions"]:
            raise Refusal("BadRequest_NotFound", f"No HTTP resource was found for {action}.", 404)
        row = self._get(name, key)
        if action.endswith("cancel"):
            self.cancel(row)
        elif name == "journals":
            self._post_batch(row)
        else:
            self._post_document(name, row)
        return Reply(204, "")

    def _post_document(self, name, row):
        if row["status"] != "Draft":
            raise Refusal("Application_DialogException", "The document is posted already.")
        kind = "invoice" if name == "salesInvoices" else "credit"
        rate = self.rates[row["currencyCode"]]
        lines = [
            (line["lineObjectNumber"], self._net(line) * rate, self._tax(line) * rate) for line in row[DOCUMENTS[name]]
        ]
        number = self.ledger.post_document(kind, row, lines)
        if self.replay:
            row.update(status="Open", number=number)

    def _post_batch(self, batch):
        bank = self.rows["accounts"].get(batch.get("balancingAccountId"), {}).get("number")
        self.ledger.post_journal(list(batch["lines"].values()), bank)
        if self.replay:
            batch["lines"] = {}

    def cancel(self, row):
        """A corrective credit memo over the whole of an unpaid invoice."""
        self.ledger.cancel(row["number"])
        row["status"] = "Canceled"

    @staticmethod
    def _net(line):
        return (Decimal(line["quantity"]) * Decimal(line["unitPrice"])).quantize(Decimal("0.01"))

    def _tax(self, line):
        return (self._net(line) * self.taxes.get(line.get("taxCode"), 0) / 100).quantize(Decimal("0.01"))

    # What is read ----------------------------------------------------------------------------------------------------

    @staticmethod
    def _etag(row):
        return f'W/"{row["version"]}"'

    def _shown(self, name, row):
        shown = {field: value for field, value in row.items() if field in SETS[name]["fields"]}
        if name in DOCUMENTS:
            total = sum(self._net(line) + self._tax(line) for line in row[DOCUMENTS[name]])
            shown["totalAmountIncludingTax"] = total
            if name == "salesInvoices":
                shown["remainingAmount"] = self.ledger.open(row["number"]) / self.rates[row["currencyCode"]]
                if row["status"] == "Open" and not shown["remainingAmount"]:
                    shown["status"] = "Paid"
        return {"@odata.etag": self._etag(row), **shown}

    def receivable(self):
        return self.ledger.receivable()

    def balance(self, account):
        return self.ledger.balance(account)

    def live_payments(self):
        return self.ledger.live_payments()

    def live_documents(self):
        """A document with what was posted to correct it counts once: an invoice if it is owed, else a credit."""
        standing = [amount for amount in self.ledger.documents().values() if amount]
        return {
            "customers": len(self.rows["customers"]), "invoices": sum(amount > 0 for amount in standing),
            "credits": sum(amount < 0 for amount in standing), "payments": len(self.live_payments()),
            "journals": self.ledger.journals,
        }  # fmt: skip

    def change_the_invoice(self):
        """Somebody over there cancels the only invoice."""
        (row,) = self.rows["salesInvoices"].values()
        self.cancel(row)
