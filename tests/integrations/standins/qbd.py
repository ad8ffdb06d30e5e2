"""QuickBooks Desktop behind a Web Connector: refuses what the published message tables refuse, and keeps books."""

from contextlib import contextmanager
from decimal import Decimal

from lxml import etree

from tests.integrations.standins.qbd_reading import Reading, Refusal, now
from tests.integrations.standins.qbxml import faults_of
from tests.integrations.standins.server import Cut

RECEIVABLE = "Accounts Receivable"
CURRENCIES = {"Euro": "Accounts Receivable - EUR"}  # beside home's, each with its receivables account
KINDS = ("Customer", "Invoice", "CreditMemo", "ReceivePayment", "JournalEntry")
ZERO = Decimal(0)


def amount(text):
    return Decimal(text or "0")


class QuickBooksDesktop(Reading):
    """One company file. `items` name the account that each item is booked to, `accounts` what else there is.

    `faults` are taken in turn, each at the next change: "cut_before" and "cut_after" end the answer, a (code, words)
    pair is refused with it, and anything else in angle brackets is the answer.
    """

    def __init__(self, items, accounts):
        self.items, self.accounts = items, {*accounts, RECEIVABLE, *CURRENCIES.values()}
        self.objects = {kind: {} for kind in KINDS}
        self.credits = []  # (credit memo, invoice, amount)
        self.deleted = []  # (kind, key, when)
        self.faults, self.requests = [], []
        self.closed_before = ""
        self.replay = True  # False: it tells no external GUIDs
        self.address = ""
        self.writes = self.last_id = self.cuts = 0

    # Messages ------------------------------------------------------------------------------------------------------

    def __call__(self, text):
        """The answer to a message set."""
        assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n<?qbxml version="12.0"?>\n')
        self.requests.append(text)
        (message,) = etree.fromstring(text.encode()).find("QBXMLMsgsRq")
        is_change = not message.tag.endswith("QueryRq")
        fault = self.faults.pop(0) if self.faults and is_change else None
        if fault == "cut_before":
            raise Cut
        if isinstance(fault, str) and fault.startswith("<"):
            return fault
        answer = self._answered(message, fault if isinstance(fault, tuple) else None)
        if fault == "cut_after":
            raise Cut
        return answer

    @staticmethod
    def _touch(row):
        row["version"] += 1
        row["modified"] = now()

    def record_payment(self, customer, total, invoices, reference="EFT 7"):
        """Somebody over there records a payment by hand; its key."""
        row = {
            "key": self._next(), "version": 1, "modified": now(), "customer": customer, "day": "2026-11-05",
            "total": Decimal(total), "applied": [(key, Decimal(each)) for key, each in invoices.items()],
            "number": reference, "rate": Decimal(1), "memo": "",
        }  # fmt: skip
        self.objects["ReceivePayment"][row["key"]] = row
        return row["key"]

    def add_customer(self, name, number=""):
        """Somebody over there enters a customer by hand; its key."""
        row = {"key": self._next(), "version": 1, "name": name, "number": number, "currency": ""}
        self.objects["Customer"][row["key"]] = row
        return row["key"]

    def _answered(self, message, refused):
        response = etree.Element(message.tag[:-2] + "Rs", requestID=message.get("requestID") or "")
        try:
            if refused:
                raise Refusal(*refused)
            wrong = faults_of(message)
            if wrong:
                raise Refusal("3040", "; ".join(wrong))
            if message.find("ActiveStatus") is not None:
                self._listed(message.tag[:-7], message, response)
            elif message.find("ModifiedDateRangeFilter") is not None:
                self._modified(message.tag[:-7], message, response)
            elif message.tag == "TxnDeletedQueryRq":
                self._told_deleted(message, response)
            else:
                response.extend(self._do(message))
            status = ("0", "Info", "Status OK")
        except Refusal as refusal:
            severity = "Info" if refusal.code == "1" else "Warn" if refusal.code == "500" else "Error"
            status = (refusal.code, severity, refusal.words)
        for name, value in zip(("statusCode", "statusSeverity", "statusMessage"), status, strict=True):
            response.set(name, value)
        root = etree.Element("QBXML")
        etree.SubElement(root, "QBXMLMsgsRs").append(response)
        return '<?xml version="1.0" ?>' + etree.tostring(root, encoding="unicode")

    def _do(self, message):
        name = message.tag
        if name.endswith("QueryRq"):
            return self._queried(name[:-7], message)
        self.writes += 1
        if name.startswith("Txn"):
            return self._taken_back(message)
        kind, verb = name[:-5], name[-5:-2]
        given = message[0]
        rows = self.objects[kind]
        if verb == "Add":
            row = {"key": self._next(), "version": 0}
        else:
            row = dict(self._there(kind, given.findtext("TxnID") or given.findtext("ListID")))
            if given.findtext("EditSequence") != str(row["version"]):
                raise Refusal("3200", "The provided edit sequence is out-of-date.")
        row.update(getattr(self, f"_read_{kind.lower()}")(given, row, verb))
        if row.pop("nothing", False):
            return []
        row["version"] += 1
        row["modified"] = now()
        rows[row["key"]] = row
        return [self._shown(kind, row)]

    def _next(self):
        self.last_id += 1
        return f"{self.last_id:X}-1763800000"

    def _there(self, kind, key):
        if key not in self.objects[kind]:
            raise Refusal("500", f"The {kind} {key} could not be found in QuickBooks.")
        return self.objects[kind][key]

    def _named(self, given, path, known, what):
        name = given.findtext(f"{path}/FullName")
        if name not in known:
            raise Refusal("3140", f'There is an invalid reference to QuickBooks {what} "{name}".')
        return name

    def _customer_of(self, given, path="CustomerRef"):
        key = given.findtext(f"{path}/ListID")
        if key not in self.objects["Customer"]:
            raise Refusal("3140", f'There is an invalid reference to QuickBooks Customer "{key}".')
        return key

    def _open_day(self, given):
        day = given.findtext("TxnDate")
        if day < self.closed_before:
            raise Refusal("3171", "The transaction is dated on or before the closing date of your books.")
        return day

    def _queried(self, kind, message):
        wanted = {(each.tag, each.text) for each in message}
        found = [
            row for row in self.objects[kind].values()
            if wanted & {("TxnID", row["key"]), ("ListID", row["key"]), ("RefNumber", row.get("number")),
                         ("FullName", row.get("name"))}
        ]  # fmt: skip
        if not found:
            by_key = any(tag in ("TxnID", "ListID", "FullName", "RefNumber") for tag, _text in wanted)
            raise Refusal("500" if by_key else "1", "The query request found nothing.")
        return [self._shown(kind, row) for row in found]

    def _taken_back(self, message):
        kind, key = message[0].text, message.findtext("TxnID")
        row = self._there(kind, key)
        if message.tag == "TxnVoidRq":
            if self.applied_to(key):
                raise Refusal("3210", "The invoice is paid.")
            row.update(lines=[], version=row["version"] + 1, modified=now())
        else:
            del self.objects[kind][key]
            self.deleted.append((kind, key, now()))
            self.credits = [each for each in self.credits if key not in each[:2]]
        return []

    # What each kind says -------------------------------------------------------------------------------------------

    def _read_customer(self, given, row, verb):
        name = given.findtext("Name")
        if any(each["name"] == name and each["key"] != row["key"] for each in self.objects["Customer"].values()):
            raise Refusal("3100", f'The name "{name}" of the list element is already in use.')
        currency = given.findtext("CurrencyRef/FullName") or row.get("currency", "")
        if currency and currency not in CURRENCIES:
            raise Refusal("3140", f'There is an invalid reference to QuickBooks Currency "{currency}".')
        found = {"name": name, "currency": currency}
        return {**found, "guid": given.findtext("ExternalGUID")} if verb == "Add" else found

    def _money(self, given):
        """The rate to home's currency; the receivables account has to be that of the customer's currency."""
        currency = self.objects["Customer"][self._customer_of(given)]["currency"]
        account = self._named(given, "ARAccountRef", self.accounts, "Account")
        if account != CURRENCIES.get(currency, RECEIVABLE):
            raise Refusal("3210", "The currency of the receivables account is not that of the customer.")
        return {"rate": Decimal(given.findtext("ExchangeRate") or 1)}

    def _sale(self, given, name):
        lines = [
            (self._named(line, "ItemRef", self.items, "Item"), amount(line.findtext("Amount")))
            for line in given.iterchildren(name)
        ]
        if sum((each for _item, each in lines), ZERO) < 0:
            raise Refusal("3210", "Transaction amount must be positive.")
        return {
            "customer": self._customer_of(given), "day": self._open_day(given), "lines": lines,
            "number": given.findtext("RefNumber"), "memo": given.findtext("Memo"), **self._money(given),
        }  # fmt: skip

    def _read_invoice(self, given, row, verb):
        found = self._sale(given, f"InvoiceLine{verb}")
        if verb == "Add":
            return {**found, "guid": given.findtext("ExternalGUID")}
        total = sum((each for _item, each in found["lines"]), ZERO)
        if total < self.applied_to(row["key"]):
            raise Refusal("3210", "You cannot pay more than the amount due.")
        return found

    def _read_creditmemo(self, given, row, verb):
        return {**self._sale(given, "CreditMemoLineAdd"), "guid": given.findtext("ExternalGUID")}

    def _read_receivepayment(self, given, row, verb):
        customer, total = self._customer_of(given), amount(given.findtext("TotalAmount"))
        applied, credits = [], []
        for each in given.iterchildren("AppliedToTxnAdd"):
            invoice = each.findtext("TxnID")
            self._there("Invoice", invoice)
            applied.append((invoice, amount(each.findtext("PaymentAmount"))))
            for credit in each.iterchildren("SetCredit"):
                memo, used = credit.findtext("CreditTxnID"), amount(credit.findtext("AppliedAmount"))
                if self.left_of(memo) < used:
                    raise Refusal("3210", "The credit is used up.")
                credits.append((memo, invoice, used))
        for invoice in {each[0] for each in applied}:
            more = sum((each[-1] for each in (*applied, *credits) if invoice in each[:2]), ZERO)
            if self.applied_to(invoice) + more > self.total("Invoice", invoice):
                raise Refusal("3210", "You cannot pay more than the amount due.")
        if sum((each for _invoice, each in applied), ZERO) > total:
            raise Refusal("3210", "More is applied than was received.")
        self.credits += credits
        for invoice in {each[0] for each in applied}:
            self._touch(self.objects["Invoice"][invoice])
        if not total:  # only credits were set: no payment is kept
            return {"nothing": True}
        bank = self._named(given, "DepositToAccountRef", self.accounts, "Account")
        return {
            "customer": customer, "day": self._open_day(given), "total": total, "applied": applied, "bank": bank,
            "number": given.findtext("RefNumber"), "guid": given.findtext("ExternalGUID"),
            "memo": given.findtext("Memo"), **self._money(given),
        }  # fmt: skip

    def _read_journalentry(self, given, row, verb):
        lines, rate = [], Decimal(given.findtext("ExchangeRate") or 1)
        for line in given:
            if line.tag in ("JournalDebitLine", "JournalCreditLine"):
                account = self._named(line, "AccountRef", self.accounts, "Account")
                if account in (RECEIVABLE, *CURRENCIES.values()):
                    self._customer_of(line, "EntityRef")
                lines.append((account, amount(line.findtext("Amount")) * rate * (1 if "Debit" in line.tag else -1)))
        if sum((each for _account, each in lines), ZERO):
            raise Refusal("3210", "The entry does not balance.")
        return {
            "day": self._open_day(given), "lines": lines, "number": given.findtext("RefNumber"),
            "guid": given.findtext("ExternalGUID"),
        }  # fmt: skip

    def _shown(self, kind, row):
        shown = etree.Element(f"{kind}Ret")
        etree.SubElement(shown, "ListID" if kind == "Customer" else "TxnID").text = row["key"]
        etree.SubElement(shown, "EditSequence").text = str(row["version"])
        told = {
            "Name": row.get("name"),
            "RefNumber": row.get("number"),
            "ExternalGUID": row.get("guid") if self.replay else "",
        }
        if kind in ("Invoice", "CreditMemo"):
            told["Subtotal"], told["SalesTaxTotal"] = f"{self.sum_of(row):.2f}", "0.00"
        if kind == "CreditMemo":
            told["CreditRemaining"] = f"{self.left_of(row['key'], row):.2f}"
        for name, value in told.items():
            if value:
                etree.SubElement(shown, name).text = value
        return shown

    # What an accountant would read there ---------------------------------------------------------------------------

    @staticmethod
    def sum_of(row):
        return sum((each for _item, each in row["lines"]), ZERO)

    def total(self, kind, key):
        return self.sum_of(self._there(kind, key))

    def left_of(self, memo, row=None):
        used = sum((each for key, _invoice, each in self.credits if key == memo), ZERO)
        return self.sum_of(row or self._there("CreditMemo", memo)) - used

    def applied_to(self, invoice):
        paid = (each for row in self.objects["ReceivePayment"].values() for each in row["applied"])
        credited = (each[1:] for each in self.credits)
        return sum((used for key, used in (*paid, *credited) if key == invoice), ZERO)

    def receivable(self):
        owed = sum((self.sum_of(row) * row["rate"] for row in self.objects["Invoice"].values()), ZERO)
        owed -= sum((self.sum_of(row) * row["rate"] for row in self.objects["CreditMemo"].values()), ZERO)
        owed -= sum((row["total"] * row["rate"] for row in self.objects["ReceivePayment"].values()), ZERO)
        return owed + sum((self._journal(each) for each in (RECEIVABLE, *CURRENCIES.values())), ZERO)

    def _journal(self, account):
        rows = self.objects["JournalEntry"].values()
        return sum((each for row in rows for name, each in row["lines"] if name == account), ZERO)

    def balance(self, account):
        found = self._journal(account)
        for kind, sign in (("Invoice", -1), ("CreditMemo", 1)):
            for row in self.objects[kind].values():
                found += sum(
                    (sign * each * row["rate"] for item, each in row["lines"] if self.items[item] == account), ZERO
                )
        return found

    def live_payments(self):
        return [row["total"] for row in self.objects["ReceivePayment"].values()]

    def live_documents(self):
        names = ("customers", "invoices", "credits", "payments", "journals")
        return {name: len(self.objects[kind]) for name, kind in zip(names, KINDS, strict=True)}

    def change_the_invoice(self):
        (row,) = self.objects["Invoice"].values()
        row["lines"] = [(row["lines"][0][0], Decimal(1)), *row["lines"][1:]]
        self._touch(row)


@contextmanager
def opened(company):
    """A company file that is open; nothing listens, since it is the Web Connector that calls."""
    yield company
