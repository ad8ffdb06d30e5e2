"""The URL table: each package brings its own pages."""

from importlib.util import find_spec

from django.apps import apps
from django.conf import settings
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from accounts.admin_site import receivables_admin
from receivables.core import health, violations


def own_urls() -> list[str]:
    """The URL modules of our packages, lowest package first; a package without pages has none."""
    names = [config.name for config in apps.get_app_configs() if config.name in settings.OWN_APPS]
    return [f"{name}.urls" for name in names if find_spec(f"{name}.urls")]


handler500 = "receivables.core.failures.server_error"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    # Browsers send reports without a token, and nothing is done with them.
    path("content-violations", csrf_exempt(violations.content_violation), name="content_violation"),
    path("settings/", receivables_admin.urls),
    *(path("", include(module)) for module in own_urls()),
]
