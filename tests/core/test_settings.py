"""A bad value in the environment stops the start with a sentence; the demo starts without any."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from receivables.core.deployed import check_tls

ROOT = Path(__file__).parents[2]
LONG = "A long key, made of more than five different letters."
PRODUCTION = {
    "DATABASE_URL": "postgres://rv:secret@db.example/rv",
    "SECRET_KEY": LONG,
    "ALLOWED_HOSTS": "receivables.example",
}


def load(expression="", **environment):
    """Load the settings in a process of their own and print an expression; what it said on both streams."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    script = f"from receivables import settings as s; print(repr(({expression})))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env={**kept, **environment}, capture_output=True, text=True
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_production_starts_with_its_three_values():
    shown = load("s.DEBUG, s.SESSION_COOKIE_NAME, s.SECURE_SSL_REDIRECT, s.EMBEDDED", **PRODUCTION)
    assert shown == "(False, '__Host-sid', True, False)"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY must be set to a random text of at least 50 characters"),
        ({"SECRET_KEY": "k" * 49}, "SECRET_KEY must be set to a random text of at least 50 characters"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS must name the host names of this site"),
        ({"DEBUG": "perhaps"}, "DEBUG is 'perhaps'; write true or false."),
        ({"DATABASE_URL": "mysql://u:p@h/d"}, "DATABASE_URL must name a PostgreSQL database"),
        ({"DATABASE_URL": "garbage"}, "DATABASE_URL must name a PostgreSQL database"),
        ({"DATABASE_URL": "postgres://u:p@h:port/d"}, "DATABASE_URL must name a PostgreSQL database"),
        ({"DATABASE_APP_URL": "postgres://u:p@h"}, "DATABASE_APP_URL must name a PostgreSQL database"),
        ({"EMAIL_URL": "pigeon://u:secret@h"}, "EMAIL_URL must begin with smtp, smtp+tls"),
        ({"EMAIL_URL": "smtp://u:secret@h:port"}, "EMAIL_URL must begin with smtp, smtp+tls"),
        ({"EMAIL_URL": "smtp+tls://"}, "EMAIL_URL must name the host of the mail server"),
        ({"TRUSTED_PROXY_COUNT": "-1"}, "TRUSTED_PROXY_COUNT is '-1'; write a number from 0 to 99."),
        ({"EMAIL_TIMEOUT": "soon"}, "EMAIL_TIMEOUT is 'soon'; write seconds from 1 to 600."),
        ({"DEFAULT_FROM_EMAIL": "nobody"}, "DEFAULT_FROM_EMAIL is 'nobody'; write an e-mail address."),
    ],
)
def test_a_bad_value_stops_the_start_with_a_sentence(change, sentence):
    assert sentence in load(**{**PRODUCTION, **change})


def test_mail_leaves_only_where_a_server_is_named():
    shown = "s.EMAIL_BACKEND.rsplit('.', 2)[1:]"
    assert load(shown, **PRODUCTION) == "['mail', 'NoServerBackend']"
    assert load(shown, **PRODUCTION, DEBUG="true") == "['filebased', 'EmailBackend']"
    named = load(
        "s.EMAIL_HOST, s.EMAIL_USE_TLS, s.EMAIL_TIMEOUT", **PRODUCTION, EMAIL_URL="smtp+tls://u:p@mail.example:587"
    )
    assert named == "('mail.example', True, 20)"


def test_only_the_application_login_means_no_migration_rights():
    environment = {**PRODUCTION, "DATABASE_URL": "", "DATABASE_APP_URL": "postgres://app:p@h/rv"}
    assert load("list(s.DATABASES), s.DEBUG", **environment) == "(['default'], False)"


def test_the_application_login_is_derived_when_only_the_owner_is_named():
    shown = load("s.DATABASES['default']['USER'], s.DATABASES['default']['PASSWORD'] != 'secret'", **PRODUCTION)
    assert shown == "('rv_app', True)"
    again = load("s.DATABASES['default']['PASSWORD']", **PRODUCTION)
    other_key = load("s.DATABASES['default']['PASSWORD']", **{**PRODUCTION, "SECRET_KEY": "x" * 50})
    assert again == load("s.DATABASES['default']['PASSWORD']", **PRODUCTION) != other_key


def test_a_socket_folder_may_be_named():
    url = "postgres://rv:p@%2Frun%2Fpostgresql/rv"
    assert load("s.DATABASES['owner']['HOST']", **{**PRODUCTION, "DATABASE_URL": url}) == "'/run/postgresql'"


def test_the_demo_makes_its_secret_once(tmp_path):
    environment = {"DEBUG": "true", "DATABASE_URL": PRODUCTION["DATABASE_URL"], "RECEIVABLES_DATA": str(tmp_path)}
    first = load("s.SECRET_KEY", **environment)
    assert len(first) >= 52
    assert load("s.SECRET_KEY", **environment) == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_no_transaction_spans_a_request():
    assert "True" not in load("[d.get('ATOMIC_REQUESTS') for d in s.DATABASES.values()]", **PRODUCTION)


def deployment_check(**environment):
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **PRODUCTION, **environment},
        capture_output=True,
        text=True,
    )


def test_production_passes_the_deployment_check():
    done = deployment_check(DATABASE_URL="postgres://rv:secret@db.example/rv?sslmode=verify-full")
    assert done.returncode == 0, done.stderr


def test_a_database_elsewhere_is_called_over_tls(monkeypatch):
    def warned(host, **options):
        monkeypatch.setattr(
            "receivables.core.deployed.settings",
            SimpleNamespace(DATABASES={"default": {"HOST": host, "OPTIONS": options}}),
        )
        return [found.id for found in check_tls(None)]

    for host in ("", "localhost", "127.0.0.1", "/run/postgresql"):
        assert warned(host) == []
    assert warned("db.example", sslmode="verify-full") == []
    for options in ({}, {"sslmode": "prefer"}, {"sslmode": "require"}):
        assert warned("db.example", **options) == ["receivables.W001"]
