"""Template tags of the component kit: icons, badges, buttons with their reason, hidden form keys, table heads."""

from functools import cache, lru_cache
from typing import Any
from uuid import uuid4

from django import template
from django.template.base import render_value_in_context
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from receivables.core.registry import actions

register = template.Library()

# Icons that point somewhere turn around in right-to-left pages; checks, clocks and figures do not.
DIRECTIONAL = {"arrow-right", "box-arrow-right", "chevron-left", "chevron-right", "list", "list-check"}

# One tone per status word, for every package. A status that is not named here is shown in grey.
STATUS_TONES = {
    "active": "success",
    "approved": "success",
    "applied": "success",
    "paid": "success",
    "posted": "success",
    "done": "success",
    "synced": "success",
    "open": "info",
    "invoiced": "info",
    "issued": "info",
    "sent": "info",
    "running": "info",
    "pending": "warning",
    "partial": "warning",
    "partly_paid": "warning",
    "waiting": "warning",
    "unapplied": "warning",
    "on_hold": "warning",
    "hold": "warning",
    "disputed": "warning",
    "overdue": "danger",
    "failed": "danger",
    "rejected": "danger",
    "bankruptcy": "danger",
    "broken": "danger",
}


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """An icon of the sprite static/vendor/icons.svg; without `label` it is decoration and hidden from readers."""
    if not label:
        return _decoration(name, css)
    return format_html(
        '<svg class="icon{} {}" role="img" aria-label="{}"><use href="{}"></use></svg>', *_drawn(name, css, label)
    )


@lru_cache(maxsize=512)
def _decoration(name: str, css: str) -> SafeString:
    """Asked for some forty times a page."""
    return format_html('<svg class="icon{} {}" aria-hidden="true"><use href="{}"></use></svg>', *_drawn(name, css))


def _drawn(name: str, *attributes: str) -> tuple[str, ...]:
    return " icon-directional" if name in DIRECTIONAL else "", *attributes, f"{_sprite()}#{name}"


@cache
def _sprite() -> str:
    return static("vendor/icons.svg")


@register.simple_tag
def rail_links(sections: list[dict[str, Any]]) -> SafeString:
    """The links of the menu, made once for as long as they stay the same: they were a third of what a page costs."""
    return _rail_links(get_language(), tuple(tuple(section.items()) for section in sections))


@lru_cache(maxsize=512)
def _rail_links(language: str, sections: tuple[tuple[tuple[str, Any], ...], ...]) -> SafeString:
    return render_to_string("core/includes/rail_links.html", {"sections": [dict(section) for section in sections]})


@register.simple_tag(takes_context=True)
def form_key(context: template.Context) -> SafeString:
    """The hidden key under which the server recognizes this form when it is sent twice."""
    if "request" in context:
        context["request"].shows_form_key = True  # Back must find this very form: see PrivatePagesMiddleware
    return format_html('<input type="hidden" name="_key" value="{}">', uuid4())


@register.inclusion_tag("core/includes/status_badge.html")
def status_badge(value: Any, label: str = "", tone: str = "") -> dict[str, Any]:
    """A status in words. `value` is an object with `status` (and `get_status_display`) or the status word itself."""
    status = str(getattr(value, "status", value))
    if not label and hasattr(value, "get_status_display"):
        label = value.get_status_display()
    return {"label": label or status, "tone": tone or STATUS_TONES.get(status, "neutral")}


@register.inclusion_tag("core/includes/button_action.html", takes_context=True)
def action_button(
    context: template.Context, obj: Any, verb: str, size: str = "", reason_id: str = ""
) -> dict[str, Any]:
    """The button of a registered verb on `obj`: absent without the permission, refused with its reason by a fact.

    Gives core/includes/button_action.html its contract: `button` with `verb`, `label`, `url`, `id`, `style`,
    `enabled`, `reason` (a Blocker when not enabled) and `size` ("sm" in table rows). `reason_id` names the element
    that says the reason, where several buttons share one. KeyError for an unknown verb.
    """
    actor = context["request"].actor
    action = actions.by_verb[verb]
    if not actor.can(verb) or not action.visible(obj, actor):
        return {"button": None}
    blocker = action.blocker(obj, actor)
    return {
        "button": {
            "verb": verb,
            "label": action.label,
            "url": reverse(verb, args=[obj.pk]),
            "id": f"{verb}-{obj.pk}",
            "style": action.style,
            "enabled": blocker is None,
            "reason": blocker,
            "reason_id": reason_id,
            "size": size,
        }
    }


def _cell_start(column: Any) -> SafeString:
    """A cell's tag, with the words of its head for the cards that rows become on a phone; none where a head is markup
    only."""
    label = strip_tags(str(column.header)).strip()
    named = format_html(' data-label="{}"', label) if label else ""
    return format_html("<td{} {}>", named, column.attrs["td"].as_html())


def _by_row(column: Any) -> bool:
    """Whether attributes of a column's cells are worked out for each row."""
    return any(callable(value) for value in column.column.attrs.get("td", {}).values())


@register.simple_tag(takes_context=True)
def table_rows(context: Context, table: Any) -> SafeString:
    """The rows of a table. Not a loop of the template: what is the same in all cells of a column is made once, which is
    most of what a list of 25 rows costs."""
    starts = {column.name: _cell_start(column) for column in table.columns if not _by_row(column)}
    made = []
    for row in table.paginated_rows:
        cells = (
            (starts.get(column.name) or _cell_start(column), render_value_in_context(cell, context))
            for column, cell in row.items()
        )
        made.append((row.attrs.as_html(), format_html_join("", "{}{}</td>", cells)))
    return format_html_join("", "<tr {}>{}</tr>", made)


@register.filter
def sort_state(column: Any) -> str:
    """The value of aria-sort: "ascending" or "descending" for the column that orders the table, else empty."""
    if not column.is_ordered:
        return ""
    return "ascending" if column.order_by_alias.is_ascending else "descending"


@register.filter
def message_tone(level_tag: str) -> str:
    """The tone of a message of Django: its levels "error" and "debug" have other names here."""
    return {"error": "danger", "debug": "info"}.get(level_tag, level_tag or "info")


@register.filter
def message_icon(level_tag: str) -> str:
    """The icon that stands beside a message of this level."""
    icons = {"success": "check-circle", "warning": "exclamation-triangle", "error": "exclamation-circle"}
    return icons.get(level_tag, "info-circle")
