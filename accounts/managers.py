"""How users are made and found by their email."""

from typing import Any

from django.contrib.auth.models import BaseUserManager


class UserManager(BaseUserManager):
    """An email is kept in lower case, so one person can't have two accounts that differ in letters only."""

    def get_by_natural_key(self, email: str | None) -> Any:
        return self.get(email=(email or "").strip().lower())

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Any:
        """A user with this password, or one that can't be used until a password was set by mail."""
        user: Any = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db, force_insert=True)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Any:
        """A member of the platform's staff: there is no user who may do everything."""
        return self.create_user(email, password, is_platform_staff=True, **fields)
