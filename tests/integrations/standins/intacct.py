"""Sage Intacct's XML gateway: refuses what the vendor's own examples and documentation do not have, and keeps books."""

from decimal import Decimal

from lxml import etree

from tests.integrations.standins.intacct_reading import Reading, now
from tests.integrations.standins.intacct_shapes import ARPYMT, CUSTOMER, GOLDEN, Refusal, american, in_order  # noqa: F401
from tests.integrations.standins.server import Reply, StandIn

ZERO = Decimal(0)
HOME = "USD"


class SageIntacct(Reading, StandIn):
    """One company. `accounts` name what each G/L account is, `banks` are its checking accounts."""

    def __init__(self, accounts, banks):
        super().__init__()
        self.accounts, self.banks = accounts, banks
        self.customers, self.invoices, self.adjustments, self.payments = {}, {}, {}, {}
        self.entries = {}
        self.used = set()  # control ids of what was done
        self.sessions = 0
        self.password = "hush"
        self.session = ""
        self.closed_before = ""
        self.currencies = {HOME}
        self.last = self.writes = 0

    def is_write(self, method, path, query, body):
        return "<uniqueid>true</uniqueid>" in body

    def handle(self, method, path, query, headers, body):
        request = etree.fromstring(body.encode())
        control, operation = request.find("control"), request.find("operation")
        in_order(control, "control")
        if (control.findtext("senderid"), control.findtext("password")) != ("our-sender", "hush-sender"):
            return self._said(control, None, None, ("XL03000006", "Incorrect Intacct XML Partner ID or password."))
        login = operation.find("authentication/login")
        if login is not None:
            in_order(login, "login")
            if login.findtext("password") != self.password:
                return self._said(control, "failure", None, ("XL03000006", "Sign-in information is incorrect"))
        elif operation.findtext("authentication/sessionid") != self.session:
            return self._said(control, "failure", None, ("XL03000006", "The session is invalid"))
        (function,) = operation.find("content/function")
        key, once = control.findtext("controlid"), control.findtext("uniqueid") == "true"
        try:
            if once and key in self.used:
                words = f"A successful transaction has already been recorded with the control id {key}"
                raise Refusal("PL04000029", words)
            result = getattr(self, f"_do_{function.tag.lower()}")(function)
        except Refusal as refusal:
            return self._said(control, "success", function, (refusal.number, refusal.words))
        if once:
            self.used.add(key)
            self.writes += 1
        return self._said(control, "success", function, None, result)

    def _said(self, control, authentication, function, error, result=None):
        response = etree.Element("response")
        head = etree.SubElement(response, "control")
        etree.SubElement(head, "status").text = "success" if authentication else "failure"
        etree.SubElement(head, "senderid").text = control.findtext("senderid")
        etree.SubElement(head, "controlid").text = control.findtext("controlid")
        holder = response
        if authentication:
            holder = etree.SubElement(response, "operation")
            signed = etree.SubElement(holder, "authentication")
            etree.SubElement(signed, "status").text = authentication
            if authentication == "success":
                holder = etree.SubElement(holder, "result")
                etree.SubElement(holder, "status").text = "failure" if error else "success"
                etree.SubElement(holder, "function").text = function.tag
                etree.SubElement(holder, "controlid").text = control.findtext("controlid")
        if error:
            told = etree.SubElement(etree.SubElement(holder, "errormessage"), "error")
            etree.SubElement(told, "errorno").text, etree.SubElement(told, "description2").text = error
        if result is not None:
            holder.append(result)
        return Reply(200, etree.tostring(response, encoding="unicode"), {"Content-Type": "text/xml"})

    # Functions -----------------------------------------------------------------------------------------------------

    def _do_getapisession(self, function):
        self.sessions += 1
        self.session = f"session-{self.sessions}"
        data = etree.Element("data")
        api = etree.SubElement(data, "api")
        etree.SubElement(api, "sessionid").text = self.session
        etree.SubElement(api, "endpoint").text = self.address
        return data

    def _next(self):
        self.last += 1
        return str(self.last)

    @staticmethod
    def _key(key):
        made = etree.Element("key")
        made.text = key
        return made

    def _day(self, function, name):
        found = function.find(name)
        day = "-".join(found.findtext(part) for part in ("year", "month", "day"))
        return self._open(day)

    def _open(self, day):
        if day < self.closed_before:
            raise Refusal("BL01001973", f"Periods are closed for the date {day}")
        return day

    def _customer(self, key):
        if key not in self.customers:
            raise Refusal("BL03000018", f"Customer {key} is not valid")
        return key

    def _lines(self, function, holder):
        rows = []
        for line in function.find(holder):
            in_order(line, f"{holder}/lineitem")
            account = line.findtext("glaccountno")
            if account not in self.accounts:
                raise Refusal("BL03000018", f"Invalid GL Account '{account}' specified")
            rows.append((account, Decimal(line.findtext("amount"))))
        return rows

    def _money(self, function):
        code = function.findtext("currency") or function.findtext("CURRENCY") or HOME
        if code not in self.currencies:
            raise Refusal("BL03000018", f"Invalid currency {code}")
        return {"currency": code, "rate": Decimal(function.findtext("exchrate") or 1), "modified": now()}

    def _unused(self, rows, number):
        if any(each["number"] == number for each in rows.values()):
            raise Refusal("BL34000061", f"Another document with the given value(s) {number} already exists")
        return number

    def _do_create(self, function):
        makers = {"ARPYMT": self._create_arpymt, "GLBATCH": self._create_glbatch, "CUSTOMER": self._put_customer}
        return makers[function[0].tag](function[0])

    def _create_glbatch(self, given):
        in_order(given, "GLBATCH")
        lines = []
        for line in given.find("ENTRIES"):
            in_order(line, "GLENTRY")
            account, amount = line.findtext("ACCOUNTNO"), Decimal(line.findtext("TRX_AMOUNT"))
            if account not in self.accounts or amount < 0:
                raise Refusal("BL03000018", f"Invalid GL Account '{account}' or amount specified")
            lines.append((account, amount * int(line.findtext("TR_TYPE"))))
        if sum((amount for _account, amount in lines), ZERO):
            raise Refusal("BL01001973", "The entry does not balance")
        self._open(american(given.findtext("BATCH_DATE")))
        key = self._next()
        self.entries[key] = {"number": given.findtext("REFERENCENO"), "lines": lines}
        data = etree.Element("data")
        etree.SubElement(etree.SubElement(data, "glbatch"), "RECORDNO").text = key
        return data

    def _do_delete(self, function):
        assert function.findtext("object") == "GLBATCH"
        if self.entries.pop(function.findtext("keys"), None) is None:
            raise Refusal("DL03000005", f"There is no record {function.findtext('keys')}")

    def _do_update(self, function):
        return self._put_customer(function[0], there=True)

    def _put_customer(self, given, there=False):
        wrong = {each.tag for each in given.iter()} - CUSTOMER
        key = given.findtext("CUSTOMERID")
        if wrong or not given.findtext("DISPLAYCONTACT/PRINTAS"):
            raise Refusal("DL02000001", f"Field {wrong} is not valid")
        if (key in self.customers) is not there:
            raise Refusal("BL34000061", f"Another customer with the given value(s) {key} already exists")
        self.add_customer(
            key,
            given.findtext("NAME"),
            EMAIL=given.findtext("DISPLAYCONTACT/EMAIL1"),
            TAXID=given.findtext("TAXID"),
            CURRENCY=given.findtext("CURRENCY") or HOME,
        )
        data = etree.Element("data")
        etree.SubElement(etree.SubElement(data, "customer"), "CUSTOMERID").text = key
        return data

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

    def _do_create_invoice(self, function):
        in_order(function, "create_invoice")
        key = self._next()
        row = {
            "customer": self._customer(function.findtext("customerid")), "day": self._day(function, "dateposted"),
            "number": self._unused(self.invoices, function.findtext("invoiceno")), "state": "Posted",
            "lines": self._lines(function, "invoiceitems"), **self._money(function),
        }  # fmt: skip
        if self.sum_of(row) < 0:
            raise Refusal("BL03000151", "The total of an invoice may not be negative")
        self.invoices[key] = row
        return self._key(key)

    def _do_create_aradjustment(self, function):
        in_order(function, "create_aradjustment")
        key = self._next()
        self.adjustments[key] = {
            "customer": self._customer(function.findtext("customerid")), "day": self._day(function, "dateposted"),
            "number": self._unused(self.adjustments, function.findtext("adjustmentno")), "state": "Posted",
            "lines": self._lines(function, "aradjustmentitems"), **self._money(function),
        }  # fmt: skip
        return self._key(key)

    def _do_delete_aradjustment(self, function):
        key = function.get("key")
        if self.used_of(key):
            raise Refusal("BL03000133", "The adjustment was applied and cannot be deleted")
        if self.adjustments.pop(key, None) is None:
            raise Refusal("DL03000005", f"There is no record {key}")

    def _open_invoice(self, key, amount):
        row = self.invoices.get(key)
        if row is None or row["state"] != "Posted":
            raise Refusal("DL03000005", f"There is no record {key}")
        if self.sum_of(row) - self.paid_of(key) < amount:
            raise Refusal("BL03000150", "The amount to be applied is more than what is due: it was paid")

    def _do_create_arpayment(self, function):
        in_order(function, "create_arpayment")
        if function.findtext("bankaccountid") not in self.banks:
            raise Refusal("BL03000018", "Invalid bank account")
        applied, total = [], Decimal(function.findtext("paymentamount"))
        for each in function.iterchildren("arpaymentitem"):
            in_order(each, "arpaymentitem")
            applied.append((each.findtext("invoicekey"), "", Decimal(each.findtext("amount"))))
            self._open_invoice(applied[-1][0], applied[-1][2])
        if total < sum((each[2] for each in applied), ZERO):
            raise Refusal("BL03000149", "More is applied than was paid")
        return self._key(self._paid(function.findtext("customerid"), function, applied, total))

    def _paid(self, customer, function, applied, total):
        key = self._next()
        self.payments[key] = {
            "customer": self._customer(customer),
            "number": function.findtext("refid") or function.findtext("DOCNUMBER"), "state": "Complete", "day": "",
            "applied": applied, "total": total, **self._money(function),
        }  # fmt: skip
        keys = [self.invoices[each[0]]["currency"] for each in applied]
        if any(each != self.payments[key]["currency"] for each in keys):
            raise Refusal("BL03000152", "The currency of the payment is not that of the invoice")
        if function.find("datereceived") is not None:
            try:
                self.payments[key]["day"] = self._day(function, "datereceived")
            except Refusal:
                del self.payments[key]
                raise
        return key

    def _create_arpymt(self, given):
        wrong = {each.tag for each in given.iter()} - ARPYMT
        if wrong or given.findtext("FINANCIALENTITY") not in self.banks:
            raise Refusal("DL02000001", f"Field {wrong} is not valid")
        applied = []
        for each in given.find("ARPYMTDETAILS"):
            amount, memo = Decimal(each.findtext("TRX_ADJUSTMENTAMOUNT")), each.findtext("ADJUSTMENTKEY")
            left = -self.sum_of(self.adjustments[memo]) - self.used_of(memo)
            if amount > left - sum((row[2] for row in applied), ZERO):
                raise Refusal("BL03000149", "More is applied than the credit")
            self._open_invoice(each.findtext("RECORDKEY"), amount)
            applied.append((each.findtext("RECORDKEY"), memo, amount))
        data = etree.Element("data")
        key = self._paid(given.findtext("CUSTOMERID"), given, applied, ZERO)
        etree.SubElement(etree.SubElement(data, "arpymt"), "RECORDNO").text = key
        return data

    def _do_reverse_invoice(self, function):
        in_order(function, "reverse_invoice")
        self._reverse(self.invoices, function, self.paid_of(function.get("key")))

    def _do_reverse_arpayment(self, function):
        in_order(function, "reverse_arpayment")
        self._reverse(self.payments, function, ZERO)

    def _reverse(self, rows, function, paid):
        row = rows.get(function.get("key"))
        if row is None or row["state"] == "Reversed":
            raise Refusal("DL03000005", f"There is no record {function.get('key')} to be reversed")
        if paid:
            raise Refusal("BL03000133", "An invoice that was paid cannot be reversed")
        self._day(function, "datereversed")
        row["state"], row["modified"] = "Reversed", now()

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
