"""The customers of a demo organization, with their accounts and agreements."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from receivables.core.sequences import take_numbers
from receivables.customers.models import Account, Agreement, AgreementType, CollectionClass, Customer, PaymentTerms
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
        self.start, self.as_of = start, as_of
        self.terms = {terms.code: terms for terms in PaymentTerms.objects.of(actor)}
        self.freight = AgreementType.objects.of(actor).get(code="FREIGHT")
        self.collection_class = CollectionClass.objects.of(actor).get()

    def enter(self, index: int, spec: CustomerSpec) -> list[Client]:
        """A customer with its accounts, each with one agreement, renewed ones with two."""
        customer = self.customer(index, spec)
        names = [spec.name, *(f"{spec.name} – {region}" for region in spec.regions)]
        clients = []
        for position, name in enumerate(names):
            account = self.account(customer, name)
            agreements = [self.agreement(account, customer.currency, self.start - timedelta(days=60))]
            if spec.renewed:
                renewed_on = self.as_of - timedelta(days=RENEWED_DAYS)
                agreements.append(self.agreement(account, customer.currency, renewed_on))
            size = spec.size if position == 0 else max(spec.size // 2, 1)
            clients.append(Client(account, agreements, self.terms[spec.terms].days, spec.late, size))
        return clients

    def customer(self, index: int, spec: CustomerSpec) -> Customer:
        country = spec.country or self.profile.details["country"]
        return Customer.objects.create(
            organization=self.actor.organization, number=self.number("customer"), name=spec.name,
            email=f"ap@{spec.mail}.example", phone=self.profile.phone.format(index),
            tax_id=f"3{self.rng.randrange(10**12, 10**13)}3" if country == "SA" else "",
            address=f"{self.rng.randint(10, 9800)} Example Road", city=spec.city, region=spec.region,
            postal_code=f"{self.rng.randint(10000, 99999)}", country=country, terms=self.terms[spec.terms],
            currency=spec.currency or self.profile.currency,
        )  # fmt: skip

    def account(self, customer: Customer, name: str) -> Account:
        return Account.objects.create(
            organization=self.actor.organization, customer=customer, number=self.number("account"), name=name,
            collection_class=self.collection_class,
        )  # fmt: skip

    def agreement(self, account: Account, currency: str, start: date) -> Agreement:
        return Agreement.objects.create(
            organization=self.actor.organization, account=account, type=self.freight, number=self.number("agreement"),
            currency=currency, start_date=start,
        )  # fmt: skip

    def number(self, kind: str) -> str:
        return take_numbers(self.actor.organization_id, {kind: 1})[kind][0][1]


def stop_replaced(actor: Any, clients: list[Client]) -> int:
    """Stop each agreement that a newer one replaced; those with nothing owed close by themselves."""
    replaced = [(client.agreements[0], client.agreements[1]) for client in clients if len(client.agreements) > 1]
    for old, new in replaced:
        stopped = new.start_date - timedelta(days=1)
        Agreement.objects.of(actor).filter(pk=old.pk).update(state=Agreement.State.STOPPED, stop_date=stopped)
    return len(replaced)
