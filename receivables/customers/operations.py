"""Making and changing customers, their accounts and their agreements."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import Blocker, Refused, refuse, stale_blocker
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.core.sequences import is_to_come, sequences_of, take_numbers
from receivables.customers.models import Account, Agreement, AgreementType, CollectionClass, Customer, PaymentTerms
from receivables.customers.rules import (
    Numbers,
    cancel_agreement_blocker,
    create_account_blocker,
    create_agreement_blocker,
    create_customer_blocker,
    edit_account_blocker,
    edit_customer_blocker,
    start_agreement_blocker,
    stop_agreement_blocker,
)

CUSTOMER_FIELDS = (
    "number", "name", "email", "phone", "tax_id", "address", "city", "region", "postal_code", "country", "language",
    "terms", "note", "active",
)  # fmt: skip
ACCOUNT_FIELDS = ("name", "collection_class", "postpone_until", "alert")


@dataclass(frozen=True)
class CustomerMade:
    """What one step makes: a customer who can be billed at once."""

    customer: Customer
    account: Account
    agreement: Agreement


def number_taken(actor: Any, model: type[models.Model], number: str, except_pk: int | None = None) -> bool:
    """Whether a number is in use in the organization, whatever its case, or will be given out by our own numbering."""
    rows = model.objects.filter(organization_id=actor.organization_id, number__iexact=number)  # type: ignore[attr-defined]
    if not number or (except_pk is not None and rows.filter(pk=except_pk).exists()):
        return False
    kind = str(model._meta.model_name)
    return rows.exists() or is_to_come(sequences_of(actor, kind).get(kind), number)


def default_agreement_type(actor: Any) -> AgreementType:
    """The type of ordinary service: the active normal type that is paid first. Raises `Refused` if there is none."""
    normal = AgreementType.objects.of(actor).filter(special_role=AgreementType.SpecialRole.NONE, active=True)
    found = normal.order_by("payment_priority", "pk").first()
    if found is None:
        raise Refused(
            Blocker("no_type", _("Every type of ordinary service is switched off. Switch one on in the settings."))
        )
    return found


def default_terms(actor: Any) -> PaymentTerms:
    """The terms of new customers: the first active ones. Raises `Refused` if there are none."""
    found = PaymentTerms.objects.of(actor).filter(active=True).order_by("pk").first()
    if found is None:
        raise Refused(Blocker("no_terms", _("All payment terms are switched off. Switch some on in the settings.")))
    return found


def _numbers(actor: Any, **typed: str) -> dict[str, str]:
    """What was typed, or the next number of each kind left empty, all in one statement."""
    taken = take_numbers(actor.organization_id, {kind: 1 for kind, number in typed.items() if not number})
    return {kind: number or taken[kind][0][1] for kind, number in typed.items()}


@operation
def create_customer(
    *, actor: Any, name: str, terms: PaymentTerms | None = None, currency: str = "", number: str = "",
    account_number: str = "", start_date: date | None = None, **details: Any,
) -> CustomerMade:  # fmt: skip
    """Make a customer with a first account and a freight agreement, in one step.

    Empty numbers are taken from their sequences; without a currency it is the organization's. Raises `Refused` for a
    number in use or a currency that does not exist.
    """
    currency = (currency or actor.organization.currency).upper()
    number, account_number = number.strip(), account_number.strip()
    facts = Numbers(number_taken(actor, Customer, number), number_taken(actor, Account, account_number))
    refuse(create_customer_blocker(name=name, currency=currency, numbers=facts))
    unknown = set(details) - set(CUSTOMER_FIELDS)
    if unknown:
        raise TypeError(f"a customer has no {', '.join(sorted(unknown))}")
    numbers = _numbers(actor, customer=number, account=account_number, agreement="")
    customer = Customer.objects.create(
        organization=actor.organization, number=numbers["customer"], name=name.strip(), currency=currency,
        terms=terms or default_terms(actor), **details,
    )  # fmt: skip
    account = _account(actor, customer, numbers["account"], name=customer.name)
    agreement = _agreement(
        actor, account, default_agreement_type(actor), numbers["agreement"], currency, start_date
    )  # fmt: skip
    record(
        actor, "create_customer", customer, about=[account, agreement], number=customer.number, name=customer.name,
        currency=currency,
    )  # fmt: skip
    return CustomerMade(customer, account, agreement)


def _account(actor: Any, customer: Customer, number: str, **details: Any) -> Account:
    if not details.get("collection_class"):
        details["collection_class"] = CollectionClass.objects.of(actor).order_by("pk")[:1].get()
    return Account.objects.create(organization=actor.organization, customer=customer, number=number, **details)


def _agreement(
    actor: Any, account: Account, kind: AgreementType, number: str, currency: str, start_date: date | None
) -> Agreement:
    start = start_date or today(actor.organization)
    state = Agreement.State.ACTIVE if start <= today(actor.organization) else Agreement.State.PENDING_START
    return Agreement.objects.create(
        organization=actor.organization, account=account, type=kind, number=number, currency=currency,
        start_date=start, state=state,
    )  # fmt: skip


@operation
def edit_customer(*, actor: Any, customer: Customer, seen: int | None = None, **changes: Any) -> Customer:
    """Change a customer's master data; documents that were issued keep what they say; the event has both states."""
    current = lock_rows(Customer.objects.of(actor), [customer.pk])[0]
    refuse(stale_blocker(current.version, seen))
    number = str(changes.get("number") or current.number).strip()
    changes = {**changes, "number": number}
    taken = number_taken(actor, Customer, number, current.pk)
    refuse(edit_customer_blocker(name=str(changes.get("name", current.name)), number_taken=taken))
    return _edited(actor, "edit_customer", current, CUSTOMER_FIELDS, changes)


