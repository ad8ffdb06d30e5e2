"""Najd Distribution, a distributor of goods in Riyadh that bills in riyals with VAT. All names are invented."""

from decimal import Decimal

from accounts.roles import Role
from receivables.billing.models import ChargeKind, TaxTreatment
from receivables.demo.profiles import BankSpec, City, CustomerSpec, Extra, Profile, TypeSpec

CUSTOMERS = [
    CustomerSpec("مؤسسة واحة الهضبة للتموين", "الرياض", "الرياض", "wahat-alhadaba", size=6, regions=("فرع الخرج",)),
    CustomerSpec("شركة سنابل الوادي الغذائية", "بريدة", "القصيم", "sanabel-alwadi", size=5, late=6),
    CustomerSpec("أسواق نخلة الدار", "جدة", "مكة المكرمة", "nakhlat-aldar", size=5, late=3),
    CustomerSpec("مخابز قمح الشمال", "حائل", "حائل", "qamh-alshamal", terms="NET15", late=-2),
    CustomerSpec("مؤسسة لؤلؤ الساحل التجارية", "الدمام", "الشرقية", "lulu-alsahel", size=4, late=12),
    CustomerSpec("شركة ظلال العرعر للضيافة", "أبها", "عسير", "zilal-alarar", late=18, renewed=True),
    CustomerSpec("بقالات ركن المدينة", "المدينة المنورة", "المدينة المنورة", "rukn-almadina", size=4, terms="NET15"),
    CustomerSpec("مؤسسة غيمة تبوك للتوزيع", "تبوك", "تبوك", "ghaimat-tabuk", late=22),
    CustomerSpec("Desert Lantern Trading Est.", "Riyadh", "Riyadh", "desertlantern", size=5, late=2),
    CustomerSpec("Coral Gate Catering", "Jeddah", "Makkah", "coralgate", size=4, late=9, regions=("Events",)),
    CustomerSpec("Sidra Hill Supermarkets", "Al Khobar", "Eastern Province", "sidrahill", size=6, late=5),
    CustomerSpec("Sand Rose Cafés", "Riyadh", "Riyadh", "sandrose", size=2, terms="NET15", late=15),
    CustomerSpec("Eastern Dhow Provisions", "Jubail", "Eastern Province", "easterndhow", size=3),
    CustomerSpec("Twin Palms Wholesale", "Yanbu", "Madinah", "twinpalms", size=3, late=28),
    CustomerSpec("Al Marsa Blue Provisions", "Kuwait City", "", "marsablue", currency="KWD", late=4, country="KW"),
    CustomerSpec("Pearl Causeway Foods", "Manama", "", "pearlcauseway", currency="USD", late=7, country="BH"),
]

CITIES = [
    City("Riyadh", 24.71, 46.68), City("Jeddah", 21.49, 39.19), City("Dammam", 26.43, 50.10),
    City("Buraidah", 26.33, 43.97), City("Hail", 27.52, 41.69), City("Tabuk", 28.38, 36.57),
    City("Madinah", 24.47, 39.61), City("Abha", 18.22, 42.51), City("Jazan", 16.89, 42.55),
    City("Najran", 17.57, 44.23), City("Yanbu", 24.09, 38.06), City("Jubail", 27.01, 49.66),
    City("Al Kharj", 24.15, 47.31), City("Taif", 21.27, 40.42),
]  # fmt: skip

ADDED = {"treatment": TaxTreatment.ADDED, "tax": "VAT15"}
TYPES = [
    TypeSpec("Delivery fee", entities=("customer", "carrier"), **ADDED),
    TypeSpec("Cold chain", **ADDED),
    TypeSpec("Express handling", **ADDED),
    TypeSpec("Pallet deposit", kind=ChargeKind.OTHER, gl="2300"),
    TypeSpec("Cancelled order fee", **ADDED),
    TypeSpec("Write-Off", kind=ChargeKind.BAD_DEBT, gl="6100"),
    TypeSpec("Balance Adjustment", kind=ChargeKind.PRICE_CONCESSION, gl="4900", treatment=TaxTreatment.INCLUDED),
]

PROFILE = Profile(
    slug="najd-distribution",
    domain="najd.demo.example",
    details={
        "name": "Najd Distribution", "legal_name": "شركة نجد للتوزيع التجريبية", "currency": "SAR", "language": "en",
        "timezone": "Asia/Riyadh", "date_format": "d/m/Y", "work_days": [6, 0, 1, 2, 3], "city": "Riyadh",
        "address_line_1": "Demo Industrial Area 7", "postal_code": "11000", "country": "SA",
        "tax_id": "300000000000003", "bank_account": "SA03 8000 0000 6080 1016 7519",
        "contact_email": "billing@najd.demo.example", "electronic_address": "billing@najd.demo.example",
        "electronic_address_scheme": "EM", "untaxed_category": "E", "untaxed_reason": "Not subject to VAT",
    },
    people={
        Role.ADMIN: "Huda Al-Rimali", Role.PARTNER_ADMIN: "Tariq Benhaddou", Role.OPERATIONS_MANAGER: "Salem Al-Wadi",
        Role.BILLER: "Mariam Qasimi", Role.COLLECTOR: "Yousef Darwazi", Role.AUDITOR: "Leila Hartono",
    },
    types=TYPES,
    banks=[
        BankSpec("Collections account", "SAR", "1010", "Collections account"),
        BankSpec("Kuwaiti dinars", "KWD", "1020", "Bank, Kuwaiti dinars"),
        BankSpec("US dollars", "USD", "1030", "Bank, US dollars"),
    ],
    customers=CUSTOMERS,
    cities=CITIES,
    extras=[
        Extra("Delivery fee", 0.35, Decimal("75")),
        Extra("Cold chain", 0.10, Decimal("42.50"), (2, 8), "Chilled pallets"),
        Extra("Pallet deposit", 0.12, Decimal("30"), (4, 22)),
        Extra("Express handling", 0.03, Decimal("180")),
    ],
    loads=600,
    haul=(Decimal(900), Decimal(14000)),
    by_distance=False,
    methods=[("wire", "SARIE"), ("wire", "SARIE"), ("other", "SADAD"), ("check", "CHQ"), ("card", "POS")],
    short_notes=[
        "Short {short}: three cartons damaged on arrival",
        "{short} held back, price list of last quarter",
        "خصم {short} لنقص في البضاعة",
        "Customer deducted {short} for returned pallets",
        "لم يُدفع رسم التوصيل {short}",
        "Bank kept {short} of charges",
        "Rebate of {short} taken, no agreement on file",
    ],
    phone="+966 11 555 01{:02d}",
    cancelled_fee="Cancelled order fee",
    taxes=[("VAT15", "VAT 15%", Decimal(15)), ("VAT0", "VAT 0% (export)", Decimal(0))],
    line_tax="VAT15",
    rates={"KWD": (Decimal("12.2050"), Decimal("0.0400")), "USD": (Decimal("3.7500"), Decimal(0))},
)  # fmt: skip
