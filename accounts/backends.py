"""Permissions come from the active membership: a grant in one organization means nothing in another."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

# Django's own permission strings ("app.change_model") and the verb that stands behind each, filled by the admin's
# settings pages when they are registered.
PERMISSION_VERBS: dict[str, str] = {}


class MembershipBackend(ModelBackend):
    """Sign-in by email and password; permissions are the verbs of the active membership and nothing else."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        actor = getattr(user_obj, "active_actor", None)
        return set(actor.verbs) if actor is not None and user_obj.is_active else set()

    get_user_permissions = get_all_permissions

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        actor = getattr(user_obj, "active_actor", None)
        if actor is None or not user_obj.is_active:
            return False
        return bool(actor.can(PERMISSION_VERBS.get(perm, perm)))

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return any(self.has_perm(user_obj, perm) for perm in PERMISSION_VERBS if perm.startswith(f"{app_label}."))