@operation
def create_account(
    *, actor: Any, customer: Customer, name: str = "", number: str = "", currency: str = "",
    collection_class: CollectionClass | None = None, start_date: date | None = None,
) -> Account:  # fmt: skip
    """Open a further account for a customer, with a freight agreement in the customer's or the given currency."""
    customer = lock_rows(Customer.objects.of(actor), [customer.pk])[0]
    currency = (currency or customer.currency).upper()
    number = number.strip()
    facts = Numbers(account_taken=number_taken(actor, Account, number))
    refuse(create_account_blocker(customer_active=customer.active, currency=currency, numbers=facts))
    numbers = _numbers(actor, account=number, agreement="")
    account = _account(
        actor, customer, numbers["account"], name=name or customer.name, collection_class=collection_class
    )  # fmt: skip
    agreement = _agreement(actor, account, default_agreement_type(actor), numbers["agreement"], currency, start_date)
    record(
        actor, "create_account", account, about=[customer, agreement], number=account.number, currency=currency
    )  # fmt: skip
    return account


@operation
def edit_account(*, actor: Any, account: Account, seen: int | None = None, **changes: Any) -> Account:
    """Change an account's name, alert, collection class or until when nobody chases it."""
    current = lock_rows(Account.objects.of(actor), [account.pk])[0]
    refuse(stale_blocker(current.version, seen))
    refuse(edit_account_blocker(number_taken=False))
    return _edited(actor, "edit_account", current, ACCOUNT_FIELDS, changes, about=[current.customer])


def _edited(actor: Any, name: str, row: Any, fields: tuple[str, ...], changes: dict[str, Any], about: Any = ()) -> Any:
    """Save the fields that changed as the row's next version and record both states; nothing if nothing changed."""
    unknown = set(changes) - set(fields)
    if unknown:
        raise TypeError(f"{name} can't change {', '.join(sorted(unknown))}")
    changed = {field: value for field, value in changes.items() if getattr(row, field) != value}
    if not changed:
        return row
    before = {field: _shown(getattr(row, field)) for field in changed}
    for field, value in changed.items():
        setattr(row, field, value)
    row.version += 1
    row.save(update_fields=[*changed, "version"])
    record(
        actor, name, row, about=about, before=before, after={field: _shown(value) for field, value in changed.items()}
    )
    return row


def _shown(value: Any) -> Any:
    return str(value) if isinstance(value, models.Model) else value


