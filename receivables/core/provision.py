"""Logins, database and rights: what stands between an empty server and a running application."""

from typing import Any

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, transaction
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from receivables.core import databases, embedded, plans, privileges


def connect(alias: str, **changes: Any) -> psycopg.Connection:
    """A plain connection with an alias's login, autocommitting; `changes` replace parts, such as `dbname`."""
    parameters = connections[alias].get_connection_params()
    for key in ("cursor_factory", "context", "prepare_threshold", "server_side_binding", "pool"):
        parameters.pop(key, None)
    return psycopg.connect(**{**parameters, **changes}, autocommit=True)


def create_missing() -> None:
    """Create the logins and the database that do not exist yet.

    Raises `ImproperlyConfigured` with what an administrator has to do where the owner's login may not.
    """
    if "owner" not in settings.DATABASES:
        raise ImproperlyConfigured("Migrations need DATABASE_URL, the owner's login; only DATABASE_APP_URL is set.")
    owner, app = settings.DATABASES["owner"], settings.DATABASES["default"]
    if owner["USER"] == app["USER"]:
        raise ImproperlyConfigured("DATABASE_APP_URL must name another login than DATABASE_URL: it may own nothing.")
    with maintenance() as connection:
        if settings.EMBEDDED:
            ensure_login(connection, owner["USER"], "", "CREATEDB")
        derived = app["PASSWORD"] if not settings.EMBEDDED else ""
        ensure_login(connection, app["USER"], derived)
        ensure_database(connection, owner["NAME"], owner["USER"])


def maintenance() -> psycopg.Connection:
    """A connection that may create logins and databases: the embedded superuser, else the owner's own login."""
    if settings.EMBEDDED:
        server = embedded.ensure_running(settings.DATA_DIR / "postgres")
        return psycopg.connect(**server.conninfo(), autocommit=True)
    try:
        return connect("owner", dbname="postgres")
    except psycopg.OperationalError as error:
        raise ImproperlyConfigured(f"DATABASE_URL does not lead to a server: {str(error).strip()}") from error


def ensure_login(connection: psycopg.Connection, role: str, password: str, attributes: str = "") -> None:
    """Create a login, or renew the password of one whose password we derive ourselves."""
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    if known and password != databases.application_password(settings.SECRET_KEY, role):
        return
    verb = "ALTER" if known else "CREATE"
    statement = sql.SQL(f"{verb} ROLE {{}} LOGIN {attributes}").format(sql.Identifier(role))
    if password:
        statement += sql.SQL(" PASSWORD {}").format(sql.Literal(password))
    try:
        connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege as error:
        raise ImproperlyConfigured(
            f"The login of DATABASE_URL may not create the application's login. As an administrator run: "
            f"CREATE ROLE {role} LOGIN PASSWORD '…'; and set DATABASE_APP_URL to it."
        ) from error


def ensure_database(connection: psycopg.Connection, name: str, owner: str) -> None:
    """Create the database where it is missing."""
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        return
    try:
        connection.execute(create_database(connection, name, owner))
    except psycopg.errors.InsufficientPrivilege as error:
        raise ImproperlyConfigured(
            f"The database {name} does not exist and the login of DATABASE_URL may not create it. "
            f"As an administrator run: CREATE DATABASE {name} OWNER {owner};"
        ) from error


def create_database(connection: psycopg.Connection, name: str, owner: str) -> sql.Composed:
    """The statement for an empty UTF-8 database that knows upper and lower case beyond ASCII."""
    locale = "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'" if connection.info.server_version >= 170000 else ""
    return sql.SQL(f"CREATE DATABASE {{}} OWNER {{}} ENCODING 'UTF8' TEMPLATE template0 {locale}").format(
        sql.Identifier(name), sql.Identifier(owner)
    )


def refuse_foreign_history() -> None:
    """Raises `ImproperlyConfigured` where the database knows migrations that this version does not have: it belongs to
    a later version, or to one from before the migrations were made anew, and can only be harmed by going on."""
    loader = MigrationLoader(connections["owner"])
    foreign = sorted(set(loader.applied_migrations or ()) - set(loader.disk_migrations or ()))
    if foreign:
        app, name = foreign[-1]
        raise ImproperlyConfigured(
            f"The database was made by another version of the program ({app}.{name} is not of this one). Use that "
            "version, or begin with an empty database; what the demo made goes with: make stop; rm -r .data"
        )


def grant() -> None:
    """Apply the grant lists to the owner's database, and settle how its guards are planned."""
    app = settings.DATABASES["default"]["USER"]
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        plans.settle(cursor)
        privileges.apply(cursor, app)
        privileges.apply_to_database(cursor, connections["owner"].settings_dict["NAME"], app)


def verify() -> None:
    """Sign in as the application. Raises `ImproperlyConfigured` if that fails or it may more than it should."""
    app = settings.DATABASES["default"]["USER"]
    try:
        with connect("default") as connection:
            found = privileges.faults(connection.cursor(), app)
    except psycopg.OperationalError as error:
        raise ImproperlyConfigured(
            f"The application's login {app} cannot sign in ({str(error).strip()}); set DATABASE_APP_URL."
        ) from error
    if found:
        raise ImproperlyConfigured(f"The application's login {app} may too much: it {'; '.join(found)}.")
