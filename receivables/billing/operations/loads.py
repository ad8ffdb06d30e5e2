"""Creating and editing loads."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.billing.models import Load
from receivables.billing.operations.locking import locked_load, number_format, touch
from receivables.billing.queries import price_load, revenue_account
from receivables.billing.rules import edit_load_blocker
from receivables.core.errors import Blocker, refuse
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.core.sequences import is_to_come, sequences_of, take_numbers
from receivables.customers.behaviour import OVER
from receivables.customers.models import Account, Agreement

EDITABLE = (
    "reference", "origin", "destination", "pickup_date", "delivery_date", "line_haul", "tax_code", "weight", "distance",
    "volume", "hours", "tonu",
)  # fmt: skip


def create_load_blocker(
    *, number_taken: bool, agreement_state: str, same_account: bool, billable: bool = True, to_come: str = ""
) -> Blocker | None:
    """A load needs a number of its own and an agreement of the account that may still be billed. `to_come` is a typed
    number that our own numbering will give out."""
    if number_taken:
        return Blocker("number_taken", _("A load with this number exists already."), field="number")
    if to_come:
        message = _("“%(value)s” is a number that this organization will give out itself.")
        return Blocker("number_to_come", message % {"value": to_come}, field="number")
    if not same_account:
        return Blocker("other_account", _("The service agreement belongs to another account."), field="agreement")
    if agreement_state in OVER:
        message = _("The service agreement is closed: start a new agreement to bill again.")
        return Blocker("agreement_closed", message, field="agreement")
    if not billable:
        return Blocker("not_billable", _("Agreements of this type are not billed."), field="agreement")
    return None


@operation
def create_load(
    *,
    actor: Any,
    account: Account,
    agreement: Agreement,
    line_haul: Decimal,
    number: str = "",
    reference: str = "",
    **details: Any,
) -> Load:
    """Enter a load to be billed; without a number it gets the next one. Amounts are in the agreement's currency."""
    number = number.strip()
    taken = bool(number) and Load.objects.of(actor).filter(number__iexact=number).exists()
    to_come = bool(number) and is_to_come(sequences_of(actor, "load").get("load"), number)
    refuse(
        create_load_blocker(
            number_taken=taken, agreement_state=agreement.state, same_account=agreement.account_id == account.pk,
            billable=agreement.type.eligible_for_billing, to_come=number if to_come else "",
        )
    )  # fmt: skip
    if not number:
        number = take_numbers(actor.organization_id, {"load": 1})["load"][0][1]
    load = Load(
        organization=actor.organization, number=number, account=account, agreement=agreement,
        currency=agreement.currency, reference=reference, line_haul=line_haul, **_known(details),
    )  # fmt: skip
    load.charges_total = price_load(load, [], revenue_account(actor)).total
    load.save(force_insert=True)
    record(actor, "create_load", load, about=[account], line_haul=line_haul, currency=load.currency)
    return load


def _known(details: dict[str, Any]) -> dict[str, Any]:
    unknown = set(details) - set(EDITABLE)
    if unknown:
        raise TypeError(f"a load has no {', '.join(sorted(unknown))}")
    return details


@operation
def edit_load(*, actor: Any, load: Load, seen: int | None = None, **changes: Any) -> Load:
    """Change a load's details or line haul. An invoice that was generated before then shows Out of date."""
    state = locked_load(actor, load, seen)
    current = state.load
    before = {name: getattr(current, name) for name in _known(changes)}
    changed = {name: value for name, value in changes.items() if before[name] != value}
    for name, value in changed.items():
        setattr(current, name, value)
    priced = state.priced_with(state.accessorials)
    refuse(edit_load_blocker(state.facts(number_format(actor), priced)))
    touch(state, priced[0], *changed)
    record(
        actor, "edit_load", current, about=[current.invoice],
        before={name: before[name] for name in changed}, after=changed,
    )  # fmt: skip
    return current
