"""Where browsers tell what the content security policy kept them from loading (ASVS 3.4.7)."""

import json
import logging

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

log = logging.getLogger("receivables.violations")
MOST_BYTES, MOST_LETTERS = 16_384, 200
TOLD = ("document-uri", "effective-directive", "blocked-uri", "source-file", "line-number")


@login_not_required
@require_POST
def content_violation(request: HttpRequest) -> HttpResponse:
    """Log one report, cut to size: it comes from anybody. 400 for what is none."""
    try:
        report = json.loads(request.read(MOST_BYTES))["csp-report"]
        told = {name: str(report[name])[:MOST_LETTERS] for name in TOLD if name in report}
    except (ValueError, TypeError, KeyError, RecursionError):
        return HttpResponse("not a report\n", content_type="text/plain", status=400)
    log.warning("refused by the content security policy: %s", json.dumps(told))
    return HttpResponse(status=204)
