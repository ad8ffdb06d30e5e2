"""The settings under pytest: the same application on a server or cluster of its own, without what only costs time.

No name of a real database is left in them; `tests/support/databases.py` points both aliases at copies.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
os.environ["RECEIVABLES_DATA"] = os.environ.get("RECEIVABLES_TEST_DATA", str(ROOT / ".data" / "test"))
os.environ["SECRET_KEY"] = "a key for tests only, the same everywhere, so that its logins are too"  # noqa: S105
os.environ["DEBUG"] = "true"  # no redirect to https and no host-only cookies; pytest-django switches DEBUG off again
os.environ.pop("DATABASE_APP_URL", None)
# Playwright drives the browser from an event loop in the thread that also reads the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from receivables.core.databases import application_password  # noqa: E402
from receivables.settings import *  # noqa: E402, F403
from receivables.settings import DATABASES, EMBEDDED, MIDDLEWARE, SECRET_KEY  # noqa: E402

DEBUG = False
TEST_LOGIN = "receivables_test_app"

for database in DATABASES.values():
    database["NAME"] = "tests_have_no_database_yet"
    database["OPTIONS"].pop("pool", None)
DATABASES["default"]["USER"] = TEST_LOGIN
DATABASES["default"]["PASSWORD"] = "" if EMBEDDED else application_password(SECRET_KEY, TEST_LOGIN)

# A live server has no hashed names: with the manifest every page would come without its styles and still pass.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MIDDLEWARE = [name for name in MIDDLEWARE if "whitenoise" not in name]
REQUIRE_SECOND_FACTOR = True
ALLOW_LOOPBACK_SYSTEMS = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
