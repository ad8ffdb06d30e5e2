"""May something be disputed, and a dispute be closed? Pure functions over facts."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from receivables.core.errors import Blocker
from receivables.core.money import NumberFormat, format_money


@dataclass(frozen=True)
class DisputeFacts:
    """An invoice, or one `load` of a summary invoice: what is open on it, and what of that is disputed already."""

    number: str
    currency: str
    fmt: NumberFormat
    balance: Decimal
    disputed: Decimal = Decimal(0)
    voided: bool = False
    load: str = ""
    on_invoice: bool = True

    def text(self, amount: Decimal) -> str:
        return format_money(amount, self.currency, self.fmt, with_code=True)

    @property
    def most(self) -> Decimal:
        """The most that can be disputed besides what is disputed already."""
        return max(self.balance - self.disputed, Decimal(0))


def open_dispute_blocker(facts: DisputeFacts, amount: Decimal | None = None) -> Blocker | None:
    """Only what is still open can be disputed, and nothing twice. Without an amount: may anything be?"""
    if facts.voided:
        return Blocker("void", _("Invoice %(number)s is void.") % {"number": facts.number})
    words = {"number": facts.number, "load": facts.load}
    if not facts.on_invoice:
        return Blocker("not_on_invoice", _("Load %(load)s is not on invoice %(number)s.") % words)
    if facts.balance <= 0 and facts.load:
        return Blocker("nothing_open", _("Nothing is open on load %(load)s, so nothing can be disputed.") % words)
    if facts.balance <= 0:
        return Blocker("nothing_open", _("Nothing is open on this invoice, so nothing can be disputed."))
    if facts.most <= 0 and facts.load:
        return Blocker("disputed_already", _("All that is open on load %(load)s is disputed already.") % words)
    if facts.most <= 0:
        return Blocker("disputed_already", _("All that is open on this invoice is disputed already."))
    if amount is None:
        return None
    if amount <= 0:
        return Blocker("zero_amount", _("Enter the amount that is disputed."), field="amount")
    if amount > facts.most:
        message = _("%(balance)s is open and %(disputed)s disputed already: the most you can add is %(most)s.")
        amounts = {"balance": facts.text(facts.balance), "disputed": facts.text(facts.disputed)}
        return Blocker("more_than_open", message % {**amounts, "most": facts.text(facts.most)}, field="amount")
    return None


def resolve_dispute_blocker(*, is_open: bool) -> Blocker | None:
    """A dispute is closed once."""
    return None if is_open else Blocker("already_closed", _("This dispute is closed already."))
