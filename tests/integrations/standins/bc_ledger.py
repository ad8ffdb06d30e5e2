"""The books behind the stand-in of Business Central: customer ledger entries, applications and G/L accounts.

What is posted is never changed; an application is made while posting and never taken back.
"""

from collections import defaultdict
from decimal import Decimal


class Refusal(Exception):
    def __init__(self, code, message, status=400):
        self.code, self.message, self.status = code, message, status


def dialog(message):
    return Refusal("Application_DialogException", message)


class Ledger:
    """`accounts`: G/L number to what an accountant calls it."""

    def __init__(self, accounts):
        self.accounts = accounts
        self.closed_before = ""
        self.entries = []
        self.totals = defaultdict(Decimal)
        self.journals = 0
        self.last_number = 103000

    def _date(self, day):
        if day < self.closed_before:
            raise dialog("Posting Date is not within your range of allowed posting dates.")

    def _enter(self, kind, customer, number, external, amount, day):
        entry = {"kind": kind, "customer": customer, "number": number, "external": external, "amount": amount,
                 "left": amount, "date": day}  # fmt: skip
        self.entries.append(entry)
        return entry

    def _invoice(self, number, day):
        for entry in self.entries:
            if entry["kind"] == "invoice" and entry["number"] == number:
                if entry["left"] <= 0:
                    raise dialog(f"Invoice {number} must be open.")
                if day < entry["date"]:
                    raise dialog("You are not allowed to apply and post an entry to an entry with an earlier posting "
                                 "date.")  # fmt: skip
                return entry
        raise dialog(f"Invoice {number} cannot be found in the customer ledger entries.")

    @staticmethod
    def _apply(credit, invoice):
        amount = min(-credit["left"], invoice["left"])
        credit["left"] += amount
        invoice["left"] -= amount

    def post_document(self, kind, row, lines):
        """An invoice or a credit memo; its number."""
        self._date(row["postingDate"])
        total = sum((net + tax for _account, net, tax in lines), Decimal(0))
        if not lines or total < 0:
            raise dialog("There is nothing to post, or the total amount is negative.")
        sign = 1 if kind == "invoice" else -1
        on = self._invoice(row["invoiceNumber"], row["postingDate"]) if row.get("invoiceNumber") else None
        self.last_number += 1
        number = str(self.last_number)
        entry = self._enter(kind, row["customerId"], number, row["externalDocumentNumber"], sign * total,
                            row["postingDate"])  # fmt: skip
        if on:
            self._apply(entry, on)
        for account, net, tax in lines:
            self.totals[account] -= sign * net
            self.totals["tax"] -= sign * tax
        return number

    def post_journal(self, lines, bank):
        """All lines or none. With a balancing account each line stands for itself, else they balance together."""
        if not lines:
            raise dialog("There is nothing to post.")
        for line in lines:
            self._date(line["postingDate"])
            if bank and Decimal(line["amount"]) >= 0:
                raise dialog('The "amount" should be a negative number.')
            if line.get("appliesToInvoiceNumber"):
                self._invoice(line["appliesToInvoiceNumber"], line["postingDate"])
            account = line.get("accountNumber")
            if account is not None and account not in self.accounts:
                raise dialog(f"The field Account No. contains a value ({account}) that cannot be found.")
        if not bank and sum(Decimal(line["amount"]) for line in lines):
            raise dialog("The journal is out of balance.")
        self.journals += 0 if bank else 1
        for line in lines:
            self._post_line(line, bank)

    def _post_line(self, line, bank):
        amount = Decimal(line["amount"])
        if bank:
            self.totals[bank] -= amount
        elif line.get("accountType") != "Customer":
            self.totals[line["accountNumber"]] += amount
            return
        kind, customer = ("payment" if bank else "entry"), line.get("customerId") or line.get("accountId")
        entry = self._enter(kind, customer, line["documentNumber"], line["externalDocumentNumber"], amount,
                            line["postingDate"])  # fmt: skip
        if line.get("appliesToInvoiceNumber"):
            self._apply(entry, self._invoice(line["appliesToInvoiceNumber"], line["postingDate"]))

    def cancel(self, number):
        (entry,) = [each for each in self.entries if each["kind"] == "invoice" and each["number"] == number]
        if entry["left"] != entry["amount"]:
            raise dialog("The invoice is closed or partially paid or credited.")
        self._apply(self._enter("credit", entry["customer"], "cancel", "", -entry["amount"], entry["date"]), entry)

    # What an accountant reads --------------------------------------------------------------------------------------

    def open(self, number):
        return sum((each["left"] for each in self.entries if each["number"] == number), Decimal(0))

    def receivable(self):
        return sum((each["amount"] for each in self.entries), Decimal(0))

    def balance(self, name):
        return sum((self.totals[number] for number, each in self.accounts.items() if each == name), Decimal(0))

    def documents(self):
        """What is owed or credited by each document of ours, its corrections included."""
        found = defaultdict(Decimal)
        for each in self.entries:
            if each["kind"] in ("invoice", "credit"):
                found[each["external"].partition("/")[0]] += each["amount"]
        return found

    def live_payments(self):
        """Each payment less what was booked back of it."""
        found = defaultdict(Decimal)
        for each in self.entries:
            if each["kind"] in ("payment", "entry"):
                found[each["number"]] -= each["amount"]
        numbers = [each["number"] for each in self.entries if each["kind"] == "payment"]
        return [found[number] for number in dict.fromkeys(numbers) if found[number]]
