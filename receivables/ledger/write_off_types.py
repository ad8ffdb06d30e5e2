"""Where written-off debt goes by default: a tax account has a write-off type of its own, other liabilities share one.

A type of its own carries the tax account, so that what is paid later goes back to the true payable (source: published
write-off segmentation, one type per liability account).
"""

from receivables.customers.models import AgreementType
from receivables.ledger.models import GLAccount

LIABILITIES = "WO-LIA"


def _write_off_types(account: GLAccount) -> list[AgreementType]:
    """The organization's write-off types that take payments, that of liabilities first."""
    rows = AgreementType.objects.filter(
        organization_id=account.organization_id, special_role=AgreementType.SpecialRole.WRITE_OFF, active=True
    ).exclude(payment_segment_type="")
    return sorted(rows, key=lambda row: (row.code != LIABILITIES, row.pk))


def give_own_write_off_type(account: GLAccount) -> AgreementType | None:
    """Make the write-off type of a tax account, unless it has one that carries it; None without any write-off type."""
    types = _write_off_types(account)
    own = next((row for row in types if row.gl_account_id == account.pk), None)
    if own is None and types:
        model = types[0]
        own = AgreementType.objects.create(
            organization_id=account.organization_id, code=f"WO-{account.code}",
            name=f"{model.name}: {account.name}"[:120], division_id=model.division_id, gl_account=account,
            eligible_for_billing=False,
            payment_segment_type=model.payment_segment_type, debt_class_id=model.debt_class_id,
            write_off_debt_class_id=model.write_off_debt_class_id, special_role=model.special_role,
            one_time_charge=model.one_time_charge, do_not_overpay=True, payment_priority=model.payment_priority,
            alert_while_open=model.alert_while_open,
        )  # fmt: skip
    if own is not None and (account.write_off_type_id, account.write_off_override) != (own.pk, True):
        account.write_off_type, account.write_off_override = own, True
        account.save(update_fields=["write_off_type", "write_off_override"])
    return own


def share_liabilities_type(account: GLAccount) -> None:
    """A new liability account without a target of its own: written off to the type that liabilities share, by debiting
    the account itself."""
    liability = account.kind == GLAccount.Kind.LIABILITY and not account.role
    shared = next((row for row in _write_off_types(account) if row.code == LIABILITIES), None)
    if liability and account.write_off_type_id is None and shared is not None:
        account.write_off_type, account.write_off_override = shared, True
        account.save(update_fields=["write_off_type", "write_off_override"])
