"""The settings under pytest: the same application, without what only costs time there."""

import os

os.environ.setdefault("DEBUG", "true")
# Playwright drives the browser from an event loop in the same thread that reads the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from receivables.settings import *  # noqa: E402, F403
from receivables.settings import DATABASES  # noqa: E402

DEBUG = False
# A live server has no hashed names: with the manifest every page would come without its styles and still pass.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
for database in DATABASES.values():
    database["OPTIONS"].pop("pool", None)
