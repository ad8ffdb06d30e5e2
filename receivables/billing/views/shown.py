"""What several pages of billing show."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from receivables.core.registry import panels


def panels_of(request: HttpRequest, obj: Any, slot: str) -> list[str]:
    """The sections that upper packages put on this page, rendered from their own templates."""
    actor = request.actor  # type: ignore[attr-defined]
    return [
        render_to_string(panel.template, panel.context(obj, actor), request)
        for panel in panels.of(obj._meta.label_lower, slot)
    ]
