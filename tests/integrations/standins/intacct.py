"""Sage Intacct's XML gateway: refuses what the vendor's own examples and documentation do not have, and keeps books."""

from decimal import Decimal

from lxml import etree

from tests.integrations.standins.intacct_ledger import Ledger
from tests.integrations.standins.intacct_reading import Reading
from tests.integrations.standins.intacct_shapes import ARPYMT, CUSTOMER, GOLDEN, Refusal, american, in_order  # noqa: F401
from tests.integrations.standins.server import Reply, StandIn

ZERO = Decimal(0)


class SageIntacct(Reading, Ledger, StandIn):
    """One company's books, over the XML gateway."""

    def __init__(self, accounts, banks):
        super().__init__(accounts, banks)
        self.used = set()  # control ids of what was done
        self.sessions = 0
        self.password = "hush"
        self.session = ""

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
            if once and self.replay and key in self.used:
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

    @staticmethod
    def _key(key):
        made = etree.Element("key")
        made.text = key
        return made

    @staticmethod
    def _data(name, field, text):
        data = etree.Element("data")
        etree.SubElement(etree.SubElement(data, name), field).text = text
        return data

    @staticmethod
    def _day(function, name):
        found = function.find(name)
        return "-".join(found.findtext(part) for part in ("year", "month", "day"))

    def _lines(self, function, holder):
        for line in function.find(holder):
            in_order(line, f"{holder}/lineitem")
            yield line.findtext("glaccountno"), line.findtext("amount")

    def _money(self, function):
        return self._in(function.findtext("currency") or function.findtext("CURRENCY"), function.findtext("exchrate"))

    def _do_create(self, function):
        makers = {"ARPYMT": self._create_arpymt, "GLBATCH": self._create_glbatch, "CUSTOMER": self._put_customer}
        return makers[function[0].tag](function[0])

    def _create_glbatch(self, given):
        in_order(given, "GLBATCH")
        lines = []
        for line in given.find("ENTRIES"):
            in_order(line, "GLENTRY")
            account, amount = self._line(line.findtext("ACCOUNTNO"), line.findtext("TRX_AMOUNT"))
            if amount < 0:
                raise Refusal("BL03000018", "Invalid amount specified")
            lines.append((account, amount * int(line.findtext("TR_TYPE"))))
        key = self.enter(given.findtext("REFERENCENO"), american(given.findtext("BATCH_DATE")), lines)
        return self._data("glbatch", "RECORDNO", key)

    def _do_delete(self, function):
        assert function.findtext("object") == "GLBATCH"
        if self.entries.pop(function.findtext("keys"), None) is None:
            raise Refusal("DL03000005", f"There is no record {function.findtext('keys')}")

    def _do_update(self, function):
        return self._put_customer(function[0], there=True)

    def _put_customer(self, given, there=False):
        wrong = {each.tag for each in given.iter()} - CUSTOMER
        if wrong or not given.findtext("DISPLAYCONTACT/PRINTAS"):
            raise Refusal("DL02000001", f"Field {wrong} is not valid")
        key = given.findtext("CUSTOMERID")
        self.put_customer(
            key, given.findtext("NAME"), given.findtext("DISPLAYCONTACT/EMAIL1"), given.findtext("TAXID"),
            given.findtext("CURRENCY"), there=there,
        )  # fmt: skip
        return self._data("customer", "CUSTOMERID", key)

    def _booked(self, rows, function, number, holder):
        in_order(function, function.tag)
        return self._key(
            self.book(
                rows, function.findtext("customerid"), function.findtext(number), self._day(function, "dateposted"),
                list(self._lines(function, holder)), self._money(function),
            )
        )  # fmt: skip

    def _do_create_invoice(self, function):
        return self._booked(self.invoices, function, "invoiceno", "invoiceitems")

    def _do_create_aradjustment(self, function):
        return self._booked(self.adjustments, function, "adjustmentno", "aradjustmentitems")

    def _do_delete_aradjustment(self, function):
        key = function.get("key")
        if self.used_of(key):
            raise Refusal("BL03000133", "The adjustment was applied and cannot be deleted")
        if self.adjustments.pop(key, None) is None:
            raise Refusal("DL03000005", f"There is no record {key}")

    def _do_create_arpayment(self, function):
        in_order(function, "create_arpayment")
        applied = []
        for each in function.iterchildren("arpaymentitem"):
            in_order(each, "arpaymentitem")
            applied.append((each.findtext("invoicekey"), "", Decimal(each.findtext("amount"))))
        return self._key(
            self.pay(
                function.findtext("customerid"), function.findtext("refid"), self._day(function, "datereceived"),
                function.findtext("bankaccountid"), applied, Decimal(function.findtext("paymentamount")),
                self._money(function),
            )
        )  # fmt: skip

    def _create_arpymt(self, given):
        wrong = {each.tag for each in given.iter()} - ARPYMT
        if wrong:
            raise Refusal("DL02000001", f"Field {wrong} is not valid")
        applied = [
            (each.findtext("RECORDKEY"), each.findtext("ADJUSTMENTKEY"), Decimal(each.findtext("TRX_ADJUSTMENTAMOUNT")))
            for each in given.find("ARPYMTDETAILS")
        ]
        key = self.pay(
            given.findtext("CUSTOMERID"), given.findtext("DOCNUMBER"), american(given.findtext("RECEIPTDATE")),
            given.findtext("FINANCIALENTITY"), applied, ZERO, self._money(given),
        )  # fmt: skip
        return self._data("arpymt", "RECORDNO", key)

    def _do_reverse_invoice(self, function):
        in_order(function, "reverse_invoice")
        self.reverse(self.invoices, function.get("key"), self._day(function, "datereversed"))

    def _do_reverse_arpayment(self, function):
        in_order(function, "reverse_arpayment")
        self.reverse(self.payments, function.get("key"), self._day(function, "datereversed"))
