"""The package of people: organizations, users, memberships, roles, sign-in."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from receivables.core.transactions import GUARD_MESSAGES

LAST_ADMIN = _("The last Admin can't be removed. Make somebody else an Admin first.")


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Connects the beginning and the end of sessions to Django's own sign-in and sign-out.
        import_module("accounts.sessions")
        GUARD_MESSAGES["RV009"] = ("last_admin", LAST_ADMIN)
