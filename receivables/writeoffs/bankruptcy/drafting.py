"""A bankruptcy before it is carried out: locked, read and checked, worked out to the last line."""

import datetime
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from receivables.approvals.models import AuthorityKind
from receivables.approvals.operations import authority_of, waiting_request
from receivables.billing.models import Invoice
from receivables.billing.operations.revisions import chosen_posting_date
from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import refuse
from receivables.customers.models import Account, Agreement, AgreementType, Customer
from receivables.ledger.models import GLAccount, OpenItem
from receivables.ledger.moved import first_items
from receivables.writeoffs.bankruptcy.rules import BankruptcyFacts, start_bankruptcy_blocker
from receivables.writeoffs.drafting import last_posted, read_debts, waiting_for
from receivables.writeoffs.models import Bankruptcy, WriteOff
from receivables.writeoffs.planning import Debt, Plan, Route, Routes, plan
from receivables.writeoffs.reading import gl_accounts, routes
from receivables.writeoffs.rules import account_not_found_blocker, still_owed_blocker

ZERO = Decimal(0)
VERB = "start_bankruptcy"
State, SpecialRole = Agreement.State, AgreementType.SpecialRole
IN_SERVICE = (State.ACTIVE, State.PENDING_START, State.PENDING_STOP)


@dataclass(frozen=True)
class Filing:
    """What somebody enters: the day of the petition, its court and case. `seen` is the digest of what the person was
    shown, empty if nothing was."""

    account: Account
    filed_on: datetime.date
    reference: str
    posting_date: datetime.date | None = None
    seen: str = ""


