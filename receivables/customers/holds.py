"""What is left alone by what runs by itself, as packages above know of it: agreements that are paid by a plan (budgets,
arrangements), and accounts that nobody may press (bankruptcies)."""

from collections.abc import Callable, Collection
from typing import Any

_finders: list[Callable[[Any, Collection[int]], set[int]]] = []
_stays: list[Callable[[Any, Collection[int]], set[int]]] = []


def register(find: Callable[[Any, Collection[int]], set[int]]) -> None:
    """`find(actor, keys)` says which of these agreements are paid by a plan. For `AppConfig.ready`."""
    _finders.append(find)


def on_plan(actor: Any, agreements: Collection[int]) -> set[int]:
    """Those of the agreements that are paid by a plan which somebody agreed to."""
    return {key for find in _finders for key in find(actor, agreements)} if agreements else set()


def register_stay(find: Callable[[Any, Collection[int]], set[int]]) -> None:
    """`find(actor, accounts)` says which of these accounts are bankrupt. For `AppConfig.ready`."""
    _stays.append(find)


def under_stay(actor: Any, accounts: Collection[int]) -> set[int]:
    """Those of the accounts that a petition in bankruptcy was filed for: neither reminders nor fees nor steps towards a
    write-off, whatever they owe."""
    return {key for find in _stays for key in find(actor, accounts)} if accounts else set()
