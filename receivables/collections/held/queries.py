"""Reading money held: on which agreement, of which payment, and how much of it is left."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from receivables.collections.held.models import Holding
from receivables.core.errors import Blocker, Refused
from receivables.customers.models import Agreement, AgreementType
from receivables.ledger.models import OpenItem

Role = AgreementType.SpecialRole
HOLDS_MONEY = (Role.DEPOSIT, Role.OVERPAYMENT)
KINDS = {Role.DEPOSIT: OpenItem.Kind.DEPOSIT, Role.OVERPAYMENT: OpenItem.Kind.OVERPAYMENT}
# In these states an agreement takes more money; what closed stays closed, and the next money gets a new one.
OPEN_STATES = (Agreement.State.ACTIVE, Agreement.State.REACTIVATED)
# Service that still runs, or will: its deposit is kept.
LIVE_STATES = (Agreement.State.PENDING_START, Agreement.State.ACTIVE, Agreement.State.PENDING_STOP)
STOPPED_STATES = (Agreement.State.STOPPED, Agreement.State.REACTIVATED)


def left_of(holding: Holding) -> Decimal:
    """What of it is still held; a credit is negative on its open item."""
    return -holding.open_item.balance


def holdings(actor: Any, **of: Any) -> QuerySet[Holding]:
    """What is held and not used up, the oldest first, with payment, item and agreement."""
    found = Holding.objects.of(actor).filter(open_item__balance__lt=0, **of)
    return found.select_related("open_item", "payment", "agreement__type").order_by("pk")


def overpayments(actor: Any, account_id: int, currency: str) -> list[Holding]:
    """What an account paid too much in a currency: the next distribution uses it first."""
    own = {"agreement__account_id": account_id, "currency": currency}
    return list(holdings(actor, agreement__type__special_role=Role.OVERPAYMENT, **own))


def total_of(found: Iterable[Holding]) -> Decimal:
    return sum((left_of(each) for each in found), Decimal(0))


def type_for(actor: Any, role: str) -> AgreementType:
    """The active agreement type that holds money in this role. Raises `Refused` where an organization has none."""
    found = AgreementType.objects.of(actor).filter(special_role=role, active=True).order_by("payment_priority", "pk")
    kind = found.first()
    if kind is None:
        raise Refused(no_type_blocker(role))
    return kind


def no_type_blocker(role: str) -> Blocker:
    message = _("No active agreement type has the special role “%(role)s”. An administrator can add one in Settings.")
    return Blocker("no_agreement_type", message % {"role": Role(role).label})


def open_agreement(actor: Any, account_id: int, role: str, currency: str) -> Agreement | None:
    """The agreement of an account that holds money in this role and takes more."""
    own = Agreement.objects.of(actor).filter(account_id=account_id, currency=currency, state__in=OPEN_STATES)
    return own.filter(type__special_role=role).select_related("type").order_by("pk").first()


def service_runs(actor: Any, account_id: int, currency: str) -> bool:
    """Whether the account still has service for which a deposit is kept."""
    own = Agreement.objects.of(actor).filter(account_id=account_id, currency=currency, state__in=LIVE_STATES)
    return own.exclude(type__special_role__in=[*HOLDS_MONEY, Role.WRITE_OFF]).exists()


def deposits_of_stopped_service(actor: Any, account_id: int, currency: str) -> list[Holding]:
    """The deposits of an account whose service is over: they may pay what is owed for it."""
    if service_runs(actor, account_id, currency):
        return []
    own = {"agreement__account_id": account_id, "currency": currency}
    return list(holdings(actor, agreement__type__special_role=Role.DEPOSIT, **own))
