"""The books of the stand-ins of Sage Intacct, whichever interface they are kept over."""

from decimal import Decimal

from tests.integrations.standins.intacct_reading import now
from tests.integrations.standins.intacct_shapes import Refusal

ZERO = Decimal(0)
HOME = "USD"


class Ledger:
    """One company. `accounts` name what each G/L account is, `banks` are its checking accounts."""

    def __init__(self, accounts, banks):
        super().__init__()
        self.accounts, self.banks = accounts, banks
        self.customers, self.invoices, self.adjustments, self.payments = {}, {}, {}, {}
        self.entries = {}
        self.closed_before = ""
        self.currencies = {HOME}
        self.last = self.writes = 0
        self.replay = True  # False: it knows neither ids of calls nor numbers again

    def _next(self):
        self.last += 1
        return str(self.last)

    def _open(self, day):
        if day < self.closed_before:
            raise Refusal("BL01001973", f"Periods are closed for the date {day}")
        return day

    def _customer(self, key):
        if key not in self.customers:
            raise Refusal("BL03000018", f"Customer {key} is not valid")
        return key

    def _line(self, account, amount):
        if account not in self.accounts:
            raise Refusal("BL03000018", f"Invalid GL Account '{account}' specified")
        return account, Decimal(amount)

    def _in(self, code, rate):
        if (code or HOME) not in self.currencies:
            raise Refusal("BL03000018", f"Invalid currency {code}")
        return {"currency": code or HOME, "rate": Decimal(rate or 1), "modified": now()}

    def _unused(self, rows, number):
        if self.replay and any(each["number"] == number for each in rows.values()):
            raise Refusal("BL34000061", f"Another document with the given value(s) {number} already exists")
        return number

    def book(self, rows, customer, number, day, lines, money):
        """An invoice or an adjustment; its key."""
        row = {
            "customer": self._customer(customer), "day": self._open(day), "number": self._unused(rows, number),
            "state": "Posted", "lines": [self._line(*each) for each in lines], **money,
        }  # fmt: skip
        if rows is self.invoices and self.sum_of(row) < 0:
            raise Refusal("BL03000151", "The total of an invoice may not be negative")
        key = self._next()
        rows[key] = row
        return key

    def pay(self, customer, number, day, bank, applied, total, money):
        """A payment of invoices, or of what credit memos are set against; its key."""
        if bank not in self.banks:
            raise Refusal("BL03000018", "Invalid bank account")
        left = {}
        for invoice, memo, amount in applied:
            self._open_invoice(invoice, amount)
            if memo:
                left[memo] = left.get(memo, -self.sum_of(self.adjustments[memo]) - self.used_of(memo)) - amount
        if any(each < 0 for each in left.values()):
            raise Refusal("BL03000149", "More is applied than the credit")
        if total < sum((amount for _invoice, memo, amount in applied if not memo), ZERO):
            raise Refusal("BL03000149", "More is applied than was paid")
        if any(self.invoices[each[0]]["currency"] != money["currency"] for each in applied):
            raise Refusal("BL03000152", "The currency of the payment is not that of the invoice")
        row = {
            "customer": self._customer(customer), "number": number, "state": "Complete", "day": self._open(day),
            "applied": applied, "total": total, **money,
        }  # fmt: skip
        key = self._next()
        self.payments[key] = row
        return key

    def enter(self, number, day, lines):
        """An entry of the general ledger; its key."""
        if sum((amount for _account, amount in lines), ZERO):
            raise Refusal("BL01001973", "The entry does not balance")
        self._open(day)
        key = self._next()
        self.entries[key] = {"number": number, "lines": lines}
        return key

    def _open_invoice(self, key, amount):
        row = self.invoices.get(key)
        if row is None or row["state"] != "Posted":
            raise Refusal("DL03000005", f"There is no record {key}")
        if self.sum_of(row) - self.paid_of(key) < amount:
            raise Refusal("BL03000150", "The amount to be applied is more than what is due: it was paid")

    def reverse(self, rows, key, day):
        """Take a document back; one that is paid or applied stays."""
        row = rows.get(key)
        if row is None or row["state"] == "Reversed":
            raise Refusal("DL03000005", f"There is no record {key} to be reversed")
        if rows is self.invoices and self.paid_of(key):
            raise Refusal("BL03000133", "An invoice that was paid cannot be reversed")
        if rows is self.adjustments and self.used_of(key):
            raise Refusal("BL03000133", "The adjustment was applied and cannot be reversed")
        self._open(day)
        row["state"], row["modified"] = "Reversed", now()

    def record_payment(self, customer, amount, invoices, reference="EFT 7"):
        """Somebody over there records a payment by hand; its key."""
        key = self._next()
        self.payments[key] = {
            "customer": customer, "number": reference, "state": "Complete", "day": "2026-11-05", "currency": HOME,
            "rate": Decimal(1), "modified": now(), "total": Decimal(amount),
            "applied": [(invoice, "", Decimal(each)) for invoice, each in invoices.items()],
        }  # fmt: skip
        return key

    def add_customer(self, key, name, EMAIL="", **more):
        """Also what somebody over there does by hand."""
        self.customers[key] = {"CUSTOMERID": key, "NAME": name, "DISPLAYCONTACT.EMAIL1": EMAIL, **more}

    def put_customer(self, key, name, email, tax_id, currency, *, there):
        """Make a customer, or change the one that is `there`."""
        if (key in self.customers) is not there:
            raise Refusal("BL34000061", f"Another customer with the given value(s) {key} already exists")
        self.add_customer(key, name, EMAIL=email, TAXID=tax_id, CURRENCY=currency or HOME)

    # What an accountant would read there ---------------------------------------------------------------------------

    @staticmethod
    def sum_of(row):
        return sum((amount for _account, amount in row["lines"]), ZERO)

    def _standing(self, rows):
        return [row for row in rows.values() if row["state"] != "Reversed"]

    def _applied(self, place, key):
        rows = (each for row in self._standing(self.payments) for each in row["applied"])
        return sum((each[2] for each in rows if each[place] == key), ZERO)

    def paid_of(self, invoice):
        return self._applied(0, invoice)

    def used_of(self, memo):
        return self._applied(1, memo)

    def receivable(self):
        billed = [*self._standing(self.invoices), *self._standing(self.adjustments)]
        paid = sum((row["total"] * row["rate"] for row in self._standing(self.payments)), ZERO)
        return sum((self.sum_of(row) * row["rate"] for row in billed), ZERO) - paid

    def balance(self, account):
        billed = [*self._standing(self.invoices), *self._standing(self.adjustments)]
        booked = (each for row in self.entries.values() for each in row["lines"])
        entered = sum((amount for key, amount in booked if self.accounts[key] == account), ZERO)
        return entered - sum(
            (amount * row["rate"] for row in billed for key, amount in row["lines"] if self.accounts[key] == account),
            ZERO,
        )

    def live_payments(self):
        return [row["total"] for row in self._standing(self.payments) if row["total"]]

    def live_documents(self):
        memos = self._standing(self.adjustments)
        return {
            "customers": len(self.customers), "invoices": len(self._standing(self.invoices)),
            "credits": sum(1 for row in memos if self.sum_of(row) < 0), "payments": len(self.live_payments()),
            "journals": len(self.entries) + sum(1 for row in memos if self.sum_of(row) > 0),
        }  # fmt: skip

    def change_the_invoice(self):
        (row,) = self._standing(self.invoices)
        row["lines"], row["modified"] = [(row["lines"][0][0], Decimal(1)), *row["lines"][1:]], now()
