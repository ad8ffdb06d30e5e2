"""The settings under which the benchmark runs: the application on the server its settings name, as in production.

DEBUG would keep every query in memory; the login is one of the benchmark's own, so that no real password changes.
"""

import os

os.environ["SECRET_KEY"] = "a key for benchmarks only: it signs nothing that outlives a run of them"
os.environ["DEBUG"] = "true"  # no redirect to https, no host-only cookies; switched off below
os.environ.setdefault("LOG_LEVEL", "ERROR")
os.environ.pop("DATABASE_APP_URL", None)

from receivables.core.databases import application_password
from receivables.settings import *  # noqa: F403
from receivables.settings import DATABASES, EMBEDDED, SECRET_KEY

DEBUG = False
LOGIN = "receivables_bench_app"
DATABASES["default"]["USER"] = LOGIN
DATABASES["default"]["PASSWORD"] = "" if EMBEDDED else application_password(SECRET_KEY, LOGIN)
DATABASES["default"]["CONN_MAX_AGE"] = None  # the web server has a pool: a request finds a connection open
DATABASES["default"]["OPTIONS"].pop("pool", None)
REQUIRE_SECOND_FACTOR = False
ALLOWED_HOSTS = ["testserver"]
