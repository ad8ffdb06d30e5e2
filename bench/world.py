"""The organization that the benchmark works in, and rows for it: made by COPY into the guarded tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from django.db import models

from accounts.models import Membership, User
from accounts.organizations import Installer, create_organization
from accounts.roles import Role
from bench import scratch
from receivables.billing.models import AccessorialType, Reason, TaxCode
from receivables.collections.models import BankAccount, PayOffPolicy
from receivables.core.dates import today
from receivables.customers.models import AgreementType, CollectionClass, PaymentTerms
from receivables.ledger.models import GLAccount


@dataclass(frozen=True)
class World:
    """An organization, one of its Admins, and the keys of its settings."""

    actor: Membership
    today: date
    terms: int
    collection_class: int
    agreement_type: int
    bank: BankAccount
    fuel: AccessorialType
    write_off: AccessorialType
    tax: TaxCode
    bad_debt: Reason
    gl: dict[str, int]

    @property
    def organization(self) -> int:
        return self.actor.organization_id

    @property
    def user(self) -> int:
        return self.actor.user_id


def make_world() -> World:
    """An organization through the operation, with what billing needs."""
    organization = create_organization(actor=Installer(), name="Benchmark", slug="benchmark", currency="USD")
    user = User.objects.create_user("bench@example.com", password=None, full_name="Bench Admin")
    actor = Membership.objects.create(organization=organization, user=user, role=Role.ADMIN)
    own = {"organization": organization}
    gl = dict(GLAccount.objects.of(actor).values_list("code", "pk"))
    tax = TaxCode.objects.create(code="VAT", name="Sales tax", rate="8.25", gl_account_id=gl["2200"], **own)
    return World(
        actor=actor,
        today=today(organization),
        terms=PaymentTerms.objects.of(actor).get(code="NET30").pk,
        collection_class=CollectionClass.objects.of(actor).get().pk,
        agreement_type=AgreementType.objects.of(actor).get(code="FREIGHT").pk,
        bank=BankAccount.objects.of(actor).get(),
        fuel=AccessorialType.objects.create(
            name="Fuel surcharge", kind="charge", gl_account_id=gl["4100"], entities=["customer"], **own
        ),
        write_off=AccessorialType.objects.create(
            name="Write-Off", kind="bad_debt", gl_account_id=gl["6100"], entities=["customer"], **own
        ),
        tax=tax,
        bad_debt=allowed_bad_debt(actor),
        gl=gl,
    )


def allowed_bad_debt(actor: Membership) -> Reason:
    """The reason of the pay-off policy, which lets 100.00 be given up on an invoice."""
    PayOffPolicy.objects.of(actor).update(maximum=100)
    return PayOffPolicy.objects.of(actor).select_related("reason").get().reason


def literal(value: Any) -> str:
    """A model's default as SQL."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "'{}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)


def defaults(model: type[models.Model]) -> dict[str, str]:
    """SQL for every column that may not be empty and that a copy does not name."""
    found = {}
    for field in model._meta.concrete_fields:
        if field.null or field.primary_key:
            continue
        if isinstance(field, models.DateTimeField):
            found[field.column] = "now()"
        elif field.has_default():
            found[field.column] = literal(field.get_default())
        elif field.empty_strings_allowed:
            found[field.column] = "''"
    return found


class Copier:
    """Moves what one connection SELECTs into a table by COPY on another; both are the application's."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.reader = scratch.plain()
        self.reader.autocommit = True
        self.writer = scratch.plain()

    def __enter__(self) -> "Copier":
        return self

    def __exit__(self, *error: Any) -> None:
        self.reader.close()
        self.writer.close()

    def copy(self, model: type[models.Model], source: str, **columns: Any) -> None:
        """COPY one row into the model's table for each row of `source`; `columns` are SQL over it."""
        values = {**defaults(model), "organization_id": self.world.organization, **columns}
        select = f"COPY (SELECT {', '.join(map(str, values.values()))} FROM {source}) TO STDOUT"
        into = f"COPY {model._meta.db_table} ({', '.join(values)}) FROM STDIN"
        with self.reader.cursor().copy(select) as out, self.writer.cursor().copy(into) as target:
            for block in out:
                target.write(block)

    def keys(self, count: int, *tables: type[models.Model]) -> list[int]:
        """For each table the first of `count` consecutive new keys."""
        return [self._reserve(model._meta.db_table, count) for model in tables]

    def _reserve(self, table: str, count: int) -> int:
        statement = (
            "SELECT min(v) FROM (SELECT nextval(pg_get_serial_sequence(%s, 'id')) AS v FROM generate_series(1, %s)) s"
        )
        return one(self.reader, statement, [table, max(count, 1)])

    def take(self, kind: str, count: int) -> int:
        """The first of `count` document numbers, taken in the writer's transaction."""
        return one(
            self.writer, "SELECT first FROM take_numbers(%s, %s, %s)", [self.world.organization, [kind], [count]]
        )


def one(connection: psycopg.Connection, statement: str, parameters: Sequence[Any] = ()) -> int:
    row = connection.execute(statement, parameters).fetchone()
    assert row is not None
    return int(row[0])
