"""What an organization of the demo is like: its people, settings, customers and everyday charges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import asin, cos, radians, sin, sqrt
from typing import Any

from accounts.roles import Role
from receivables.billing.models import ChargeKind, RateType, TaxTreatment

ROAD = 1.18  # roads are about that much longer than the straight line
EARTH_MILES = 3958.8


@dataclass(frozen=True)
class City:
    """A place with its coordinates in degrees."""

    name: str
    latitude: float
    longitude: float

    def road_miles(self, other: "City") -> int:
        """The distance by road, estimated from the great circle."""
        north = radians(other.latitude - self.latitude) / 2
        east = radians(other.longitude - self.longitude) / 2
        slope = cos(radians(self.latitude)) * cos(radians(other.latitude))
        return round(2 * EARTH_MILES * asin(sqrt(sin(north) ** 2 + slope * sin(east) ** 2)) * ROAD)


@dataclass(frozen=True)
class TypeSpec:
    """An accessorial type. `tax` names its tax code, `gl` the code of its GL account."""

    name: str
    kind: str = ChargeKind.CHARGE
    gl: str = "4100"
    rate_type: str = RateType.FLAT
    treatment: str = TaxTreatment.NONE
    tax: str = ""
    entities: Sequence[str] = ("customer",)


@dataclass(frozen=True)
class Extra:
    """An everyday charge: how often it occurs, its rate, and the range of its quantity (0: the load's distance)."""

    type: str
    share: float
    rate: Decimal
    quantity: tuple[int, int] = (1, 1)
    note: str = ""


@dataclass(frozen=True)
class BankSpec:
    name: str
    currency: str
    gl: str
    gl_name: str


@dataclass(frozen=True)
class CustomerSpec:
    """A customer. `late` is how many days after the due date it usually pays; `regions` are further accounts."""

    name: str
    city: str
    region: str
    mail: str
    currency: str = ""
    terms: str = "NET30"
    late: int = 0
    size: int = 3
    regions: Sequence[str] = ()
    renewed: bool = False
    country: str = ""


@dataclass(frozen=True)
class Profile:
    """Everything that makes one organization of the demo."""

    slug: str
    domain: str
    details: Mapping[str, Any]
    people: Mapping[str, str]
    types: Sequence[TypeSpec]
    banks: Sequence[BankSpec]
    customers: Sequence[CustomerSpec]
    cities: Sequence[City]
    extras: Sequence[Extra]
    loads: int
    haul: tuple[Decimal, Decimal]
    by_distance: bool
    methods: Sequence[tuple[str, str]]
    short_notes: Sequence[str]
    phone: str
    cancelled_fee: str
    taxes: Sequence[tuple[str, str, Decimal]] = ()
    line_tax: str = ""
    rates: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    write_off: str = "Write-Off"
    concession: str = "Balance Adjustment"

    @property
    def name(self) -> str:
        return str(self.details["name"])

    @property
    def currency(self) -> str:
        return str(self.details["currency"])


# What may be given as bad debt without asking, in the organization's own currency.
# The pay-off limit of the published example, in each organization's own currency.
PAY_OFF_LIMIT = Decimal(50)
LIMITS = {Role.BILLER: Decimal(250), Role.OPERATIONS_MANAGER: Decimal(2500)}
