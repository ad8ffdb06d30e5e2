"""Agreements that are left alone by what runs by itself, as packages above know of them (budgets, arrangements)."""

from collections.abc import Callable, Collection
from typing import Any

_finders: list[Callable[[Any, Collection[int]], set[int]]] = []


def register(find: Callable[[Any, Collection[int]], set[int]]) -> None:
    """`find(actor, keys)` says which of these agreements are paid by a plan. For `AppConfig.ready`."""
    _finders.append(find)


def on_plan(actor: Any, agreements: Collection[int]) -> set[int]:
    """Those of the agreements that are paid by a plan which somebody agreed to."""
    return {key for find in _finders for key in find(actor, agreements)} if agreements else set()
