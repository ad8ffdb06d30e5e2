"""What a fresh organization's books start with: chart of accounts, agreement types, classes and terms."""

from typing import Any

from receivables.customers.models import (
    AgreementType,
    CollectionClass,
    DebtClass,
    Division,
    PaymentTerms,
    WriteOffDebtClass,
)
from receivables.ledger.models import GLAccount
from receivables.ledger.write_off_types import give_own_write_off_type

Kind, Role = GLAccount.Kind, GLAccount.Role

CHART = [
    ("1000", "Bank", Kind.ASSET, Role.NONE),
    ("1200", "Accounts receivable", Kind.ASSET, Role.RECEIVABLES),
    ("1300", "Withholding tax receivable", Kind.ASSET, Role.NONE),
    ("1900", "Transfers between agreements", Kind.ASSET, Role.TRANSFER),
    ("1950", "Currency clearing", Kind.ASSET, Role.CURRENCY_CLEARING),
    ("2100", "Unapplied payments", Kind.LIABILITY, Role.UNAPPLIED),
    ("2200", "Sales tax payable", Kind.LIABILITY, Role.NONE),
    ("2300", "Customer deposits", Kind.LIABILITY, Role.NONE),
    ("2400", "Overpayments", Kind.LIABILITY, Role.NONE),
    ("2500", "Other liabilities", Kind.LIABILITY, Role.NONE),
    ("3900", "Opening balances", Kind.EQUITY, Role.OPENING),
    ("4000", "Freight revenue", Kind.INCOME, Role.REVENUE),
    ("4100", "Accessorial revenue", Kind.INCOME, Role.NONE),
    ("4900", "Price concessions", Kind.INCOME, Role.NONE),
    ("4950", "Discounts", Kind.INCOME, Role.NONE),
    ("6100", "Bad debt expense", Kind.EXPENSE, Role.NONE),
    ("6150", "Write-off expense", Kind.EXPENSE, Role.WRITE_OFF),
    ("6200", "Bank fees", Kind.EXPENSE, Role.NONE),
    ("6300", "Small differences", Kind.EXPENSE, Role.NONE),
    ("7000", "Realized exchange gain or loss", Kind.EXPENSE, Role.EXCHANGE),
]

TERMS = [("NET30", "Net 30 days", 30), ("NET15", "Net 15 days", 15), ("DUE", "Due on receipt", 0)]

# Write-off types: not billed, not chased, not overpaid, never written off again. Bankruptcy takes no payment.
# (code, name, GL account, billed, payments, debt class, write-off debt class, role, one-time, no overpay, priority)
TYPES = [
    ("FREIGHT", "Freight", "1200", True, "normal", "REG", "REG", "none", False, False, 10),
    ("WO-STD", "Write-off", "6150", False, "normal", "WO", "NA", "write_off", False, True, 90),
    ("WO-LIA", "Write-off of liabilities", "2500", False, "normal", "WO", "NA", "write_off", False, True, 91),
    ("WO-BKR", "Bankruptcy write-off", "6150", False, "", "WO", "NA", "write_off", False, True, 99),
    ("DEPOSIT", "Deposit", "2300", False, "normal", "NA", "NA", "deposit", False, False, 80),
    ("OVERPAY", "Overpayment", "2400", False, "normal", "NA", "NA", "overpayment", True, False, 95),
]


def set_up_books(*, actor: Any, event: Any, subject: Any) -> None:
    """Reaction to a new organization: its books, ready to post to."""
    own = {"organization": subject}
    division = Division.objects.create(code="GEN", name="General", **own)
    CollectionClass.objects.create(code="STD", name="Standard", **own)
    PaymentTerms.objects.bulk_create(PaymentTerms(code=code, name=name, days=days, **own) for code, name, days in TERMS)
    debt = {
        code: DebtClass.objects.create(code=code, name=name, eligible_for_collection=collectable, **own)
        for code, name, collectable in [("REG", "Regular", True), ("WO", "Written off", False), ("NA", "N/A", False)]
    }
    written = {
        code: WriteOffDebtClass.objects.create(code=code, name=name, eligible_for_write_off=eligible, **own)
        for code, name, eligible in [("REG", "Regular", True), ("NA", "N/A", False)]
    }
    GLAccount.objects.bulk_create(
        GLAccount(code=code, name=name, kind=kind, role=role, **own) for code, name, kind, role in CHART
    )
    accounts = {account.code: account for account in GLAccount.objects.filter(**own)}
    types = _agreement_types(own, division, accounts, debt, written)
    for account in accounts.values():
        if account.kind == Kind.INCOME:
            account.write_off_type = types["WO-STD"]
        elif account.kind == Kind.LIABILITY and not account.role:
            account.write_off_type, account.write_off_override = types["WO-LIA"], True
    GLAccount.objects.bulk_update(accounts.values(), ["write_off_type", "write_off_override"])
    give_own_write_off_type(accounts["2200"])


def _agreement_types(
    own: dict[str, Any], division: Division, accounts: dict[str, Any], debt: dict[str, Any], written: dict[str, Any]
) -> dict[str, AgreementType]:
    made = {}
    for code, name, account, billed, payments, debt_class, write_off, role, once, no_overpay, priority in TYPES:
        made[code] = AgreementType.objects.create(
            code=code, name=name, division=division, gl_account=accounts[account], eligible_for_billing=billed,
            payment_segment_type=payments, debt_class=debt[debt_class], write_off_debt_class=written[write_off],
            special_role=role, one_time_charge=once, do_not_overpay=no_overpay, payment_priority=priority,
            alert_while_open=role == "write_off", **own,
        )  # fmt: skip
    return made
