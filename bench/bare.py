"""Copies of the tables without triggers, CHECKs and foreign keys, in a schema of their own: what the guards cost.

They keep keys and indexes, so that what is missing is the guards alone. They hold only the rows that an operation
locks or changes, and no balance moves in them.
"""

from collections.abc import Sequence

from django.conf import settings
from psycopg import sql

from bench.hand import Subject
from receivables.core import provision

TABLES = [
    "customers_customer",
    "customers_account",
    "billing_load",
    "billing_accessorial",
    "billing_invoice",
    "billing_revision",
    "billing_revisionline",
    "billing_revisiontax",
    "billing_creditnote",
    "billing_creditnoteline",
    "ledger_openitem",
    "ledger_journalentry",
    "ledger_journalline",
    "ledger_allocation",
    "collections_payment",
    "collections_paymentreversal",
    "collections_resolution",
    "collections_payoff",
    "core_event",
    "core_sequence",
]

TAKE_NUMBERS = """
CREATE FUNCTION bare.take_numbers(p_organization bigint, p_kinds text[], p_counts int[])
RETURNS TABLE (kind text, first bigint, prefix text, width int) LANGUAGE sql AS $$
  UPDATE bare.core_sequence s SET last = s.last + w.count FROM unnest(p_kinds, p_counts) AS w (kind, count)
   WHERE s.organization_id = p_organization AND s.kind = w.kind
  RETURNING s.kind, s.last - w.count + 1, s.prefix, s.width::int $$;
"""


def make() -> None:
    """The schema `bare`, in which the application may read, add and change everything."""
    role = sql.Identifier(settings.DATABASES["default"]["USER"])
    with provision.connect("owner") as connection:
        connection.execute("DROP SCHEMA IF EXISTS bare CASCADE")
        connection.execute("CREATE SCHEMA bare")
        for table in TABLES:
            connection.execute(
                f"CREATE TABLE bare.{table} "
                f"(LIKE public.{table} INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES)"
            )
        connection.execute("INSERT INTO bare.core_sequence SELECT * FROM public.core_sequence")
        connection.execute(TAKE_NUMBERS)
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA bare TO {}").format(role))
        connection.execute(sql.SQL("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA bare TO {}").format(role))
        connection.execute(sql.SQL("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA bare TO {}").format(role))


def take_over(subjects: Sequence[Subject]) -> None:
    """Copy the customers, accounts and loads of these subjects."""
    keys = {"customers_customer": "customer", "customers_account": "account", "billing_load": "load"}
    with provision.connect("owner") as connection:
        for table, key in keys.items():
            connection.execute(
                f"INSERT INTO bare.{table} SELECT * FROM public.{table} WHERE id = ANY(%s)",
                [[subject[key] for subject in subjects]],
            )
