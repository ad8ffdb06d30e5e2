import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import receivables.core.fields
import receivables.core.migrating


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        receivables.core.migrating.Together(
            operations=[
                migrations.CreateModel(
                    name="GLAccount",
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
                        ("code", models.CharField(max_length=20, verbose_name="code")),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("asset", "Asset"),
                                    ("liability", "Liability"),
                                    ("equity", "Equity"),
                                    ("income", "Income"),
                                    ("expense", "Expense"),
                                ],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "None"),
                                    ("receivables", "Receivables control"),
                                    ("unapplied", "Unapplied money"),
                                    ("transfer", "Transfer (nets to zero)"),
                                    ("currency_clearing", "Currency clearing"),
                                    ("exchange", "Realized exchange gain or loss"),
                                    ("write_off", "Write-off expense"),
                                    ("opening", "Opening balances"),
                                    ("revenue", "Default revenue"),
                                ],
                                default="",
                                max_length=20,
                                verbose_name="role",
                            ),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                        (
                            "write_off_override",
                            models.BooleanField(
                                default=False,
                                help_text="For liabilities such as taxes: this account is debited instead of the agreement type's own.",
                                verbose_name="debit this account on write-off",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "GL account",
                        "verbose_name_plural": "GL accounts",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("organization"),
                                django.db.models.functions.text.Upper("code"),
                                name="gl_account_code_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("role", ""), _negated=True),
                                fields=("organization", "role"),
                                name="gl_account_role_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="JournalEntry",
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
                        ("kind", models.CharField(max_length=32)),
                        ("source_type", models.CharField(max_length=64)),
                        ("source_id", models.BigIntegerField()),
                        ("document_date", models.DateField()),
                        ("posting_date", models.DateField()),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("line_count", models.PositiveIntegerField()),
                        ("total", receivables.core.fields.MoneyField()),
                        ("organization_total", receivables.core.fields.MoneyField()),
                        ("memo", models.CharField(blank=True, default="", max_length=200)),
                        (
                            "reverses",
                            models.OneToOneField(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversed_by",
                                to="ledger.journalentry",
                            ),
                        ),
                        (
                            "posted_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("posted_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        "verbose_name": "journal entry",
                        "verbose_name_plural": "journal",
                        "indexes": [
                            models.Index(
                                fields=["organization", "posting_date", "id"], name="journal_entry_posting_date"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organization", "source_type", "source_id", "kind"),
                                name="journal_entry_source_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("line_count__gte", 2)), name="journal_entry_two_lines"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Period",
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
                        ("month", models.DateField(verbose_name="month")),
                        ("closed_at", models.DateTimeField(null=True)),
                        (
                            "closed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organization", "month"), name="period_once"),
                            models.CheckConstraint(condition=models.Q(("month__day", 1)), name="period_is_a_month"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("closed_at__isnull", True), ("closed_by__isnull", True)),
                                    models.Q(("closed_at__isnull", False), ("closed_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="period_closed_by_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExchangeRate",
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
                        ("currency", receivables.core.fields.CurrencyField(verbose_name="currency")),
                        ("date", models.DateField(verbose_name="date")),
                        ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                        ("rate", receivables.core.fields.ExchangeRateField(verbose_name="rate")),
                        ("inverse", models.BooleanField(default=False, verbose_name="quoted the other way round")),
                        ("quoted", receivables.core.fields.ExchangeRateField(null=True, verbose_name="as quoted")),
                        (
                            "source",
                            models.CharField(
                                choices=[("typed", "Typed"), ("file", "File"), ("ecb", "European Central Bank")],
                                default="typed",
                                max_length=8,
                                verbose_name="source",
                            ),
                        ),
                        ("reason", models.TextField(blank=True, default="", verbose_name="reason")),
                    ],
                    options={
                        "verbose_name": "exchange rate",
                        "verbose_name_plural": "exchange rates",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organization", "currency", "date", "version"),
                                name="exchange_rate_version_once",
                            ),
                            models.CheckConstraint(condition=models.Q(("rate__gt", 0)), name="exchange_rate_positive"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("version", 1), models.Q(("reason", ""), _negated=True), _connector="OR"
                                ),
                                name="exchange_rate_correction_says_why",
                            ),
                        ],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="glaccount",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "ledger_glaccountevent" ("active", "code", "id", "kind", "name", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "write_off_override", "write_off_type_id") VALUES (NEW."active", NEW."code", NEW."id", NEW."kind", NEW."name", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."role", NEW."write_off_override", NEW."write_off_type_id"); RETURN NULL;',
                            hash="8a927d321882872eda5f53bf7bdc6a8d01f27f16",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_744b7",
                            table="ledger_glaccount",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="glaccount",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "ledger_glaccountevent" ("active", "code", "id", "kind", "name", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "write_off_override", "write_off_type_id") VALUES (NEW."active", NEW."code", NEW."id", NEW."kind", NEW."name", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."role", NEW."write_off_override", NEW."write_off_type_id"); RETURN NULL;',
                            hash="c5bf7cd1535ff5f4eb994ea0ad9b04b184199aa7",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_15fd4",
                            table="ledger_glaccount",
                            when="AFTER",
                        ),
                    ),
                ),
            ],
        ),
    ]
