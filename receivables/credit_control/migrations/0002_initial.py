import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import receivables.core.fields
import receivables.core.migrating


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("billing", "0002_initial"),
        ("credit_control", "0001_initial"),
        ("customers", "0002_initial"),
        ("ledger", "0002_initial"),
    ]

    operations = [
        receivables.core.migrating.Together(
            operations=[
                migrations.CreateModel(
                    name="Dispute",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "organization",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organization",
                                verbose_name="organization",
                            ),
                        ),
                        (
                            "invoice",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="disputes",
                                to="billing.invoice",
                            ),
                        ),
                        (
                            "load",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="disputes",
                                to="billing.load",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField(verbose_name="disputed amount")),
                        (
                            "why",
                            models.CharField(
                                choices=[
                                    ("damage", "Damaged or missing goods"),
                                    ("rate", "Rate not agreed"),
                                    ("detention", "Detention or extra charge refused"),
                                    ("tax", "Tax or withholding"),
                                    ("bank_fee", "Bank fee"),
                                    ("other", "Other"),
                                ],
                                max_length=12,
                                verbose_name="reason",
                            ),
                        ),
                        ("note", models.TextField(blank=True, default="", verbose_name="note")),
                        ("next_step_on", models.DateField(null=True, verbose_name="next step on")),
                        (
                            "state",
                            models.CharField(
                                choices=[("open", "Open"), ("resolved", "Resolved"), ("withdrawn", "Withdrawn")],
                                default="open",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "decision",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("accepted", "The customer is right"),
                                    ("partly", "The customer is partly right"),
                                    ("rejected", "The customer is not right"),
                                    ("withdrawn", "The customer withdrew it"),
                                ],
                                default="",
                                max_length=10,
                                verbose_name="decision",
                            ),
                        ),
                        ("outcome", models.TextField(blank=True, default="", verbose_name="what came of it")),
                        (
                            "opened_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "closed_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("closed_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name": "dispute",
                        "verbose_name_plural": "disputes",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "open")),
                                fields=["organization", "invoice"],
                                name="dispute_open",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="dispute_above_zero"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("closed_at__isnull", True), ("decision", ""), ("state", "open")),
                                    models.Q(
                                        models.Q(("state", "open"), _negated=True),
                                        models.Q(("decision", ""), _negated=True),
                                        ("closed_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="dispute_closed_with_decision",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Plan",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "organization",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organization",
                                verbose_name="organization",
                            ),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "agreement",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="plans",
                                to="customers.agreement",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("budget", "Budget"), ("arrangement", "Payment arrangement")], max_length=12
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField(null=True)),
                        ("total", receivables.core.fields.MoneyField(null=True)),
                        ("instalments", models.PositiveSmallIntegerField(null=True)),
                        ("every_months", models.PositiveSmallIntegerField(default=1)),
                        ("first_due", models.DateField()),
                        ("grace_days", models.PositiveSmallIntegerField(default=0)),
                        ("asked", models.PositiveSmallIntegerField(default=0)),
                        ("seen_movement", models.BigIntegerField(default=0)),
                        ("reason", models.TextField(blank=True, default="")),
                        ("ended_on", models.DateField(null=True)),
                        (
                            "ended_because",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("kept", "Kept: all of it was paid"),
                                    ("broken", "Broken: an instalment was not paid in time"),
                                    ("cancelled", "Cancelled"),
                                    ("stopped", "Service stopped"),
                                    ("written_off", "The debt was written off"),
                                ],
                                default="",
                                max_length=12,
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1)),
                    ],
                    options={
                        "verbose_name": "budget or payment arrangement",
                        "verbose_name_plural": "budgets and payment arrangements",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("ended_on__isnull", True)),
                                fields=["organization", "id"],
                                name="plan_active",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_on__isnull", True)),
                                fields=("agreement",),
                                name="plan_one_at_a_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("amount__gt", 0),
                                        ("instalments__isnull", True),
                                        ("kind", "budget"),
                                        ("total__isnull", True),
                                    ),
                                    models.Q(
                                        ("amount__isnull", True),
                                        ("instalments__range", (1, 120)),
                                        ("kind", "arrangement"),
                                        ("total__gt", 0),
                                    ),
                                    _connector="OR",
                                ),
                                name="plan_says_how_much",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("every_months__range", (1, 12))), name="plan_asks_every_so_often"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_because", ""), ("ended_on__isnull", True)),
                                    models.Q(
                                        ("ended_on__isnull", False), models.Q(("ended_because", ""), _negated=True)
                                    ),
                                    _connector="OR",
                                ),
                                name="plan_ends_for_a_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("instalments__isnull", True),
                                    ("asked__lte", models.F("instalments")),
                                    _connector="OR",
                                ),
                                name="plan_asks_no_more_than_all",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PlanItem",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "organization",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organization",
                                verbose_name="organization",
                            ),
                        ),
                        (
                            "plan",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="items",
                                to="credit_control.plan",
                            ),
                        ),
                        (
                            "open_item",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.openitem",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField()),
                    ],
                    options={
                        "verbose_name": "debt of an arrangement",
                        "verbose_name_plural": "debts of arrangements",
                        "constraints": [
                            models.UniqueConstraint(fields=("plan", "open_item"), name="plan_item_once"),
                            models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="plan_item_above_zero"),
                        ],
                    },
                ),
            ],
        ),
    ]
