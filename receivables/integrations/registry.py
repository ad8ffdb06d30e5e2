"""Which adapters there are, and how each gets at its system."""

from collections.abc import Callable
from typing import Any

from receivables.integrations.models import Connection, System
from receivables.integrations.systems.base import Adapter
from receivables.integrations.systems.qbo.adapter import QuickBooksOnline
from receivables.integrations.systems.qbo.client import Client as QuickBooksOnlineClient

# Adapter, and what opens a link to the system for a connection.
ADAPTERS: dict[str, tuple[Adapter, Callable[[Connection], Any]]] = {
    str(System.QUICKBOOKS_ONLINE): (QuickBooksOnline(), QuickBooksOnlineClient),
}
