"""Reasons that may have limits of their own. They are rows of upper packages, known here by their key alone.

A key is the name under which the row's history is found ("billing.reason:12"). The database holds it to a row of the
same organization.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class AuthorityReason:
    """A reason for giving something away, and the kind of authority that it takes."""

    key: str
    kind: str
    label: str


_sources: list[Callable[[Any], Iterable[AuthorityReason]]] = []


def register_reasons(source: Callable[[Any], Iterable[AuthorityReason]]) -> None:
    """Let limits be set on more reasons: `source(actor)` lists those of the organization. For `AppConfig.ready`."""
    _sources.append(source)


def authority_reasons(actor: Any) -> list[AuthorityReason]:
    """Every reason of the organization that may have limits of its own."""
    return [reason for source in _sources for reason in source(actor)]


def reason_labels(actor: Any) -> dict[str, str]:
    """What each reason is called, by its key."""
    return {reason.key: reason.label for reason in authority_reasons(actor)}