@dataclass(frozen=True, kw_only=True)
class Moving:
    """Debt that moves to the bankruptcy type, worked out: `plans` by currency."""

    account: Account
    moved: tuple[Debt, ...]
    plans: Mapping[str, Plan]
    date: datetime.date
    posting_date: datetime.date
    own_currency: str

    @property
    def asked(self) -> tuple[str, Decimal]:
        """Currency and amount that authority is measured by: the debt's own, of several the organization's."""
        if len(self.plans) == 1:
            currency, whole = next(iter(self.plans.items()))
            return currency, whole.amount
        return self.own_currency, sum((each.own_amount for each in self.plans.values()), ZERO)

    @property
    def facts(self) -> tuple[Any, ...]:
        """What would happen."""
        return tuple(
            (share.debt.key, share.booked_account_id, share.route, str(share.amount.normalize()))
            for each in self.plans.values()
            for share in each.shares
        )

    @property
    def digest(self) -> str:
        """A fingerprint of it."""
        return hashlib.sha256(repr(self.facts).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Draft(Moving):
    """A bankruptcy worked out: what is stopped besides, and what came after the petition and stays (`later`)."""

    filing: Filing
    stopping: tuple[Agreement, ...]
    later: tuple[Debt, ...]

    @property
    def facts(self) -> tuple[Any, ...]:
        return *super().facts, [each.pk for each in self.stopping], self.filing.filed_on.isoformat()


def exceeds_authority(actor: Any, asked: tuple[str, Decimal]) -> bool:
    """Whether this is more than the actor may write off alone."""
    currency, amount = asked
    return not authority_of(actor, AuthorityKind.WRITE_OFF, currency).covers(amount)


def bankruptcy_type(actor: Any) -> AgreementType | None:
    """The write-off type that takes no payments: what stands on it is legally uncollectable."""
    rows = AgreementType.objects.of(actor).filter(special_role=SpecialRole.WRITE_OFF, active=True)
    return rows.filter(payment_segment_type="").order_by("payment_priority", "pk").first()


def drafted(actor: Any, filing: Filing) -> Draft:
    """Lock the account, read everything anew, refuse what the rule forbids, and work it out. `Refused`."""
    waiting_request(filing.account, VERB)
    lock_rows(Customer.objects.of(actor), [filing.account.customer_id])  # to whom an account is added
    locked = lock_rows(Account.objects.of(actor).select_related("customer"), [filing.account.pk])
    refuse(account_not_found_blocker(found=bool(locked)))
    account = locked[0]
    debts, held = read_debts(actor, account.pk, gl_accounts(actor))
    moved, later = parted(debts, held, documents_of(actor, debts), filing.filed_on)
    kind, day = bankruptcy_type(actor), today(actor.organization)
    posted = last_posted(actor, [(debt, debt.balance) for debt in moved])
    refuse(
        start_bankruptcy_blocker(
            BankruptcyFacts(
                filing.filed_on, day, filing.reference,
                started=standing(actor, account).exists(),
                asked=waiting_for(actor, account, VERB).exists(), customer_active=account.customer.active,
                type_found=kind is not None, posting_date=filing.posting_date, posted=posted,
            )
        )
    )  # fmt: skip
    draft = Draft(
        filing=filing, stopping=stopping(actor, account), later=tuple(later),
        **worked_out(actor, account, moved, kind, posted, filing.posting_date),
    )  # fmt: skip
    refuse(still_owed_blocker(gone=filing.seen not in ("", draft.digest)))
    return draft


def worked_out(
    actor: Any, account: Account, moved: Sequence[Debt], kind: AgreementType | None, posted: datetime.date | None,
    chosen: datetime.date | None,
) -> dict[str, Any]:  # fmt: skip
    """What `Moving` consists of; `posted` is the last day on which some of the debt was opened."""
    day, own = today(actor.organization), actor.organization.currency
    return {
        "account": account, "moved": tuple(moved), "date": day, "own_currency": own,
        "plans": plans(moved, *_routes(actor, kind), own) if kind else {},
        "posting_date": chosen_posting_date(actor, max([day, *([posted] if posted else [])]), chosen),
    }  # fmt: skip


def standing(actor: Any, account: Account) -> QuerySet[Bankruptcy]:
    """The bankruptcy of an account that was not withdrawn, if there is one."""
    return Bankruptcy.objects.of(actor).filter(account=account, withdrawal__isnull=True)


def bankrupt_accounts(actor: Any, accounts: Collection[int]) -> set[int]:
    """Those of the accounts that a petition which stands was filed for. Law stays whoever would press for what they owe
    (in the United States 11 U.S.C. 362)."""
    rows = Bankruptcy.objects.of(actor).filter(account__in=accounts, withdrawal__isnull=True)
    return set(rows.values_list("account_id", flat=True))


def stopping(actor: Any, account: Account) -> tuple[Agreement, ...]:
    """The service of an account that runs or is to begin."""
    rows = Agreement.objects.of(actor).filter(
        account=account, state__in=IN_SERVICE, type__special_role=SpecialRole.NONE
    )
    return tuple(rows.order_by("pk"))


def concerned(actor: Any, moved: Sequence[Debt], write_offs: Sequence[WriteOff]) -> list[Any]:
    """In whose history it shows that debt moved: its invoices and their loads, the agreements it left and came to."""
    items = [debt.item_id for debt in moved if debt.item_id]
    rows = Invoice.objects.of(actor).filter(open_item__in=first_items(items)).prefetch_related("loads")
    invoices = list(rows.order_by("pk"))
    loads = [load for invoice in invoices for load in invoice.loads.all()]
    keys = {debt.agreement_id for debt in moved}
    sources = Agreement.objects.of(actor).filter(pk__in=keys).order_by("pk")
    targets = Agreement.objects.of(actor).filter(write_off_items__write_off__in=write_offs).distinct().order_by("pk")
    return [*invoices, *loads, *sources, *targets]


def documents_of(actor: Any, debts: Sequence[Debt]) -> dict[int, datetime.date]:
    """The days of the documents that debts stand on."""
    keys = [debt.item_id for debt in debts if debt.item_id]
    return dict(OpenItem.objects.of(actor).filter(pk__in=keys).values_list("pk", "document_date"))


def parted(
    debts: Sequence[Debt],
    held: Mapping[int, Agreement],
    documents: Mapping[int, datetime.date],
    filed_on: datetime.date,
) -> tuple[list[Debt], list[Debt]]:
    """What is from before the petition, the written-off included, and what came after it. What stands on the bankruptcy
    type already is neither."""
    moved: list[Debt] = []
    later: list[Debt] = []
    for debt in debts:
        kind = held[debt.agreement_id].type
        if debt.written_off and not kind.payment_segment_type:
            continue
        day = documents.get(debt.item_id, debt.due_date) if debt.item_id else debt.due_date
        (moved if debt.written_off or day <= filed_on else later).append(debt)
    return moved, later


def _routes(actor: Any, kind: AgreementType) -> tuple[Routes, Routes]:
    """Where debt goes that was never written off, and where that goes which was: its account keeps its total."""
    accounts: Mapping[int, GLAccount] = gl_accounts(actor)
    fresh = routes(actor, accounts, to_type=kind, keep_override=True)
    return fresh, Routes({pk: Route(kind.pk, pk) for pk in accounts})


def plans(moved: Sequence[Debt], fresh: Routes, kept: Routes, own_currency: str) -> dict[str, Plan]:
    """What moves where, by currency."""
    found: dict[str, Plan] = {}
    for currency in dict.fromkeys(debt.currency for debt in moved):
        of = [debt for debt in moved if debt.currency == currency]
        first = plan([(debt, debt.balance) for debt in of if not debt.written_off], fresh, own_currency)
        again = plan([(debt, debt.balance) for debt in of if debt.written_off], kept, own_currency)
        found[currency] = Plan((*first.shares, *again.shares))
    return found
