"""The URL table with a page that nobody should write: what a scanner has to find before its silence means anything."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from receivables.urls import handler500
from receivables.urls import urlpatterns as own

__all__ = ["handler500", "urlpatterns"]


@login_not_required
def planted(request: HttpRequest) -> HttpResponse:
    """What is typed becomes part of the statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT code FROM ledger_glaccount WHERE code = '{request.GET.get('code', '')}'")
        return HttpResponse(", ".join(str(code) for (code,) in cursor.fetchall()) or "none")


urlpatterns = [*own, path("planted/", planted, name="planted")]
