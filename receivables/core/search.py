"""One search for everything: each package answers for its own documents."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from receivables.core.views import member_view

LONGEST = 80  # no number, name or reference of ours is longer
LIMIT = 10  # hits per kind

Hit = dict[str, Any]
_searchers: dict[str, tuple[Any, Callable[[Any, str], list[Hit]]]] = {}


def register_search(name: str, label: Any, search: Callable[[Any, str], list[Hit]]) -> None:
    """Let a package answer searches; for `AppConfig.ready`.

    `search(actor, q)` returns at most `LIMIT` hits `{"label", "url", "note"}`, the best first, from indexes. A hit
    whose label is what was typed counts as exact.
    """
    _searchers[name] = (label, search)


def _exact(groups: list[dict[str, Any]], typed: str) -> list[Hit]:
    return [hit for group in groups for hit in group["hits"] if str(hit["label"]).casefold() == typed.casefold()]


@member_view("view_receivables")
def search(request: HttpRequest) -> HttpResponse:
    """What carries the number, reference or name that was typed; a single exact number opens at once."""
    typed = " ".join(request.GET.get("q", "").split())[:LONGEST]
    actor = request.actor  # type: ignore[attr-defined]
    groups = []
    if typed:
        found = [{"label": label, "hits": find(actor, typed)} for label, find in _searchers.values()]
        groups = [group for group in found if group["hits"]]
    exact = _exact(groups, typed)
    if len(exact) == 1:
        return redirect(exact[0]["url"])
    context = {"title": _("Search"), "typed": typed, "groups": groups}
    return render(request, "core/search.html", context)
