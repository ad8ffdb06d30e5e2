"""Which adapters there are, how each gets at its system, and what has to be entered for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from receivables.integrations.incoming.reading import Watching
from receivables.integrations.linking.reading import Listing
from receivables.integrations.models import Connection, System
from receivables.integrations.systems.base import Adapter, Grant, Setting
from receivables.integrations.systems.business_central import changes as business_central_changes
from receivables.integrations.systems.business_central import connection as business_central
from receivables.integrations.systems.business_central import directory as business_central_directory
from receivables.integrations.systems.business_central.adapter import BusinessCentral
from receivables.integrations.systems.business_central.client import Client as BusinessCentralClient
from receivables.integrations.systems.intacct import connection as intacct
from receivables.integrations.systems.intacct import interfaces as intacct_interfaces
from receivables.integrations.systems.intacct.adapter import SageIntacct
from receivables.integrations.systems.netsuite import changes as netsuite_changes
from receivables.integrations.systems.netsuite import connection as netsuite
from receivables.integrations.systems.netsuite import directory as netsuite_directory
from receivables.integrations.systems.netsuite.adapter import NetSuite
from receivables.integrations.systems.netsuite.client import Client as NetSuiteClient
from receivables.integrations.systems.qbd import changes as qbd_changes
from receivables.integrations.systems.qbd import connection as qbd
from receivables.integrations.systems.qbd import directory as qbd_directory
from receivables.integrations.systems.qbd.adapter import QuickBooksDesktop
from receivables.integrations.systems.qbd.client import Messages
from receivables.integrations.systems.qbo import changes as qbo_changes
from receivables.integrations.systems.qbo import connection as qbo
from receivables.integrations.systems.qbo import directory as qbo_directory
from receivables.integrations.systems.qbo.adapter import QuickBooksOnline
from receivables.integrations.systems.qbo.client import Client as QuickBooksOnlineClient
from receivables.integrations.vault import Unreadable, opened


@dataclass(frozen=True)
class Registered:
    """An adapter, what opens a link to its system for a connection, and the settings of such a connection.

    `fetched`: a program over there fetches the calls one by one and brings the answers; no worker makes any.
    `watching` reads over the link what changed over there since a moment, where the system tells; `grant` is how an
    administrator gives us access at their own page, where they have one.
    `listing` tells what the system has from before it was connected.
    `on_accounts`: what is credited stands on accounts there as what is booked does; there are no products for it.
    """

    adapter: Adapter
    link: Callable[[Connection], Any]
    settings: tuple[Setting, ...]
    listing: Listing
    fetched: bool = False
    watching: Watching | None = None
    grant: Grant | None = None
    on_accounts: bool = False


ADAPTERS: dict[str, Registered] = {
    str(System.QUICKBOOKS_ONLINE): Registered(
        QuickBooksOnline(),
        QuickBooksOnlineClient,
        qbo.SETTINGS,
        qbo_directory.LISTING,
        watching=qbo_changes.WATCHING,
        grant=qbo.GRANT,
    ),
    str(System.BUSINESS_CENTRAL): Registered(
        BusinessCentral(),
        BusinessCentralClient,
        business_central.SETTINGS,
        business_central_directory.LISTING,
        watching=business_central_changes.WATCHING,
        on_accounts=True,
    ),
    str(System.SAGE_INTACCT): Registered(
        SageIntacct(),
        intacct_interfaces.link,
        intacct.SETTINGS,
        intacct_interfaces.LISTING,
        watching=intacct_interfaces.WATCHING,
    ),
    str(System.NETSUITE): Registered(
        NetSuite(), NetSuiteClient, netsuite.SETTINGS, netsuite_directory.LISTING, watching=netsuite_changes.WATCHING
    ),
    str(System.QUICKBOOKS_DESKTOP): Registered(
        QuickBooksDesktop(),
        lambda connection: Messages(),
        qbd.SETTINGS,
        qbd_directory.LISTING,
        fetched=True,
        watching=qbd_changes.WATCHING,
    ),
}
PUSHED = [system for system, registered in ADAPTERS.items() if not registered.fetched]


def missing_settings(connection: Connection) -> list[Setting]:
    """The settings without which a connection cannot run."""
    try:
        secrets = opened(connection.secrets)
    except Unreadable:
        secrets = {}
    entered = {**connection.options, **secrets}
    registered = ADAPTERS.get(connection.system)
    settings = registered.settings if registered else ()
    return [each for each in settings if _is_needed(each, settings, entered) and not entered.get(each.name)]


def _is_needed(setting: Setting, settings: tuple[Setting, ...], entered: dict[str, Any]) -> bool:
    if not setting.required or setting.choices:
        return False
    if setting.only is None:
        return True
    name, value = setting.only
    default = next(each.choices[0][0] for each in settings if each.name == name)
    return (entered.get(name) or default) == value
