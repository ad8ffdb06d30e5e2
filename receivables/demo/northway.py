"""Northway Freight, a freight broker in Chicago that bills in dollars. All companies and people are invented."""

from decimal import Decimal

from accounts.roles import Role
from receivables.billing.models import ChargeKind, RateType, TaxTreatment
from receivables.demo.profiles import BankSpec, City, CustomerSpec, Extra, Profile, TypeSpec

CUSTOMERS = [
    CustomerSpec("Prairie Lantern Foods", "Des Moines", "IA", "prairielantern", size=6, regions=("Dairy", "Frozen")),
    CustomerSpec("Copper Gulch Hardware", "Denver", "CO", "coppergulch", size=5, late=4),
    CustomerSpec("Bluestem Paper Goods", "Kansas City", "MO", "bluestempaper", size=5, terms="NET15"),
    CustomerSpec("Harborline Furniture", "Savannah", "GA", "harborline", size=4, late=9, regions=("Retail",)),
    CustomerSpec("Tall Oak Beverages", "Nashville", "TN", "talloak", size=5, late=-3),
    CustomerSpec("Ironwood Tractor Parts", "Moline", "IL", "ironwoodparts", size=4, renewed=True),
    CustomerSpec("Silver Mesa Ceramics", "Albuquerque", "NM", "silvermesa", late=14),
    CustomerSpec("Lakeshore Packaging Works", "Milwaukee", "WI", "lakeshorepack", size=6, late=2),
    CustomerSpec("Redbird Lawn & Garden", "St. Louis", "MO", "redbirdlawn", terms="NET15", late=6),
    CustomerSpec("Quill & Anchor Office Supply", "Columbus", "OH", "quillanchor", late=1),
    CustomerSpec("Wild Fennel Grocers", "Portland", "OR", "wildfennel", size=4, late=11, regions=("Distribution",)),
    CustomerSpec("Stonebridge Tile Depot", "Dallas", "TX", "stonebridgetile", size=4),
    CustomerSpec("Cedar Notch Outfitters", "Boise", "ID", "cedarnotch", late=20),
    CustomerSpec("Gulf Heron Seafood", "Houston", "TX", "gulfheron", size=5, terms="NET15", late=3),
    CustomerSpec("Morning Kettle Coffee", "Seattle", "WA", "morningkettle", late=-2),
    CustomerSpec("Piedmont Loom Textiles", "Charlotte", "NC", "piedmontloom", size=4, late=16, renewed=True),
    CustomerSpec("Twin Elms Pharmacy Supply", "Indianapolis", "IN", "twinelms", terms="NET15"),
    CustomerSpec("Desert Kite Toys", "Phoenix", "AZ", "desertkite", size=2, late=25),
    CustomerSpec("Old Ferry Building Materials", "Memphis", "TN", "oldferry", size=5, late=7),
    CustomerSpec("Granite Pass Brewing", "Salt Lake City", "UT", "granitepass", late=5),
    CustomerSpec("Sunny Acre Produce", "Fresno", "CA", "sunnyacre", size=5, terms="DUE", late=12),
    CustomerSpec("Blackbird Print Cooperative", "Minneapolis", "MN", "blackbirdprint", size=2),
    CustomerSpec("Maple Spur Lumber", "Toronto", "ON", "maplespur", currency="CAD", late=4, country="CA"),
    CustomerSpec("Rivière Claire Aliments", "Montréal", "QC", "riviereclaire", currency="CAD", late=8, country="CA"),
]

