import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import receivables.core.fields
import receivables.core.migrating


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("customers", "0001_initial"),
    ]

    operations = [
        receivables.core.migrating.Together(
            operations=[
                migrations.CreateModel(
                    name="Bankruptcy",
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
                            "account",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="bankruptcy",
                                to="customers.account",
                            ),
                        ),
                        (
                            "new_account",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="opened_by_bankruptcy",
                                to="customers.account",
                            ),
                        ),
                        ("filed_on", models.DateField(verbose_name="filing date")),
                        ("reference", models.CharField(max_length=200, verbose_name="court and case number")),
                        ("posting_date", models.DateField(verbose_name="posting date")),
                        (
                            "approved_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "bankruptcy",
                        "verbose_name_plural": "bankruptcies",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("reference", ""), _negated=True), name="bankruptcy_has_a_case"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WriteOff",
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
                        ("number", models.CharField(max_length=40, verbose_name="number")),
                        ("sequence_number", models.BigIntegerField()),
                        (
                            "account",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="write_offs",
                                to="customers.account",
                            ),
                        ),
                        (
                            "method",
                            models.CharField(
                                choices=[
                                    ("distribution", "By the accounts it was booked to"),
                                    ("type", "To one write-off type"),
                                    ("bankruptcy", "Bankruptcy: one type, by the accounts it was booked to"),
                                    ("dividend", "Dividend of a bankruptcy: back to the ordinary write-off types"),
                                ],
                                default="distribution",
                                max_length=12,
                                verbose_name="method",
                            ),
                        ),
                        (
                            "bankruptcy",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="write_offs",
                                to="writeoffs.bankruptcy",
                            ),
                        ),
                        ("reason", models.TextField(verbose_name="reason")),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField(verbose_name="amount")),
                        ("organization_amount", receivables.core.fields.MoneyField()),
                        ("line_count", models.PositiveIntegerField()),
                        ("date", models.DateField(verbose_name="date")),
                        ("posting_date", models.DateField(verbose_name="posting date")),
                        (
                            "approved_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "write-off",
                        "verbose_name_plural": "write-offs",
                        "indexes": [
                            models.Index(fields=["organization", "-posting_date", "-id"], name="write_off_date"),
                            models.Index(fields=["account", "-id"], name="write_off_account"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("organization", "number"), name="write_off_number_once"),
                            models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="write_off_above_zero"),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True), name="write_off_says_why"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("line_count__gte", 1)), name="write_off_has_lines"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("bankruptcy__isnull", False), ("method__in", ["bankruptcy", "dividend"])),
                                    models.Q(
                                        models.Q(("method__in", ["bankruptcy", "dividend"]), _negated=True),
                                        ("bankruptcy__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="write_off_of_a_bankruptcy",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WriteOffReversal",
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
                            "write_off",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversals",
                                to="writeoffs.writeoff",
                            ),
                        ),
                        ("step", models.PositiveIntegerField()),
                        ("reason", models.TextField(verbose_name="reason")),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField(verbose_name="amount")),
                        ("organization_amount", receivables.core.fields.MoneyField()),
                        ("line_count", models.PositiveIntegerField()),
                        ("posting_date", models.DateField(verbose_name="posting date")),
                    ],
                    options={
                        "verbose_name": "reversal of a write-off",
                        "verbose_name_plural": "reversals of write-offs",
                        "indexes": [
                            models.Index(
                                fields=["organization", "-posting_date", "-id"], name="write_off_reversal_date"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("write_off", "step"), name="write_off_reversal_step_once"),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="write_off_reversal_above_zero"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True), name="write_off_reversal_says_why"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("line_count__gte", 1)), name="write_off_reversal_has_lines"
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
