import django.contrib.postgres.fields
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
import receivables.core.migrating


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("core", "0001_initial"),
        ("customers", "0001_initial"),
        ("ledger", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        receivables.core.migrating.Together(
            operations=[
                migrations.CreateModel(
                    name="BillingRun",
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
                        ("cut_off", models.DateField(verbose_name="due up to")),
                        ("issue_date", models.DateField(verbose_name="issue date")),
                        (
                            "job",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.job",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "billing run",
                        "verbose_name_plural": "billing runs",
                        "indexes": [models.Index(fields=["organization", "-id"], name="billing_run_newest")],
                    },
                ),
                migrations.CreateModel(
                    name="CustomerDelivery",
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
                            "customer",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="delivery",
                                to="customers.customer",
                            ),
                        ),
                        (
                            "method",
                            models.CharField(
                                choices=[
                                    ("email", "E-mail"),
                                    ("post", "Print and post"),
                                    ("portal", "Customer's portal"),
                                ],
                                default="email",
                                max_length=8,
                                verbose_name="method",
                            ),
                        ),
                        (
                            "to",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=254),
                                blank=True,
                                db_column="mail_to",
                                default=list,
                                size=None,
                                verbose_name="to",
                            ),
                        ),
                        (
                            "cc",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=254),
                                blank=True,
                                default=list,
                                size=None,
                                verbose_name="copy to",
                            ),
                        ),
                        (
                            "language",
                            models.CharField(
                                blank=True,
                                choices=[("en", "English"), ("es", "Español"), ("ar", "العربية")],
                                max_length=5,
                                verbose_name="language of the mail",
                            ),
                        ),
                        ("automatic", models.BooleanField(default=False, verbose_name="send when generated")),
                        ("attach_pdf", models.BooleanField(default=True, verbose_name="attach the PDF")),
                        (
                            "attach_xml",
                            models.BooleanField(db_default=False, default=False, verbose_name="attach the e-invoice"),
                        ),
                        ("version", models.PositiveIntegerField(default=1)),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="ImportFile",
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
                        ("name", models.CharField(max_length=200, verbose_name="file")),
                        ("content", models.BinaryField()),
                        ("choices", models.JSONField(default=dict)),
                        ("problems", models.JSONField(default=dict)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["organization", "-id"], name="import_file_newest")],
                    },
                ),
                migrations.CreateModel(
                    name="ImportMapping",
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
                        ("name", models.CharField(max_length=200, verbose_name="name")),
                        ("fingerprint", models.CharField(max_length=64)),
                        ("choices", models.JSONField(default=dict)),
                        ("used_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("organization", "fingerprint"), name="import_mapping_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="InvoiceMailText",
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
                            "language",
                            models.CharField(
                                choices=[("en", "English"), ("es", "Español"), ("ar", "العربية")],
                                max_length=5,
                                verbose_name="language",
                            ),
                        ),
                        (
                            "sender_name",
                            models.CharField(
                                blank=True,
                                help_text="Empty: the organization's name.",
                                max_length=100,
                                verbose_name="sender name",
                            ),
                        ),
                        (
                            "reply_to",
                            models.EmailField(
                                blank=True,
                                help_text="Empty: answers go to the address that the site sends from.",
                                max_length=254,
                                verbose_name="replies to",
                            ),
                        ),
                        ("subject", models.CharField(max_length=200, verbose_name="subject")),
                        ("body", models.TextField(max_length=5000, verbose_name="text")),
                    ],
                    options={
                        "verbose_name": "invoice e-mail",
                        "verbose_name_plural": "invoice e-mails",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organization", "language"), name="invoice_mail_once_per_language"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("subject__regex", "[\\x01-\\x1f\\x7f]"), _negated=True),
                                    models.Q(("sender_name__regex", "[\\x01-\\x1f\\x7f]"), _negated=True),
                                ),
                                name="invoice_mail_headers_in_one_line",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Reason",
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
                            "gl_account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.glaccount",
                                verbose_name="GL account",
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
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="days until tax relief"
                            ),
                        ),
                        (
                            "relief_from",
                            models.CharField(
                                choices=[("write_off", "the day it was given up"), ("due", "the invoice's due date")],
                                db_default="write_off",
                                default="write_off",
                                max_length=10,
                                verbose_name="counted from",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField(editable=False)),
                        (
                            "maximum",
                            receivables.core.fields.MoneyField(blank=True, null=True, verbose_name="limit per invoice"),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "verbose_name": "reason",
                        "verbose_name_plural": "reasons of differences",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("organization"),
                                django.db.models.functions.text.Upper("code"),
                                name="reason_code_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("maximum__isnull", True), ("maximum__gte", 0), _connector="OR"),
                                name="reason_limit_not_negative",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("relief_days__isnull", False), ("tax_rule", "relief_later")),
                                    models.Q(
                                        models.Q(("tax_rule", "relief_later"), _negated=True),
                                        ("relief_days__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="reason_relief_has_its_days",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SummarySchedule",
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
                            "customer",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="summary_schedule",
                                to="customers.customer",
                            ),
                        ),
                        (
                            "frequency",
                            models.CharField(
                                choices=[
                                    ("weekly", "Every week"),
                                    ("fortnightly", "Every two weeks"),
                                    ("monthly", "Every month"),
                                ],
                                max_length=12,
                                verbose_name="frequency",
                            ),
                        ),
                        ("next_date", models.DateField(verbose_name="next summary invoice on")),
                        ("day_of_month", models.PositiveSmallIntegerField(default=1)),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "verbose_name": "schedule of summary invoices",
                        "verbose_name_plural": "schedules of summary invoices",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("day_of_month__gte", 1), ("day_of_month__lte", 31)),
                                name="summary_schedule_day_of_month",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TaxCode",
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
                        ("rate", receivables.core.fields.RateField(verbose_name="rate in percent")),
                        (
                            "category",
                            models.CharField(
                                choices=[
                                    ("S", "Standard or reduced rate"),
                                    ("Z", "Taxed at 0 %"),
                                    ("E", "Exempt from tax"),
                                    ("AE", "Reverse charge: the customer pays the tax"),
                                    ("K", "Delivery to another country of the European Union"),
                                    ("G", "Export, tax not charged"),
                                    ("O", "Not subject to tax"),
                                ],
                                default="S",
                                max_length=2,
                                verbose_name="category",
                            ),
                        ),
                        (
                            "exemption_reason",
                            models.CharField(
                                blank=True,
                                default="",
                                help_text="Stands on e-invoices. An exemption names the paragraph; the other categories have a sentence.",
                                max_length=200,
                                verbose_name="why there is no tax",
                            ),
                        ),
                        (
                            "gl_account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.glaccount",
                                verbose_name="GL account",
                            ),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "verbose_name": "tax code",
                        "verbose_name_plural": "tax codes",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("organization"),
                                django.db.models.functions.text.Upper("code"),
                                name="tax_code_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("rate__gte", 0), ("rate__lte", 100)), name="tax_rate_range"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AccessorialType",
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
                        ("name", models.CharField(max_length=80, verbose_name="type name")),
                        (
                            "rate_type",
                            models.CharField(
                                choices=[
                                    ("flat", "Flat"),
                                    ("weight", "Weight"),
                                    ("distance", "Distance"),
                                    ("volume", "Volume"),
                                    ("time", "Time"),
                                ],
                                default="flat",
                                max_length=10,
                                verbose_name="rate type",
                            ),
                        ),
                        (
                            "entities",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("customer", "Customer"),
                                        ("carrier", "Carrier"),
                                        ("driver", "Driver"),
                                        ("owner", "Owner"),
                                    ],
                                    max_length=10,
                                ),
                                default=list,
                                size=None,
                                verbose_name="entities",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("charge", "Charge"),
                                    ("bad_debt", "Bad debt"),
                                    ("price_concession", "Price concession"),
                                    ("other", "Other"),
                                ],
                                default="charge",
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
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
                            "tax_treatment",
                            models.CharField(
                                choices=[
                                    ("none", "No tax"),
                                    ("added", "Tax is added on top"),
                                    ("included", "Tax is included in the amount"),
                                ],
                                default="none",
                                max_length=10,
                                verbose_name="tax treatment",
                            ),
                        ),
                        (
                            "tax_code",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.taxcode",
                                verbose_name="tax code",
                            ),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "verbose_name": "accessorial type",
                        "verbose_name_plural": "accessorial types",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("organization"),
                                django.db.models.functions.text.Upper("name"),
                                name="accessorial_type_name_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("entities", []), _negated=True),
                                name="accessorial_type_has_an_entity",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind__in", ["bad_debt", "price_concession"]), _negated=True),
                                    models.Q(("tax_treatment", "added"), _negated=True),
                                    _connector="OR",
                                ),
                                name="accessorial_adjustment_never_adds_tax",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("tax_treatment", "added"), _negated=True),
                                    ("tax_code__isnull", False),
                                    _connector="OR",
                                ),
                                name="accessorial_type_names_its_tax",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CreditNote",
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
                                related_name="credit_notes",
                                to="customers.account",
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
                        ("reason_name", models.CharField(blank=True, db_default="", default="", max_length=80)),
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
                    ],
                    options={
                        "verbose_name": "credit note",
                        "verbose_name_plural": "credit notes",
                        "indexes": [
                            models.Index(fields=["organization", "-date", "-id"], name="credit_note_date"),
                            models.Index(fields=["account", "-id"], name="credit_note_account"),
                            models.Index(
                                models.F("organization"),
                                django.contrib.postgres.indexes.OpClass(
                                    django.db.models.functions.text.Upper("number"), "text_pattern_ops"
                                ),
                                name="credit_note_number_prefix",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("organization", "number"), name="credit_note_number_once"),
                            models.CheckConstraint(
                                condition=models.Q(("net__gte", 0), ("tax__gte", 0), ("total__gt", 0)),
                                name="credit_note_amounts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "total",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("net"), "+", models.F("tax")
                                        ),
                                    )
                                ),
                                name="credit_note_adds_up",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("line_count__gte", 1)), name="credit_note_has_lines"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="InvoiceMailTextEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="events",
                                to="billing.invoicemailtext",
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
                        ("id", models.BigIntegerField()),
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
                            "language",
                            models.CharField(
                                choices=[("en", "English"), ("es", "Español"), ("ar", "العربية")],
                                max_length=5,
                                verbose_name="language",
                            ),
                        ),
                        (
                            "sender_name",
                            models.CharField(
                                blank=True,
                                help_text="Empty: the organization's name.",
                                max_length=100,
                                verbose_name="sender name",
                            ),
                        ),
                        (
                            "reply_to",
                            models.EmailField(
                                blank=True,
                                help_text="Empty: answers go to the address that the site sends from.",
                                max_length=254,
                                verbose_name="replies to",
                            ),
                        ),
                        ("subject", models.CharField(max_length=200, verbose_name="subject")),
                        ("body", models.TextField(max_length=5000, verbose_name="text")),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="ReasonEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="events",
                                to="billing.reason",
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
                        ("id", models.BigIntegerField()),
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
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="days until tax relief"
                            ),
                        ),
                        (
                            "relief_from",
                            models.CharField(
                                choices=[("write_off", "the day it was given up"), ("due", "the invoice's due date")],
                                db_default="write_off",
                                default="write_off",
                                max_length=10,
                                verbose_name="counted from",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField(editable=False)),
                        (
                            "maximum",
                            receivables.core.fields.MoneyField(blank=True, null=True, verbose_name="limit per invoice"),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="SummaryScheduleEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="events",
                                to="billing.summaryschedule",
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
                        ("id", models.BigIntegerField()),
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
                            "customer",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="customers.customer",
                            ),
                        ),
                        (
                            "frequency",
                            models.CharField(
                                choices=[
                                    ("weekly", "Every week"),
                                    ("fortnightly", "Every two weeks"),
                                    ("monthly", "Every month"),
                                ],
                                max_length=12,
                                verbose_name="frequency",
                            ),
                        ),
                        ("next_date", models.DateField(verbose_name="next summary invoice on")),
                        ("day_of_month", models.PositiveSmallIntegerField(default=1)),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="TaxCodeEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="events",
                                to="billing.taxcode",
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
                        ("id", models.BigIntegerField()),
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
                        ("code", models.CharField(max_length=20, verbose_name="code")),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("rate", receivables.core.fields.RateField(verbose_name="rate in percent")),
                        (
                            "category",
                            models.CharField(
                                choices=[
                                    ("S", "Standard or reduced rate"),
                                    ("Z", "Taxed at 0 %"),
                                    ("E", "Exempt from tax"),
                                    ("AE", "Reverse charge: the customer pays the tax"),
                                    ("K", "Delivery to another country of the European Union"),
                                    ("G", "Export, tax not charged"),
                                    ("O", "Not subject to tax"),
                                ],
                                default="S",
                                max_length=2,
                                verbose_name="category",
                            ),
                        ),
                        (
                            "exemption_reason",
                            models.CharField(
                                blank=True,
                                default="",
                                help_text="Stands on e-invoices. An exemption names the paragraph; the other categories have a sentence.",
                                max_length=200,
                                verbose_name="why there is no tax",
                            ),
                        ),
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
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="AccessorialTypeEvent",
                    fields=[
                        ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                        ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                        ("pgh_label", models.TextField(help_text="The event label.")),
                        (
                            "pgh_obj",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="events",
                                to="billing.accessorialtype",
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
                        ("id", models.BigIntegerField()),
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
                        ("name", models.CharField(max_length=80, verbose_name="type name")),
                        (
                            "rate_type",
                            models.CharField(
                                choices=[
                                    ("flat", "Flat"),
                                    ("weight", "Weight"),
                                    ("distance", "Distance"),
                                    ("volume", "Volume"),
                                    ("time", "Time"),
                                ],
                                default="flat",
                                max_length=10,
                                verbose_name="rate type",
                            ),
                        ),
                        (
                            "entities",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("customer", "Customer"),
                                        ("carrier", "Carrier"),
                                        ("driver", "Driver"),
                                        ("owner", "Owner"),
                                    ],
                                    max_length=10,
                                ),
                                default=list,
                                size=None,
                                verbose_name="entities",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("charge", "Charge"),
                                    ("bad_debt", "Bad debt"),
                                    ("price_concession", "Price concession"),
                                    ("other", "Other"),
                                ],
                                default="charge",
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
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
                            "tax_treatment",
                            models.CharField(
                                choices=[
                                    ("none", "No tax"),
                                    ("added", "Tax is added on top"),
                                    ("included", "Tax is included in the amount"),
                                ],
                                default="none",
                                max_length=10,
                                verbose_name="tax treatment",
                            ),
                        ),
                        (
                            "tax_code",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="billing.taxcode",
                                verbose_name="tax code",
                            ),
                        ),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="CreditNoteReversal",
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
                            "credit_note",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversal",
                                to="billing.creditnote",
                            ),
                        ),
                        ("reason", models.TextField()),
                        ("posting_date", models.DateField()),
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
                pgtrigger.migrations.AddTrigger(
                    model_name="invoicemailtext",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "billing_invoicemailtextevent" ("body", "id", "language", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reply_to", "sender_name", "subject") VALUES (NEW."body", NEW."id", NEW."language", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reply_to", NEW."sender_name", NEW."subject"); RETURN NULL;',
                            hash="ac67874e73b4c43ba0cc6b63d970536669c23684",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_004ee",
                            table="billing_invoicemailtext",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="invoicemailtext",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "billing_invoicemailtextevent" ("body", "id", "language", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reply_to", "sender_name", "subject") VALUES (NEW."body", NEW."id", NEW."language", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reply_to", NEW."sender_name", NEW."subject"); RETURN NULL;',
                            hash="e4d125b20dd4698db015e325cec5f1f31d609acc",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_0667d",
                            table="billing_invoicemailtext",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="reason",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "billing_reasonevent" ("active", "code", "currency", "document", "gl_account_id", "id", "kind", "maximum", "name", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relief_days", "relief_from", "tax_rule") VALUES (NEW."active", NEW."code", NEW."currency", NEW."document", NEW."gl_account_id", NEW."id", NEW."kind", NEW."maximum", NEW."name", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."relief_days", NEW."relief_from", NEW."tax_rule"); RETURN NULL;',
                            hash="3bb91dfb46d51a5bc729867e3baf32632a383b87",
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
                            func='INSERT INTO "billing_reasonevent" ("active", "code", "currency", "document", "gl_account_id", "id", "kind", "maximum", "name", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relief_days", "relief_from", "tax_rule") VALUES (NEW."active", NEW."code", NEW."currency", NEW."document", NEW."gl_account_id", NEW."id", NEW."kind", NEW."maximum", NEW."name", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."relief_days", NEW."relief_from", NEW."tax_rule"); RETURN NULL;',
                            hash="337a8c8429c5fb609b6e80402021983b23daeebb",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_8eafa",
                            table="billing_reason",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="summaryschedule",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "billing_summaryscheduleevent" ("active", "customer_id", "day_of_month", "frequency", "id", "next_date", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."active", NEW."customer_id", NEW."day_of_month", NEW."frequency", NEW."id", NEW."next_date", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;',
                            hash="958a997a6687d208a970f522cd4b0e56aedc9747",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_61bb2",
                            table="billing_summaryschedule",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="summaryschedule",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "billing_summaryscheduleevent" ("active", "customer_id", "day_of_month", "frequency", "id", "next_date", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."active", NEW."customer_id", NEW."day_of_month", NEW."frequency", NEW."id", NEW."next_date", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;',
                            hash="eb96df2bf217a002cb0586cdb3fb8d678ee02939",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_1dee2",
                            table="billing_summaryschedule",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="taxcode",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "billing_taxcodeevent" ("active", "category", "code", "exemption_reason", "gl_account_id", "id", "name", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rate") VALUES (NEW."active", NEW."category", NEW."code", NEW."exemption_reason", NEW."gl_account_id", NEW."id", NEW."name", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."rate"); RETURN NULL;',
                            hash="62400009a66e93a27aa7552e1429f49edc437ecc",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_6b595",
                            table="billing_taxcode",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="taxcode",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "billing_taxcodeevent" ("active", "category", "code", "exemption_reason", "gl_account_id", "id", "name", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rate") VALUES (NEW."active", NEW."category", NEW."code", NEW."exemption_reason", NEW."gl_account_id", NEW."id", NEW."name", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."rate"); RETURN NULL;',
                            hash="a4d30e7661d58174a8ac1a2688cf17681b4e61a3",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_91247",
                            table="billing_taxcode",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="accessorialtype",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "billing_accessorialtypeevent" ("active", "entities", "gl_account_id", "id", "kind", "name", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rate_type", "tax_code_id", "tax_treatment") VALUES (NEW."active", NEW."entities", NEW."gl_account_id", NEW."id", NEW."kind", NEW."name", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."rate_type", NEW."tax_code_id", NEW."tax_treatment"); RETURN NULL;',
                            hash="be4b128c9fee2aa04261c951afc5e64072c9b79b",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_6d9b4",
                            table="billing_accessorialtype",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="accessorialtype",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "billing_accessorialtypeevent" ("active", "entities", "gl_account_id", "id", "kind", "name", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rate_type", "tax_code_id", "tax_treatment") VALUES (NEW."active", NEW."entities", NEW."gl_account_id", NEW."id", NEW."kind", NEW."name", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."rate_type", NEW."tax_code_id", NEW."tax_treatment"); RETURN NULL;',
                            hash="3022ea64c34b8b1ddab4c3e6fc7be11bf5684564",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_6f0f5",
                            table="billing_accessorialtype",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="invoicemailtextevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="8c1f4844337b16f9a5d1eff688bf7ca73ac6ca41",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_903ec",
                            table="billing_invoicemailtextevent",
                            when="BEFORE",
                        ),
                    ),
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
                pgtrigger.migrations.AddTrigger(
                    model_name="summaryscheduleevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="26f0a9d20de1a99ddee59571084f5987f03b5e24",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_10e0d",
                            table="billing_summaryscheduleevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="taxcodeevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="a44a987c129419377d6d642da64ab0b556da0579",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_934d2",
                            table="billing_taxcodeevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="accessorialtypeevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="39cc5d06c600d95d8ce34c97f1c485524cc8f325",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_ab5a3",
                            table="billing_accessorialtypeevent",
                            when="BEFORE",
                        ),
                    ),
                ),
            ],
        ),
    ]
