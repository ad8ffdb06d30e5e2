"""What the frame of every page shows: the way to each section, what can be started, and how the member likes it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache as kept
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

IDLE_SECONDS = getattr(settings, "SESSION_IDLE_MINUTES", 30) * 60
COUNT_SECONDS = 30  # a count in the menu may be this old; the pages themselves never are


@dataclass(frozen=True)
class NavItem:
    """A section of the menu. `verb` is who sees it, `prefix` the start of the paths that belong to it."""

    name: str
    label: Any
    icon: str
    verb: str
    prefix: str
    shortcut: str = ""
    tone: str = ""
    break_before: bool = False


NAV = [
    NavItem("home", _("Dashboard"), "grid-1x2", "view_receivables", "", "g d"),
    NavItem("loads", _("Loads"), "truck", "view_receivables", "/loads/", "g l"),
    NavItem("invoices", _("Invoices"), "receipt", "view_receivables", "/invoices/", "g i"),
    NavItem("billing_runs", _("Billing runs"), "arrow-repeat", "view_receivables", "/billing-runs/", "g r"),
    NavItem("credit_notes", _("Credit notes"), "file-earmark-text", "view_receivables", "/credit-notes/", "g n"),
    NavItem("payments", _("Payments"), "cash-coin", "view_receivables", "/payments/", "g p"),
    NavItem(
        "short_payments",
        _("Short payments"),
        "dash-circle",
        "view_receivables",
        "/short-payments/",
        "g h",
        tone="warning",
    ),
    NavItem("write_offs", _("Write-offs"), "archive", "view_receivables", "/write-offs/", "g f"),
    NavItem("worklist", _("Worklist"), "list-check", "view_worklist", "/worklist/", "g w"),
    NavItem(
        "write_off_processes", _("Write-off processes"), "clock", "view_receivables", "/write-off-processes/", "g o"
    ),
    NavItem("customers", _("Customers"), "people", "view_receivables", "/customers/", "g c"),
    NavItem("books", _("Ledger"), "bank", "view_receivables", "/ledger/", "g b"),
    NavItem("ledger_exports", _("Ledger exports"), "download", "export_ledger", "/ledger-exports/", "g x"),
    NavItem("approvals", _("Approvals"), "check2-square", "view_receivables", "/approvals/", "g a"),
    NavItem("reports", _("Reports"), "bar-chart", "view_reports", "/reports/", "g t"),
    NavItem("audits", _("Audit"), "shield-lock", "view_audit", "/audits/", "g u"),
    NavItem(
        "error_transactions",
        _("Error Transactions"),
        "exclamation-circle",
        "view_error_transactions",
        "/error-transactions/",
        "g e",
        tone="danger",
    ),
    NavItem("import_receivables", _("Import"), "upload", "import_receivables", "/import/", "g m"),
    NavItem("admin:index", _("Settings"), "gear", "view_settings", "/settings/", "g s", break_before=True),
]

NEW = [
    NavItem("create_load", _("Load"), "truck", "create_load", "", "n l"),
    NavItem("new_payment", _("Payment"), "cash-coin", "record_payment", "", "n p"),
    NavItem("create_customer", _("Customer"), "people", "create_customer", "", "n c"),
]

_counts: dict[str, Callable[[Any], int]] = {}
_overdue: dict[str, Callable[[Any], int]] = {}


def register_count(
    name: str, count: Callable[[Any], int], *, overdue: Callable[[Any], int] | None = None
) -> None:  # fmt: skip
    """Show a number beside the section `name`: `count(actor)` is a cheap query or two. For `AppConfig.ready`.

    `overdue(actor)` is how many of them have waited too long.
    """
    _counts[name] = count
    if overdue is not None:
        _overdue[name] = overdue


_notices: dict[str, tuple[str, Callable[[Any], list[dict[str, str]]]]] = {}


def register_notice(name: str, verb: str, notices: Callable[[Any], list[dict[str, str]]]) -> None:
    """Say something on every page of those who have the permission `verb`: `notices(actor)` is a cheap query that
    gives texts and where each leads. For `AppConfig.ready`."""
    _notices[name] = (verb, notices)


def notices(actor: Any) -> list[dict[str, str]]:
    """What this actor has to see to, from whatever page."""
    found: list[dict[str, str]] = []
    for name, (verb, asked) in _notices.items():
        if actor.can(verb):
            key = f"notice:{name}:{actor.organization_id}:{getattr(actor.user, 'pk', None)}"
            found += cache.get_or_set(key, lambda asked=asked: asked(actor), COUNT_SECONDS) or []
    return found


def _count(name: str, actor: Any, counts: dict[str, Callable[[Any], int]], kind: str = "nav") -> int:
    if name not in counts:
        return 0
    key = f"{kind}:{name}:{actor.organization_id}:{getattr(actor.user, 'pk', None)}"
    return int(cache.get_or_set(key, lambda: counts[name](actor), COUNT_SECONDS) or 0)


@kept
def _address(name: str, prefix: str) -> str:
    """The path of a page that exists without arguments, else nothing. Where the site begins, it stays what it is."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _shown(table: list[NavItem], actor: Any) -> list[tuple[NavItem, str]]:
    prefix = get_script_prefix()
    allowed = [(item, _address(item.name, prefix)) for item in table if actor.can(item.verb)]
    return [(item, url) for item, url in allowed if url]


def _is_active(item: NavItem, url: str, path: str) -> bool:
    return path.startswith(item.prefix) if item.prefix else path == url


def sections(actor: Any, path: str) -> list[dict[str, Any]]:
    """The menu of this actor, the section of `path` marked as active."""
    return [
        {
            "name": item.name,
            "label": str(item.label),
            "url": url,
            "icon": item.icon,
            "shortcut": item.shortcut,
            "tone": item.tone,
            "break_before": item.break_before,
            "active": _is_active(item, url, path),
            "count": _count(item.name, actor, _counts),
            "overdue": _count(item.name, actor, _overdue, "nav-overdue"),
        }
        for item, url in _shown(NAV, actor)
    ]


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: menu, "New" menu, theme and keyboard preference, and when the session ends (seconds)."""
    actor = getattr(request, "actor", None)
    user = getattr(request, "user", None)
    signed_in = bool(user and user.is_authenticated)
    frame: dict[str, Any] = {
        "nav_items": [],
        "new_items": [],
        "notices": [],
        "theme": getattr(user, "theme", "auto"),
        "shortcuts": "on" if getattr(user, "shortcuts", True) else "off",
        "session_seconds": IDLE_SECONDS if signed_in else 0,
    }
    if actor is not None:
        # A part of a page has no menu, and asks for none.
        frame["nav_items"] = SimpleLazyObject(lambda: sections(actor, request.path))
        frame["notices"] = SimpleLazyObject(lambda: notices(actor))
        frame["new_items"] = [
            {"label": item.label, "url": url, "icon": item.icon, "shortcut": item.shortcut}
            for item, url in _shown(NEW, actor)
        ]
    return frame
