"""Bad debt that was recovered in part, and the tax inside the rest of it claimed back."""

from datetime import date

from receivables.billing.models import Reason
from receivables.billing.operations import generate_invoice
from receivables.collections.tax_relief.operations import claim_tax_relief
from receivables.collections.tax_relief.queries import worksheet
from receivables.core.dates import today
from tests.billing.credit_notes import tax_code
from tests.builders import make_account, make_load
from tests.collections.pay_offs import paid_off
from tests.collections.recoveries import recover


def lose_something(actor):
    """1,150.00 with tax, paid but for 80.00; 10.00 of them came after all, the tax in the others was claimed back.
    The reason's rule about tax is put back afterwards."""
    reasons = Reason.objects.of(actor).filter(kind="bad_debt", active=True)
    before = list(reasons.values_list("pk", "tax_rule", "relief_days"))
    reasons.update(tax_rule="relief_later", relief_days=0)
    load = make_load(actor, make_account(actor, "Late Payer"), "1000", tax_code=tax_code(actor, "15"))
    invoice = generate_invoice(actor=actor, load=load, issue_date=date(2026, 10, 5))
    paid_off(actor, invoice, "1070")
    recover(actor, invoice, "10")
    as_of = today(actor.organization)
    claim = claim_tax_relief(actor=actor, settlements=[each.key for each in worksheet(actor, as_of)], as_of=as_of)
    for pk, rule, days in before:
        Reason.objects.filter(pk=pk).update(tax_rule=rule, relief_days=days)
    return claim