@operation
def create_agreement(
    *, actor: Any, account: Account, type: AgreementType, currency: str = "", number: str = "",
    start_date: date | None = None,
) -> Agreement:  # fmt: skip
    """Start a further service agreement of a normal type on an account, in one currency for good."""
    lock_rows(Account.objects.of(actor), [account.pk])
    currency = (currency or account.customer.currency).upper()
    taken = number_taken(actor, Agreement, number.strip())
    refuse(
        create_agreement_blocker(
            special_role=type.special_role, type_active=type.active, currency=currency, number_taken=taken
        )
    )
    numbers = _numbers(actor, agreement=number.strip())
    agreement = _agreement(actor, account, type, numbers["agreement"], currency, start_date)
    record(
        actor, "create_agreement", agreement, about=[account, account.customer], number=agreement.number,
        type=type.name, currency=currency,
    )  # fmt: skip
    return agreement


def _locked_agreement(actor: Any, agreement: Agreement, seen: int | None) -> Agreement:
    lock_rows(Account.objects.of(actor), [agreement.account_id])
    current = Agreement.objects.of(actor).select_related("type", "account__customer").get(pk=agreement.pk)
    refuse(stale_blocker(current.version, seen))
    return current


@operation
def start_agreement(*, actor: Any, agreement: Agreement, seen: int | None = None) -> Agreement:
    """Begin service on an agreement whose day has come: Pending start → Active (documented behaviour)."""
    current = _locked_agreement(actor, agreement, seen)
    day = today(actor.organization)
    refuse(start_agreement_blocker(state=current.state, start_date=current.start_date, today=day))
    return _moved(actor, "start_agreement", current, Agreement.State.ACTIVE, current.state, "")


@operation
def stop_agreement(
    *, actor: Any, agreement: Agreement, stop_date: date | None = None, reason: str = "", seen: int | None = None
) -> Agreement:
    """Stop service on a date. Active → Pending stop → Stopped: a date that has come stops it at once, one to come
    leaves it pending. At zero it closes by itself; else it closes when its debt is gone (documented behaviour)."""
    current = _locked_agreement(actor, agreement, seen)
    refuse(stop_agreement_blocker(state=current.state, special_role=current.type.special_role))
    day = stop_date or today(actor.organization)
    before = current.state
    due = day <= today(actor.organization)
    return _moved(
        actor, "stop_agreement", current, Agreement.State.STOPPED if due else Agreement.State.PENDING_STOP, before,
        reason, stop_date=max(day, current.start_date),
    )  # fmt: skip


@operation
def cancel_agreement(*, actor: Any, agreement: Agreement, reason: str = "", seen: int | None = None) -> Agreement:
    """Take back an agreement to which nothing was ever posted."""
    current = _locked_agreement(actor, agreement, seen)
    posted = current.transactions.exists()
    refuse(cancel_agreement_blocker(state=current.state, posted=posted))
    return _moved(actor, "cancel_agreement", current, Agreement.State.CANCELLED, current.state, reason)


def resume_service(
    actor: Any, agreement: Agreement, *, state: str, stop_date: date | None, awaits_final_bill: bool, reason: str
) -> Agreement:
    """Take a stop back that was made in error, under the account's lock: service is as it was before. For the act that
    stopped it; a person starts a new agreement instead."""
    if agreement.awaits_final_bill != awaits_final_bill:
        agreement.awaits_final_bill = awaits_final_bill
        agreement.save(update_fields=["awaits_final_bill"])
    return _moved(actor, "service_resumed", agreement, state, agreement.state, reason, stop_date=stop_date)


def _moved(
    actor: Any, name: str, agreement: Agreement, state: str, before: str, reason: str, **changed: Any
) -> Agreement:
    """Write a state; the database may take it one step further (Stopped at zero is Closed), which the event says."""
    agreement.state = state
    for field, value in changed.items():
        setattr(agreement, field, value)
    agreement.version += 1
    agreement.save(update_fields=["state", "version", *changed])
    agreement.refresh_from_db(fields=["state"])
    record(
        actor, name, agreement, about=[agreement.account, agreement.account.customer], reason=reason,
        before={"state": Agreement.State(before).label}, after={"state": Agreement.State(agreement.state).label},
        **changed,
    )  # fmt: skip
    return agreement
