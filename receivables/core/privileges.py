"""Gives the application's login exactly the rights of the grant lists, and finds any right beyond them."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from psycopg import sql

from receivables.core.grants import Grant

DEFAULT = Grant("look and add")


def lists() -> Iterator[Any]:
    """The `grants` modules of our packages."""
    for name in settings.OWN_APPS:
        if find_spec(f"{name}.grants"):
            yield import_module(f"{name}.grants")


def table_grants() -> dict[str, Grant]:
    """Every table named in a list. Raises `ValueError` if two lists name the same one."""
    merged: dict[str, Grant] = {}
    for module in lists():
        twice = merged.keys() & module.GRANTS.keys()
        if twice:
            raise ValueError(f"{module.__name__} names tables that another list names: {', '.join(sorted(twice))}")
        merged.update(module.GRANTS)
    return merged


def named_functions() -> dict[str, str]:
    """Functions with the owner's rights that the application may call, with the reason."""
    return {name: why for module in lists() for name, why in getattr(module, "FUNCTIONS", {}).items()}


def apply(cursor: Any, role: str) -> None:
    """Make the role's rights in schema public those of the lists. `cursor` is the owner's, in a transaction."""
    run(cursor, "REVOKE ALL ON SCHEMA public FROM PUBLIC, {role}", role)
    run(cursor, "GRANT USAGE ON SCHEMA public TO {role}", role)
    run(cursor, "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {role}", role)
    run(cursor, "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {role}", role)
    run(cursor, "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}", role)
    run(cursor, "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC, {role}", role)
    run(cursor, "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC", role)
    grants = table_grants()
    for table in tables(cursor):
        for statement in statements(grants.get(table, DEFAULT)):
            run(cursor, statement, role, table=sql.Identifier(table))
    for function in callable_functions(cursor):
        run(cursor, f"GRANT EXECUTE ON FUNCTION {function} TO {{role}}", role)


def apply_to_database(cursor: Any, database: str, role: str) -> None:
    """The rights on the database itself, which a copy made with TEMPLATE does not inherit."""
    name = sql.Identifier(database)
    run(cursor, "REVOKE ALL ON DATABASE {database} FROM PUBLIC, {role}", role, database=name)
    run(cursor, "GRANT CONNECT ON DATABASE {database} TO {role}", role, database=name)


def run(cursor: Any, statement: str, role: str, **names: sql.Composable) -> None:
    cursor.execute(sql.SQL(statement).format(role=sql.Identifier(role), **names))


def statements(grant: Grant) -> Iterator[str]:
    """The GRANT statements of one table."""
    rights = ["SELECT"]
    if grant.insert:
        rights.append("INSERT")
    if grant.update == "all":
        rights.append("UPDATE")
    elif grant.update:
        rights.append(f"UPDATE ({', '.join(grant.update)})")
    if grant.delete:
        rights.append("DELETE")
    yield f"GRANT {', '.join(rights)} ON TABLE {{table}} TO {{role}}"


def tables(cursor: Any) -> list[str]:
    """Tables, partitioned tables and views of schema public."""
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')"
        " ORDER BY relname"
    )
    return [name for (name,) in cursor.fetchall()]


def callable_functions(cursor: Any) -> list[str]:
    """Signatures of what the application calls: with its own rights anything, with the owner's what a list names.

    Trigger functions need no right to fire.
    """
    cursor.execute(
        "SELECT oid::regprocedure::text FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace AND prorettype <> 'trigger'::regtype AND prokind = 'f'"
        " AND (NOT prosecdef OR proname = ANY(%s)) ORDER BY 1",
        [list(named_functions())],
    )
    return [signature for (signature,) in cursor.fetchall()]


FAULTS = """
SELECT 'has the attribute ' || attribute FROM pg_roles, LATERAL (VALUES
    ('superuser', rolsuper), ('createdb', rolcreatedb), ('createrole', rolcreaterole),
    ('bypassrls', rolbypassrls), ('replication', rolreplication)) AS a(attribute, held)
  WHERE rolname = %(role)s AND held
UNION ALL SELECT 'is a member of ' || pg_get_userbyid(roleid) FROM pg_auth_members
  WHERE member = (SELECT oid FROM pg_roles WHERE rolname = %(role)s)
UNION ALL SELECT 'owns ' || relname FROM pg_class WHERE pg_get_userbyid(relowner) = %(role)s
UNION ALL SELECT 'owns function ' || proname FROM pg_proc WHERE pg_get_userbyid(proowner) = %(role)s
UNION ALL SELECT 'owns schema ' || nspname FROM pg_namespace WHERE pg_get_userbyid(nspowner) = %(role)s
UNION ALL SELECT 'owns database ' || datname FROM pg_database WHERE pg_get_userbyid(datdba) = %(role)s
UNION ALL SELECT 'may create in schema ' || nspname FROM pg_namespace
  WHERE nspname = 'public' AND has_schema_privilege(%(role)s, oid, 'CREATE')
UNION ALL SELECT 'may create schemas' WHERE has_database_privilege(%(role)s, current_database(), 'CREATE')
UNION ALL SELECT 'may create temporary tables' WHERE has_database_privilege(%(role)s, current_database(), 'TEMP')
UNION ALL SELECT 'may ' || lower(verb) || ' ' || relname
  FROM pg_class, unnest(ARRAY['TRUNCATE', 'TRIGGER', 'REFERENCES']) AS verb
  WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')
    AND has_table_privilege(%(role)s, oid, verb)
"""


def faults(cursor: Any, role: str) -> list[str]:
    """Rights of the application's login that no list could give: empty in a sound database (P5)."""
    cursor.execute(FAULTS, {"role": role})
    return [fault for (fault,) in cursor.fetchall()]
