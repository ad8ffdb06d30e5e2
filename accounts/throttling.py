"""Guessing passwords is slowed down: for one account from one address, for an account, and for an address."""

from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.conf import settings
from django.http import HttpRequest, HttpResponse

# Failures within the cool-off time before sign-in is refused, in the order of AXES_LOCKOUT_PARAMETERS: account and
# address together, account, address. An account alone has a higher limit than together with an address, so that a
# stranger elsewhere can't lock a person out by five tries.
LIMITS = (5, 25, 50)


class SignInThrottle(AxesDatabaseHandler):
    """django-axes counting three things at once, each with its own limit."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """The failures, scaled so that whichever limit is nearest reaches AXES_FAILURE_LIMIT with it."""
        counts = [
            sum(attempts.values_list("failures_since_start", flat=True))
            for attempts in self.get_user_attempts(request, credentials)
        ]
        limit = settings.AXES_FAILURE_LIMIT
        return max(count * limit // bound for count, bound in zip(counts, LIMITS, strict=True))

    def reset_user_attempts(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """A success forgives the failures of this account from this address, not those of others."""
        count, _rows = self.filter_user_attempts(request, credentials)[0].delete()
        return int(count)


def lockout_response(request: HttpRequest, response: HttpResponse, credentials: Any = None) -> HttpResponse:
    """The page itself says that there were too many tries; its status says so to programs."""
    response.status_code = 429
    return response
