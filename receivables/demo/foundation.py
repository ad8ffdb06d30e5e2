"""An organization of the demo before its first load: people, settings, rates, authority."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.contrib.auth.hashers import make_password

from accounts.demo import DOMAIN, PASSWORD
from accounts.models import Membership, Organization, User
from accounts.operations import invite_member
from accounts.organizations import Installer, create_organization
from accounts.roles import Role
from receivables.approvals.models import AuthorityKind, AuthorityLimit
from receivables.billing.models import AccessorialType, TaxCode
from receivables.collections.models import BankAccount, PayOffPolicy
from receivables.demo.profiles import LIMITS, PAY_OFF_LIMIT, Profile
from receivables.ledger.models import ExchangeRate, GLAccount
from receivables.ledger.queries import month_of, next_month

BOTH = ("jordan@" + DOMAIN, "Jordan Sayegh")  # Biller in one organization, Auditor in the other
STAFF = ("platform@" + DOMAIN, "Platform Desk")
TAX_ACCOUNT = "2200"


def make_organization(profile: Profile) -> Organization:
    """The organization with its first Admin."""
    admin = User.objects.create(
        email=address(profile, Role.ADMIN), full_name=profile.people[Role.ADMIN], password=encoded_password()
    )
    details = {key: value for key, value in profile.details.items() if key not in ("name", "currency")}
    return create_organization(
        actor=Installer(), name=profile.name, slug=profile.slug, currency=profile.currency, admin=admin, **details
    )


def address(profile: Profile, role: str) -> str:
    return f"{role.replace('_', '-')}@{profile.domain}"


def encoded_password() -> str:
    """The published password, hashed. The hash is slow by design, so callers hash once and share it."""
    return make_password(PASSWORD)


def invite_people(profile: Profile, organization: Organization, both_as: str) -> dict[str, Membership]:
    """One member per role, and the person who works for both organizations."""
    admin = Membership.objects.select_related("organization", "user").get(organization=organization, role=Role.ADMIN)
    members = {str(Role.ADMIN): admin}
    for role, name in profile.people.items():
        if role != Role.ADMIN:
            members[role] = invite_member(actor=admin, email=address(profile, role), full_name=name, role=role)
    email, name = BOTH
    invited = [*members.values(), invite_member(actor=admin, email=email, full_name=name, role=both_as)]
    for member in invited:
        member.organization = organization
    staff, _created = User.objects.get_or_create(
        email=STAFF[0], defaults={"full_name": STAFF[1], "is_platform_staff": True}
    )
    for user in [staff, *(member.user for member in invited)]:
        user.password = admin.user.password
        user.save(update_fields=["password"])
    return members


def make_settings(profile: Profile, organization: Organization) -> None:
    """Tax codes, accessorial types, bank accounts and authority, as an Admin would enter them in the settings."""
    own: dict[str, Any] = {"organization": organization}
    accounts = {account.code: account for account in GLAccount.objects.filter(organization=organization)}
    taxes = {
        code: TaxCode.objects.create(code=code, name=name, rate=rate, gl_account=accounts[TAX_ACCOUNT], **own)
        for code, name, rate in profile.taxes
    }
    AccessorialType.objects.bulk_create(
        AccessorialType(
            name=spec.name, kind=spec.kind, gl_account=accounts[spec.gl], rate_type=spec.rate_type,
            entities=list(spec.entities), tax_treatment=spec.treatment, tax_code=taxes.get(spec.tax), **own,
        )
        for spec in profile.types
    )  # fmt: skip
    for bank in profile.banks:
        account = GLAccount.objects.create(code=bank.gl, name=bank.gl_name, kind=GLAccount.Kind.ASSET, **own)
        BankAccount.objects.create(name=bank.name, currency=bank.currency, gl_account=account, **own)
    AuthorityLimit.objects.bulk_create(
        AuthorityLimit(role=role, kind=AuthorityKind.BAD_DEBT, currency=profile.currency, maximum=maximum, **own)
        for role, maximum in LIMITS.items()
    )
    PayOffPolicy.objects.filter(**own).update(maximum=PAY_OFF_LIMIT, why="Small rests are not worth a letter")


def make_rates(profile: Profile, organization: Organization, rng: Random, start: date, end: date) -> None:
    """An exchange rate for the first day of each month, wandering around its base."""
    rows = []
    for currency, (base, swing) in profile.rates.items():
        month = month_of(start - timedelta(days=31))
        while month <= end:
            rate = base + swing * Decimal(rng.randint(-100, 100)) / 100
            rows.append(ExchangeRate(organization=organization, currency=currency, date=month, rate=round(rate, 4)))
            month = next_month(month)
    ExchangeRate.objects.bulk_create(rows)