CITIES = [
    City("Chicago, IL", 41.88, -87.63), City("Dallas, TX", 32.78, -96.80), City("Atlanta, GA", 33.75, -84.39),
    City("Denver, CO", 39.74, -104.99), City("Memphis, TN", 35.15, -90.05), City("Columbus, OH", 39.96, -83.00),
    City("Kansas City, MO", 39.10, -94.58), City("Nashville, TN", 36.16, -86.78), City("Houston, TX", 29.76, -95.37),
    City("Phoenix, AZ", 33.45, -112.07), City("Los Angeles, CA", 34.05, -118.24), City("Seattle, WA", 47.61, -122.33),
    City("Portland, OR", 45.52, -122.68), City("Salt Lake City, UT", 40.76, -111.89), City("Omaha, NE", 41.26, -95.94),
    City("Minneapolis, MN", 44.98, -93.27), City("Milwaukee, WI", 43.04, -87.91), City("Detroit, MI", 42.33, -83.05),
    City("Indianapolis, IN", 39.77, -86.16), City("Charlotte, NC", 35.23, -80.84), City("Savannah, GA", 32.08, -81.09),
    City("Laredo, TX", 27.53, -99.49), City("Louisville, KY", 38.25, -85.76), City("St. Louis, MO", 38.63, -90.20),
]  # fmt: skip

TYPES = [
    TypeSpec("Fuel surcharge", gl="4000", rate_type=RateType.DISTANCE, entities=("customer", "carrier")),
    TypeSpec("Detention", rate_type=RateType.TIME, entities=("customer", "carrier", "driver")),
    TypeSpec("Lumper", entities=("customer", "carrier", "driver")),
    TypeSpec("Layover", entities=("customer", "carrier", "driver")),
    TypeSpec("TONU fee", entities=("customer", "carrier")),
    TypeSpec("Write-Off", kind=ChargeKind.BAD_DEBT, gl="6100"),
    TypeSpec(
        "Balance Adjustment", kind=ChargeKind.PRICE_CONCESSION, gl="4900", treatment=TaxTreatment.INCLUDED,
    ),
]  # fmt: skip

PROFILE = Profile(
    slug="northway-freight",
    domain="northway.demo.example",
    details={
        "name": "Northway Freight", "legal_name": "Northway Freight Brokerage LLC", "currency": "USD",
        "language": "en", "timezone": "America/Chicago", "date_format": "m/d/Y", "address_line_1": "1200 Demo Street",
        "city": "Chicago", "region": "IL", "postal_code": "60600", "country": "US",
        "tax_id": "36-0000000", "bank_account": "000123456789", "contact_name": "Billing desk",
        "contact_email": "billing@northway.demo.example", "electronic_address": "billing@northway.demo.example",
        "electronic_address_scheme": "EM",
    },
    people={
        Role.ADMIN: "Dana Whitlock", Role.PARTNER_ADMIN: "Felix Oduya", Role.OPERATIONS_MANAGER: "Grace Tillman",
        Role.BILLER: "Owen Castellan", Role.COLLECTOR: "Renata Falk", Role.AUDITOR: "Hugh Pemberlake",
    },
    types=TYPES,
    banks=[
        BankSpec("Lockbox", "USD", "1010", "Lockbox"),
        BankSpec("Canadian dollars", "CAD", "1020", "Bank, Canadian dollars"),
    ],
    customers=CUSTOMERS,
    cities=CITIES,
    extras=[
        Extra("Fuel surcharge", 0.40, Decimal("0.42"), (0, 0)),
        Extra("Detention", 0.07, Decimal("65"), (1, 5), "Waiting at the dock, hours"),
        Extra("Lumper", 0.05, Decimal("35"), (3, 9), "Receipt attached"),
        Extra("Layover", 0.02, Decimal("250")),
    ],
    loads=900,
    haul=(Decimal("1.85"), Decimal("3.10")),
    by_distance=True,
    methods=[("ach", "ACH"), ("ach", "ACH"), ("check", "CHQ"), ("check", "CHQ"), ("wire", "WIRE"), ("card", "CARD")],
    short_notes=[
        "Short {short}: lumper receipt missing",
        "Deducted {short} for two damaged pallets",
        "Customer disputes {short} of detention",
        "Paid by quote, {short} under the invoice",
        "Took {short} as quick-pay discount, not agreed",
        "Fuel table of last month used, {short} short",
        "Held back {short} for a late delivery",
        "Remittance says shortage of 3 cartons, {short}",
    ],
    phone="+1 312 555 01{:02d}",
    cancelled_fee="TONU fee",
    rates={"CAD": (Decimal("0.7280"), Decimal("0.0150"))},
)  # fmt: skip
