"""Reasons of differences, and credit notes with their lines."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import receivables.core.fields


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("billing", "0013_guards_delivery"),
        ("customers", "0003_history"),
        ("ledger", "0007_credit_notes_settle"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Reason",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=20, verbose_name="code")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("bad_debt", "Bad debt"),
                            ("price_concession", "Price concession"),
                            ("discount", "Discount"),
                            ("small_difference", "Small difference"),
                            ("bank_fee", "Bank fee"),
                            ("withholding_tax", "Withholding tax"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "document",
                    models.CharField(
                        choices=[("credit_note", "Credit note"), ("journal", "Journal only")],
                        default="credit_note",
                        max_length=12,
                        verbose_name="document",
                    ),
                ),
                (
                    "tax_rule",
                    models.CharField(
                        choices=[
                            ("none", "No tax"),
                            ("at_once", "Tax is taken back at once"),
                            ("relief_later", "Tax relief is claimed later"),
                        ],
                        default="none",
                        max_length=12,
                        verbose_name="tax",
                    ),
                ),
                (
                    "relief_days",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="days until tax relief"),
                ),
                ("currency", receivables.core.fields.CurrencyField(editable=False)),
                (
                    "maximum",
                    receivables.core.fields.MoneyField(blank=True, null=True, verbose_name="limit per invoice"),
                ),
                ("active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "gl_account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.glaccount",
                        verbose_name="GL account",
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
            ],
            options={
                "verbose_name": "reason",
                "verbose_name_plural": "reasons of differences",
            },
        ),
        migrations.CreateModel(
            name="CreditNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=40, verbose_name="number")),
                ("sequence_number", models.BigIntegerField()),
                ("text", models.CharField(blank=True, default="", max_length=300, verbose_name="text")),
                ("currency", receivables.core.fields.CurrencyField()),
                ("rate", receivables.core.fields.ExchangeRateField(default=1)),
                ("date", models.DateField(verbose_name="date")),
                ("posting_date", models.DateField(verbose_name="posting date")),
                ("net", receivables.core.fields.MoneyField()),
                ("tax", receivables.core.fields.MoneyField()),
                ("total", receivables.core.fields.MoneyField()),
                ("line_count", models.PositiveIntegerField()),
                ("bill_to", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_notes",
                        to="customers.account",
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
                    "reason",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.reason",
                        verbose_name="reason",
                    ),
                ),
            ],
            options={
                "verbose_name": "credit note",
                "verbose_name_plural": "credit notes",
            },
        ),
        migrations.CreateModel(
            name="ReasonEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("code", models.CharField(max_length=20, verbose_name="code")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("bad_debt", "Bad debt"),
                            ("price_concession", "Price concession"),
                            ("discount", "Discount"),
                            ("small_difference", "Small difference"),
                            ("bank_fee", "Bank fee"),
                            ("withholding_tax", "Withholding tax"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "document",
                    models.CharField(
                        choices=[("credit_note", "Credit note"), ("journal", "Journal only")],
                        default="credit_note",
                        max_length=12,
                        verbose_name="document",
                    ),
                ),
                (
                    "tax_rule",
                    models.CharField(
                        choices=[
                            ("none", "No tax"),
                            ("at_once", "Tax is taken back at once"),
                            ("relief_later", "Tax relief is claimed later"),
                        ],
                        default="none",
                        max_length=12,
                        verbose_name="tax",
                    ),
                ),
                (
                    "relief_days",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="days until tax relief"),
                ),
                ("currency", receivables.core.fields.CurrencyField(editable=False)),
                (
                    "maximum",
                    receivables.core.fields.MoneyField(blank=True, null=True, verbose_name="limit per invoice"),
                ),
                ("active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "gl_account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="ledger.glaccount",
                        verbose_name="GL account",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.organization",
                        verbose_name="organization",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="billing.reason",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CreditNoteLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line_no", models.PositiveIntegerField()),
                ("currency", receivables.core.fields.CurrencyField()),
                ("net", receivables.core.fields.MoneyField()),
                ("tax_rate", receivables.core.fields.RateField(default=0)),
                ("tax", receivables.core.fields.MoneyField(default=0)),
                ("total", receivables.core.fields.MoneyField()),
                (
                    "allocation",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_note_lines",
                        to="ledger.allocation",
                    ),
                ),
                (
                    "credit_note",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="billing.creditnote",
                    ),
                ),
                (
                    "gl_account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.glaccount",
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_lines",
                        to="billing.invoice",
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
                    "tax_code",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.taxcode",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("credit_note", "line_no"), name="credit_note_line_no_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "total",
                                django.db.models.expressions.CombinedExpression(models.F("net"), "+", models.F("tax")),
                            )
                        ),
                        name="credit_note_line_adds_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("net__gte", 0), ("tax__gte", 0), ("total__gt", 0)),
                        name="credit_note_line_amounts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("tax_code__isnull", False), ("tax", 0), _connector="OR"),
                        name="credit_note_line_names_its_tax",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditNoteReversal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField()),
                ("posting_date", models.DateField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
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
                (
                    "credit_note",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversal",
                        to="billing.creditnote",
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
            ],
            options={
                "verbose_name": "reversal of a credit note",
                "verbose_name_plural": "reversals of credit notes",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="credit_note_reversal_says_why"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="reason",
            constraint=models.UniqueConstraint(
                models.F("organization"), django.db.models.functions.text.Upper("code"), name="reason_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="reason",
            constraint=models.CheckConstraint(
                condition=models.Q(("maximum__isnull", True), ("maximum__gte", 0), _connector="OR"),
                name="reason_limit_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="reason",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("relief_days__isnull", False), ("tax_rule", "relief_later")),
                    models.Q(models.Q(("tax_rule", "relief_later"), _negated=True), ("relief_days__isnull", True)),
                    _connector="OR",
                ),
                name="reason_relief_has_its_days",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reason",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "billing_reasonevent" ("active", "code", "currency", "document", "gl_account_id", "id", "kind", "maximum", "name", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relief_days", "tax_rule") VALUES (NEW."active", NEW."code", NEW."currency", NEW."document", NEW."gl_account_id", NEW."id", NEW."kind", NEW."maximum", NEW."name", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."relief_days", NEW."tax_rule"); RETURN NULL;',
                    hash="e75be10e2e6880ab67b738ea0ca893873f805470",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_1e225",
                    table="billing_reason",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reason",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "billing_reasonevent" ("active", "code", "currency", "document", "gl_account_id", "id", "kind", "maximum", "name", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relief_days", "tax_rule") VALUES (NEW."active", NEW."code", NEW."currency", NEW."document", NEW."gl_account_id", NEW."id", NEW."kind", NEW."maximum", NEW."name", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."relief_days", NEW."tax_rule"); RETURN NULL;',
                    hash="a6d6bf5043b32a0d51fbab1c525143b4e72e242d",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_8eafa",
                    table="billing_reason",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="creditnote",
            index=models.Index(fields=["organization", "-date", "-id"], name="credit_note_date"),
        ),
        migrations.AddIndex(
            model_name="creditnote",
            index=models.Index(fields=["account", "-id"], name="credit_note_account"),
        ),
        migrations.AddIndex(
            model_name="creditnote",
            index=models.Index(
                models.F("organization"),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("number"), "text_pattern_ops"
                ),
                name="credit_note_number_prefix",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.UniqueConstraint(fields=("organization", "number"), name="credit_note_number_once"),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.CheckConstraint(
                condition=models.Q(("net__gte", 0), ("tax__gte", 0), ("total__gt", 0)), name="credit_note_amounts"
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("total", django.db.models.expressions.CombinedExpression(models.F("net"), "+", models.F("tax")))
                ),
                name="credit_note_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.CheckConstraint(condition=models.Q(("line_count__gte", 1)), name="credit_note_has_lines"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reasonevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="908f92aa5a908c844d96054d5792cb58c57654b8",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_b0e83",
                    table="billing_reasonevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
