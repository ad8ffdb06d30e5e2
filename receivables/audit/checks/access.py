"""Checks of what lies between organizations and systems, and of the guards themselves."""

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db.models import ForeignKey
from django.utils.translation import gettext_lazy as _

from receivables.audit import made
from receivables.audit.checks.base import Check, Rows
from receivables.core import privileges


def _references() -> Iterator[tuple[str, str, str]]:
    """Table, column and target of every reference between rows of organizations. Histories of settings keep what
    was, also of rows that are gone."""
    for model in apps.get_models():
        if model._meta.app_config.name not in settings.OWN_APPS or hasattr(model, "pgh_tracked_model"):
            continue
        names = {field.name for field in model._meta.fields}
        for field in model._meta.fields:
            target = field.related_model if isinstance(field, ForeignKey) else None
            if "organization" in names and target and any(f.name == "organization" for f in target._meta.fields):
                yield model._meta.db_table, str(field.column), target._meta.db_table


def references_sql() -> str:
    """Rows that refer to a row of another organization, or to one that is gone."""
    return " UNION ALL ".join(
        f"SELECT a.organization_id, '{table}.{column} ' || a.id AS id FROM {table} a LEFT JOIN {target} b"  # noqa: S608
        f" ON b.id = a.{column} WHERE a.{column} IS NOT NULL AND b.organization_id IS DISTINCT FROM a.organization_id"
        for table, column, target in _references()
    )


def checks() -> tuple[Check, ...]:
    """These checks; made when every package is known."""
    return (
        Check(
            "J8", "references_stay_at_home",
            _("Every row refers to rows that exist, and to those of its own organization alone."),
            Rows(_("table, column and row")),
            sql=references_sql(),
        ),
        Check(
            "X1", "requests_have_one_effect",
            _("The key of a form was used once."),
            Rows(_("key of a form")),
            sql="""
            SELECT organization_id, min(id) AS id FROM core_idempotencykey
             GROUP BY organization_id, user_id, key HAVING count(*) > 1""",
        ),
        Check(
            "X4", "deliveries_are_made_once",
            _("A document goes to a connection as one delivery, and an event to a webhook as one message."),
            Rows(_("table and row")),
            sql="""
            SELECT organization_id, 'integrations_delivery ' || max(id) AS id FROM integrations_delivery
             GROUP BY organization_id, connection_id, source, source_id HAVING count(*) > 1
            UNION ALL
            SELECT organization_id, 'webhooks_message ' || max(id) FROM webhooks_message WHERE event_id IS NOT NULL
             GROUP BY organization_id, endpoint_id, event_id HAVING count(*) > 1""",
        ),
        Check(
            "P5", "the_application_owns_nothing",
            _("The login of the application owns nothing, and may no more than the lists of its rights say."),
            Rows(_("table or right")), whole_database=True, sql=rights_sql,
        ),
        Check(
            "O2", "guards_are_on",
            _("Every guard of the database is there, says what its migration wrote, and is switched on."),
            Rows(_("table and guard")), whole_database=True, sql=guards_sql,
        ),
    )  # fmt: skip


def rights_sql() -> str:
    """What the application's login owns, and its rights beyond the lists."""
    login, called = _login(), ", ".join(privileges.named_functions())
    listed = ", ".join(f"('{table}', '{verb}', '{column}')" for table, verb, column in _listed())
    return f"""
        SELECT NULL::bigint AS organization_id, relname::text AS id FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND pg_get_userbyid(relowner) = '{login}'
        UNION ALL SELECT NULL, 'superuser, createdb, createrole or bypassrls' FROM pg_roles
         WHERE rolname = '{login}' AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls)
        UNION ALL SELECT NULL, p.oid::regprocedure::text FROM pg_proc p
         WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef AND p.prorettype <> 'trigger'::regtype
           AND has_function_privilege('{login}', p.oid, 'EXECUTE') AND NOT p.proname = ANY('{{{called}}}')
        UNION ALL SELECT NULL, concat_ws(' ', relname, nullif(attname, ''), verb) FROM (
            SELECT c.relname::text, a.privilege_type AS verb, '' AS attname FROM pg_class c, aclexplode(c.relacl) a
             WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
               AND a.grantee IN (0, (SELECT oid FROM pg_roles WHERE rolname = '{login}'))
            UNION ALL SELECT c.relname::text, a.privilege_type, t.attname::text
              FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a
             WHERE c.relnamespace = 'public'::regnamespace
               AND a.grantee IN (0, (SELECT oid FROM pg_roles WHERE rolname = '{login}'))
            EXCEPT (VALUES {listed})) AS beyond
         WHERE verb NOT IN ('SELECT', 'INSERT') OR relname IN (SELECT * FROM (VALUES {_read_only()}) AS r)"""  # noqa: S608


def _listed() -> Iterator[tuple[str, str, str]]:
    """Table, right and column that the lists give, besides reading and adding."""
    for table, grant in privileges.table_grants().items():
        yield table, "SELECT", ""
        if grant.delete:
            yield table, "DELETE", ""
        columns = ("",) if grant.update == "all" else grant.update
        yield from ((table, "UPDATE", column) for column in columns)


def _read_only() -> str:
    names = sorted(table for table, grant in privileges.table_grants().items() if not grant.insert)
    return ", ".join(f"('{name}')" for name in names)


def guards_sql() -> str:
    """Guards that are off, not sure of every row, gone, or changed."""
    return f"""
        SELECT NULL::bigint AS organization_id, t.tgrelid::regclass || ' ' || t.tgname AS id FROM pg_trigger t
          JOIN pg_class c ON c.oid = t.tgrelid
         WHERE c.relnamespace = 'public'::regnamespace
           AND (t.tgenabled = 'D' OR (t.tgname ~ '^a[a-z]_|^zzz?_|_numbers_used$' AND t.tgenabled <> 'A'))
        UNION ALL SELECT NULL, k.conrelid::regclass || ' ' || k.conname FROM pg_constraint k
         WHERE k.connamespace = 'public'::regnamespace AND NOT k.convalidated
        UNION ALL {made.missing_sql()}"""  # noqa: S608


def _login() -> str:
    return str(settings.DATABASES["default"]["USER"]).replace("'", "''")
