"""What a request to Sage Intacct may look like: the elements of the vendor's own examples, in their order."""

from datetime import datetime
from pathlib import Path

from lxml import etree

GOLDEN = Path(__file__).parents[1] / "oracles" / "intacct"


def golden(name):
    return etree.parse(GOLDEN / f"{name}.xml").getroot()


def names(element):
    return [each.tag for each in element if isinstance(each.tag, str)]


def _with(order, after, *more):
    place = order.index(after) + 1
    return [*order[:place], *more, *order[place:]]


# The order of elements of the older functions, as their examples have them.
LINE = ["glaccountno", *names(golden("InvoiceLineCreateTest.testParamOverrides"))]
ADJUSTMENT_LINE = ["glaccountno", *names(golden("ArAdjustmentLineCreateTest.testParamOverrides"))]
PAYMENT = _with(
    names(golden("ArPaymentCreateTest.testDefaultParams")[0]), "batchkey", "bankaccountid", "refid", "overpaylocid"
)
MONEY = ["basecurr", "currency", "exchratedate", "exchrate"]  # a rate, or a type of rate in its place
ORDERS = {
    "create_invoice": _with(names(golden("InvoiceCreateTest.testParamOverrides")[0]), "exchratetype", "exchrate"),
    "create_aradjustment": _with(
        names(golden("ArAdjustmentCreateTest.testParamOverrides")[0]), "exchratetype", "exchrate"
    ),
    "create_arpayment": [*PAYMENT, *MONEY, "arpaymentitem"],
    "arpaymentitem": names(golden("ArPaymentItemTest.testDefaultParams")),
    "invoiceitems/lineitem": LINE,
    "aradjustmentitems/lineitem": ADJUSTMENT_LINE,
    "reverse_invoice": names(golden("InvoiceReverseTest.testConstruct")[0]),
    "reverse_arpayment": names(golden("ArPaymentReverseTest.testConstruct")[0]),
    "GLBATCH": names(golden("JournalEntryCreateTest.testParamOverrides")[0][0]),
    "GLENTRY": names(golden("JournalEntryLineCreateTest.testParamOverrides")),
    "control": names(golden("ControlBlockTest.testWriteXmlDefaults")),
    "login": names(golden("LoginAuthenticationTest.testWriteXmlWithEntity")[0]),
}
REPEATED = {"arpaymentitem", "lineitem"}
CUSTOMER = {each.tag for each in golden("CustomerCreateTest.testFullXml").iter()}
ARPYMT = {
    "FINANCIALENTITY", "PAYMENTMETHOD", "CUSTOMERID", "DOCNUMBER", "RECEIPTDATE", "ARPYMTDETAILS", "ARPYMTDETAIL",
    "RECORDKEY", "BASECURR", "CURRENCY", "ADJUSTMENTKEY", "TRX_ADJUSTMENTAMOUNT", "ARPYMT",
}  # fmt: skip


def american(text):
    return datetime.strptime(text, "%m/%d/%Y").date().isoformat()


class Refusal(Exception):
    def __init__(self, number, words):
        self.number, self.words = number, words


def in_order(element, rule):
    """Refuse elements that the examples do not have, or have elsewhere."""
    order, place = ORDERS[rule], 0
    for name in names(element):
        if name not in order[place:]:
            raise Refusal("XL03000003", f"Element {element.tag} content does not follow the DTD, expecting {order}")
        place += order[place:].index(name) + (0 if name in REPEATED else 1)
