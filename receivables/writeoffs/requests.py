"""A write-off that waits for approval: the request that holds it, and what it comes to when it is granted."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.approvals.models import ApprovalRequest, AuthorityKind
from receivables.approvals.operations import ask
from receivables.billing.models import Invoice
from receivables.billing.operations.locking import number_format
from receivables.core.money import format_money
from receivables.customers.models import Account, Agreement, AgreementType
from receivables.ledger.moved import first_items
from receivables.writeoffs.drafting import VERB, Draft, Wanted, drafted


def ask_for(actor: Any, draft: Draft) -> ApprovalRequest:
    """Put exactly this write-off into the inbox."""
    fmt = number_format(actor)

    def text(amount: Decimal) -> str:
        return format_money(amount, draft.currency, fmt, with_code=True)

    words = {"amount": text(draft.amount), "account": draft.account.number}
    said = _("%(amount)s of %(number)s is written off; %(left)s stays owed on it.")
    preview = [
        said % {"amount": text(amount), "number": debt.number, "left": text(debt.balance - amount)}
        for debt, amount in draft.left
    ]
    preview += [
        _("%(amount)s goes to the write-off type “%(type)s”.") % {"amount": text(amount), "type": name}
        for name, amount in _by_type(draft).items()
    ]
    if draft.used:
        preview.append(_("%(money)s that the customer has with us is applied first.") % {"money": text(draft.used)})
    items = [debt.item_id for debt, _amount in draft.picked if debt.item_id]
    invoices = list(Invoice.objects.of(actor).filter(open_item__in=first_items(items)).order_by("pk"))
    agreements = Agreement.objects.of(actor).filter(pk__in={debt.agreement_id for debt, _amount in draft.picked})
    return ask(
        actor, verb=VERB, kind=AuthorityKind.WRITE_OFF, subject=draft.account,
        title=_("Write off %(amount)s of account %(account)s") % words, currency=draft.currency, amount=draft.amount,
        reason=draft.wanted.reason.strip(), facts=_facts(draft), preview=preview, about=[*invoices, *agreements],
    )  # fmt: skip


def _by_type(draft: Draft) -> dict[str, Decimal]:
    kinds = AgreementType.objects.in_bulk({share.route.type_id for share in draft.plan.shares})
    sums: dict[str, Decimal] = {}
    for share in draft.plan.shares:
        name = kinds[share.route.type_id].name
        sums[name] = sums.get(name, Decimal(0)) + share.amount
    return sums


def _facts(draft: Draft) -> dict[str, Any]:
    wanted = draft.wanted
    return {
        "account": wanted.account.pk,
        "picks": [[*debt.key, str(amount)] for debt, amount in draft.picked],
        "to_type": wanted.to_type.pk if wanted.to_type else None,
        "onto": wanted.other.pk if wanted.other else None,
        "posting_date": wanted.posting_date.isoformat() if wanted.posting_date else "",
        "load": wanted.load,
        "digest": draft.digest,
    }


def held(actor: Any, request: ApprovalRequest) -> Draft:
    """The write-off that a request holds, worked out anew under the lock. `Refused` where the rule forbids it now."""
    facts = request.facts
    return drafted(
        actor,
        Wanted(
            Account.objects.of(actor).get(pk=facts["account"]),
            request.reason,
            picks={(agreement, item): Decimal(amount) for agreement, item, amount in facts["picks"]},
            to_type=AgreementType.objects.of(actor).filter(pk=facts["to_type"]).first() if facts["to_type"] else None,
            onto=Account.objects.of(actor).get(pk=facts["onto"]) if facts["onto"] else None,
            posting_date=date.fromisoformat(facts["posting_date"]) if facts["posting_date"] else None,
            load=facts.get("load"),
        ),
    )
