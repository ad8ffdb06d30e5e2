"""The customers of a demo organization, with their accounts and agreements."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any

from receivables.customers.models import Account, Agreement, PaymentTerms
from receivables.customers.operations import (
    CustomerMade,
    create_account,
    create_agreement,
    create_customer,
    stop_agreement,
)
from receivables.demo.profiles import CustomerSpec, Profile

RENEWED_DAYS = 120  # how long ago renewed agreements were replaced by their successor


@dataclass(frozen=True)
class Client:
    """An account to bill, with the agreement that holds on a day."""

    account: Account
    agreements: list[Agreement]
    terms_days: int
    late: int
    size: int

    @property
    def currency(self) -> str:
        return str(self.agreements[0].currency)

    def agreement_on(self, day: date) -> Agreement:
        """The newest agreement that had begun by that day."""
        return max((each for each in self.agreements if each.start_date <= day), key=lambda each: each.start_date)


class Registry:
    """Enters customers as the Admin of the organization."""

    def __init__(self, actor: Any, profile: Profile, rng: Random, start: date, as_of: date) -> None:
        self.actor, self.profile, self.rng = actor, profile, rng
        self.begun = start - timedelta(days=60)
        self.renewed = as_of - timedelta(days=RENEWED_DAYS)
        self.terms = {terms.code: terms for terms in PaymentTerms.objects.of(actor)}

    def enter(self, index: int, spec: CustomerSpec) -> list[Client]:
        """A customer with its accounts, each with one agreement, renewed ones with two."""
        made = self.customer(index, spec)
        accounts = [made.account]
        for region in spec.regions:
            name = f"{spec.name} – {region}"
            accounts.append(create_account(actor=self.actor, customer=made.customer, name=name, start_date=self.begun))
        return [self.client(account, spec, position) for position, account in enumerate(accounts)]

    def client(self, account: Account, spec: CustomerSpec, position: int) -> Client:
        agreements = [account.agreements.select_related("type").get()]
        if spec.renewed:
            first = agreements[0]
            agreements.append(
                create_agreement(actor=self.actor, account=account, type=first.type, start_date=self.renewed)
            )
        size = spec.size if position == 0 else max(spec.size // 2, 1)
        return Client(account, agreements, self.terms[spec.terms].days, spec.late, size)

    def customer(self, index: int, spec: CustomerSpec) -> CustomerMade:
        country = spec.country or self.profile.details["country"]
        return create_customer(
            actor=self.actor, name=spec.name, terms=self.terms[spec.terms],
            currency=spec.currency or self.profile.currency, start_date=self.begun,
            email=f"ap@{spec.mail}.example", phone=self.profile.phone.format(index),
            tax_id=f"3{self.rng.randrange(10**12, 10**13)}3" if country == "SA" else "",
            address=f"{self.rng.randint(10, 9800)} Example Road", city=spec.city, region=spec.region,
            postal_code=f"{self.rng.randint(10000, 99999)}", country=country,
        )  # fmt: skip


def stop_replaced(actor: Any, clients: list[Client]) -> None:
    """Stop each agreement that a newer one replaced; those with nothing owed close by themselves."""
    for client in clients:
        for old, new in pairwise(client.agreements):
            day = new.start_date - timedelta(days=1)
            stop_agreement(actor=actor, agreement=old, stop_date=day, reason="Replaced by a new agreement")
