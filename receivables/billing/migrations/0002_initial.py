import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import receivables.core.fields
import receivables.core.migrating


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("billing", "0001_initial"),
        ("customers", "0001_initial"),
        ("customers", "0002_initial"),
        ("ledger", "0001_initial"),
        ("ledger", "0002_initial"),
    ]

    operations = [
        receivables.core.migrating.Together(
            operations=[
                migrations.CreateModel(
                    name="AgreementCharge",
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
                                related_name="charges",
                                to="customers.agreement",
                            ),
                        ),
                        (
                            "type",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.accessorialtype",
                                verbose_name="type",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField(verbose_name="amount")),
                        ("note", models.CharField(blank=True, default="", max_length=120, verbose_name="note")),
                        (
                            "every_months",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="every so many months"
                            ),
                        ),
                        ("starts_on", models.DateField(verbose_name="from")),
                        ("ends_on", models.DateField(blank=True, null=True, verbose_name="until")),
                        ("billed_through", models.DateField(null=True)),
                        ("cancelled", models.BooleanField(default=False)),
                        ("version", models.PositiveIntegerField(default=1)),
                    ],
                    options={
                        "verbose_name": "charge of an agreement",
                        "verbose_name_plural": "charges of agreements",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("cancelled", False)),
                                fields=["organization", "agreement"],
                                name="agreement_charge_live",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="agreement_charge_above_zero"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("every_months__isnull", True), ("every_months__range", (1, 60)), _connector="OR"
                                ),
                                name="agreement_charge_every_so_often",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_on__isnull", True), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                                ),
                                name="agreement_charge_ends_after_its_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("cancelled", False), ("billed_through__isnull", True), _connector="OR"
                                ),
                                name="agreement_charge_cancelled_unbilled",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Invoice",
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
                        ("number", models.CharField(max_length=40, verbose_name="number")),
                        ("sequence_number", models.BigIntegerField(null=True)),
                        (
                            "account",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="invoices",
                                to="customers.account",
                            ),
                        ),
                        (
                            "agreement",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="invoices",
                                to="customers.agreement",
                            ),
                        ),
                        (
                            "open_item",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="invoice",
                                to="ledger.openitem",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("rate", receivables.core.fields.ExchangeRateField(default=1)),
                        ("issue_date", models.DateField(verbose_name="issue date")),
                        ("due_date", models.DateField(verbose_name="due date")),
                        ("terms_days", models.PositiveSmallIntegerField(default=0)),
                        (
                            "reference",
                            models.CharField(blank=True, default="", max_length=80, verbose_name="reference"),
                        ),
                        ("summary", models.BooleanField(default=False)),
                        ("imported", models.BooleanField(default=False)),
                        ("current_revision", models.PositiveIntegerField(default=1)),
                        ("sent_at", models.DateTimeField(null=True)),
                        ("sent_revision", models.PositiveIntegerField(null=True)),
                        ("voided_at", models.DateTimeField(null=True)),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        "verbose_name": "invoice",
                        "verbose_name_plural": "invoices",
                        "indexes": [
                            models.Index(fields=["organization", "-issue_date", "-id"], name="invoice_issue_date"),
                            models.Index(fields=["organization", "due_date", "id"], name="invoice_due_date"),
                            models.Index(fields=["account", "-id"], name="invoice_account"),
                            models.Index(
                                django.db.models.functions.text.Upper("number"),
                                models.F("organization"),
                                name="invoice_number_upper",
                            ),
                            models.Index(
                                models.F("organization"),
                                django.contrib.postgres.indexes.OpClass(
                                    django.db.models.functions.text.Upper("number"), "text_pattern_ops"
                                ),
                                name="invoice_number_prefix",
                            ),
                            models.Index(
                                models.F("organization"),
                                django.contrib.postgres.indexes.OpClass(
                                    django.db.models.functions.text.Upper("reference"), "text_pattern_ops"
                                ),
                                name="invoice_reference_prefix",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("organization", "number"), name="invoice_number_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("sent_revision__isnull", True),
                                    ("sent_revision__lte", models.F("current_revision")),
                                    _connector="OR",
                                ),
                                name="invoice_sent_what_exists",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BillingRunItem",
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
                            "run",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="items",
                                to="billing.billingrun",
                            ),
                        ),
                        (
                            "agreement",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.agreement",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField()),
                        ("final", models.BooleanField(default=False)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waiting"),
                                    ("billed", "Billed"),
                                    ("closed", "Nothing left to bill"),
                                    ("skipped", "Skipped"),
                                    ("failed", "Failed"),
                                ],
                                default="waiting",
                                max_length=8,
                                verbose_name="state",
                            ),
                        ),
                        ("code", models.CharField(blank=True, default="", max_length=40)),
                        ("message", models.TextField(blank=True, default="")),
                        (
                            "invoice",
                            models.OneToOneField(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="billed_by",
                                to="billing.invoice",
                            ),
                        ),
                        ("finished_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name": "agreement of a billing run",
                        "verbose_name_plural": "agreements of billing runs",
                        "indexes": [models.Index(fields=["run", "state", "id"], name="billing_run_item_state")],
                        "constraints": [
                            models.UniqueConstraint(fields=("run", "agreement"), name="billing_run_item_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("invoice__isnull", False), ("state", "billed")),
                                    models.Q(models.Q(("state", "billed"), _negated=True), ("invoice__isnull", True)),
                                    _connector="OR",
                                ),
                                name="billing_run_item_billed_by_an_invoice",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state__in", ["skipped", "failed"]), _negated=True),
                                    models.Q(("message", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="billing_run_item_says_why",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CreditNoteLine",
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
                            "credit_note",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="billing.creditnote",
                            ),
                        ),
                        ("line_no", models.PositiveIntegerField()),
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
                            "allocation",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="credit_note_lines",
                                to="ledger.allocation",
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
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("net", receivables.core.fields.MoneyField()),
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
                        ("tax_rate", receivables.core.fields.RateField(default=0)),
                        ("tax", receivables.core.fields.MoneyField(default=0)),
                        ("total", receivables.core.fields.MoneyField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("credit_note", "line_no"), name="credit_note_line_no_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "total",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("net"), "+", models.F("tax")
                                        ),
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
                    name="Load",
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
                        ("number", models.CharField(max_length=40, verbose_name="number")),
                        (
                            "account",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="loads",
                                to="customers.account",
                            ),
                        ),
                        (
                            "agreement",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="loads",
                                to="customers.agreement",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        (
                            "reference",
                            models.CharField(blank=True, default="", max_length=80, verbose_name="reference"),
                        ),
                        ("origin", models.CharField(blank=True, default="", max_length=120, verbose_name="origin")),
                        (
                            "destination",
                            models.CharField(blank=True, default="", max_length=120, verbose_name="destination"),
                        ),
                        ("pickup_date", models.DateField(blank=True, null=True, verbose_name="pickup date")),
                        ("delivery_date", models.DateField(blank=True, null=True, verbose_name="delivery date")),
                        ("line_haul", receivables.core.fields.MoneyField(verbose_name="line haul")),
                        (
                            "tax_code",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.taxcode",
                                verbose_name="tax on line haul",
                            ),
                        ),
                        ("weight", receivables.core.fields.RateField(blank=True, null=True, verbose_name="weight")),
                        ("distance", receivables.core.fields.RateField(blank=True, null=True, verbose_name="distance")),
                        ("volume", receivables.core.fields.RateField(blank=True, null=True, verbose_name="volume")),
                        ("hours", receivables.core.fields.RateField(blank=True, null=True, verbose_name="hours")),
                        (
                            "tonu",
                            models.BooleanField(
                                default=False, verbose_name="TONU (cancelled before pickup, yet billed)"
                            ),
                        ),
                        (
                            "invoice",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="loads",
                                to="billing.invoice",
                            ),
                        ),
                        ("charges_total", receivables.core.fields.MoneyField(default=0)),
                        ("charges_digest", models.CharField(blank=True, default="", max_length=64)),
                        ("billed_charges", receivables.core.fields.MoneyField(default=0)),
                        ("version", models.PositiveIntegerField(default=1)),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        "verbose_name": "load",
                        "verbose_name_plural": "loads",
                        "indexes": [
                            models.Index(fields=["organization", "-id"], name="load_newest"),
                            models.Index(fields=["organization", "number", "id"], name="load_by_number"),
                            models.Index(
                                models.F("organization"),
                                django.contrib.postgres.indexes.OpClass(
                                    django.db.models.functions.text.Upper("number"), "text_pattern_ops"
                                ),
                                name="load_number_prefix",
                            ),
                            models.Index(
                                models.F("organization"),
                                django.contrib.postgres.indexes.OpClass(
                                    django.db.models.functions.text.Upper("reference"), "text_pattern_ops"
                                ),
                                name="load_reference_prefix",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("organization"),
                                django.db.models.functions.text.Upper("number"),
                                name="load_number_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("line_haul__gte", 0)), name="load_line_haul_not_negative"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("delivery_date__isnull", True),
                                    ("pickup_date__isnull", True),
                                    ("delivery_date__gte", models.F("pickup_date")),
                                    _connector="OR",
                                ),
                                name="load_delivered_after_pickup",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Revision",
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
                            "invoice",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="revisions",
                                to="billing.invoice",
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        (
                            "cause",
                            models.CharField(
                                choices=[
                                    ("generated", "Generated"),
                                    ("regenerated", "Regenerated"),
                                    ("reissued", "Reissued"),
                                    ("voided", "Voided"),
                                    ("imported", "Imported"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("net", receivables.core.fields.MoneyField()),
                        ("tax", receivables.core.fields.MoneyField()),
                        ("total", receivables.core.fields.MoneyField()),
                        ("organization_total", receivables.core.fields.MoneyField()),
                        ("bad_debt", receivables.core.fields.MoneyField(default=0)),
                        ("price_concession", receivables.core.fields.MoneyField(default=0)),
                        ("bill_to", models.JSONField(default=dict)),
                        ("digest", models.CharField(max_length=64)),
                        ("line_count", models.PositiveIntegerField()),
                        ("internal", models.BooleanField(default=False)),
                        ("reason", models.TextField(blank=True, default="")),
                        ("posting_date", models.DateField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("invoice", "number"), name="revision_number_once"),
                            models.CheckConstraint(
                                condition=models.Q(("total__gte", 0)), name="revision_total_not_negative"
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
                                name="revision_total_adds_up",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("bad_debt__gte", 0), ("price_concession__gte", 0)),
                                name="revision_given_up_not_negative",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("cause__in", ["reissued"]), _negated=True),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="revision_reissued_with_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BilledPeriod",
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
                            "charge",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="periods",
                                to="billing.agreementcharge",
                            ),
                        ),
                        (
                            "load",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.load",
                            ),
                        ),
                        ("first_day", models.DateField()),
                        ("last_day", models.DateField()),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField()),
                        ("final", models.BooleanField(default=False)),
                    ],
                    options={
                        "verbose_name": "billed period",
                        "verbose_name_plural": "billed periods",
                        "constraints": [
                            models.UniqueConstraint(fields=("charge", "first_day"), name="billed_period_once"),
                            models.CheckConstraint(
                                condition=models.Q(("last_day__gte", models.F("first_day"))),
                                name="billed_period_has_days",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gte", 0)), name="billed_period_not_negative"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Dispatch",
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
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="dispatches",
                                to="billing.invoice",
                            ),
                        ),
                        (
                            "revision",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.revision",
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
                                max_length=8,
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
                        ("subject", models.CharField(blank=True, max_length=200)),
                        ("body", models.TextField(blank=True, max_length=5000)),
                        ("sender_name", models.CharField(blank=True, max_length=150)),
                        ("reply_to", models.EmailField(blank=True, max_length=254)),
                        ("language", models.CharField(blank=True, max_length=5)),
                        ("attach_pdf", models.BooleanField(default=True)),
                        ("attach_xml", models.BooleanField(db_default=False, default=False)),
                        ("message_id", models.CharField(max_length=120, unique=True)),
                        ("automatic", models.BooleanField(default=False)),
                        ("again", models.BooleanField(default=False)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waiting"),
                                    ("sending", "Sending"),
                                    ("sent", "Sent"),
                                    ("partly", "Sent to some"),
                                    ("failed", "Failed"),
                                    ("uncertain", "Uncertain"),
                                    ("bounced", "Bounced"),
                                ],
                                default="waiting",
                                max_length=10,
                            ),
                        ),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("error", models.TextField(blank=True)),
                        ("sent_at", models.DateTimeField(null=True)),
                        ("bounced_on", models.DateField(null=True)),
                        ("bounce_reason", models.CharField(blank=True, max_length=500)),
                        (
                            "sent_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        "verbose_name": "sending",
                        "verbose_name_plural": "sendings",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "sent"), _negated=True),
                                fields=["organization", "invoice"],
                                name="dispatch_not_sent",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["waiting", "sending"])),
                                fields=("revision",),
                                name="dispatch_one_at_a_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("sent_at__isnull", False), ("state__in", ["sent", "partly", "bounced"])),
                                    models.Q(
                                        models.Q(("state__in", ["sent", "partly", "bounced"]), _negated=True),
                                        ("sent_at__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="dispatch_sent_has_its_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("bounced_on__isnull", False), ("state", "bounced")),
                                    models.Q(
                                        models.Q(("state", "bounced"), _negated=True), ("bounced_on__isnull", True)
                                    ),
                                    _connector="OR",
                                ),
                                name="dispatch_bounced_has_its_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("method", "email"), _negated=True),
                                    models.Q(("to", []), _negated=True),
                                    _connector="OR",
                                ),
                                name="dispatch_mail_has_a_recipient",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("subject__regex", "[\\x01-\\x1f\\x7f]"), _negated=True),
                                    models.Q(("sender_name__regex", "[\\x01-\\x1f\\x7f]"), _negated=True),
                                ),
                                name="dispatch_headers_in_one_line",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EInvoice",
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("invoice", "Invoice"),
                                    ("correction", "Correction"),
                                    ("credit_note", "Credit note"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "document_type",
                            models.CharField(
                                choices=[("380", "Invoice"), ("381", "Credit note"), ("383", "Debit note")],
                                max_length=3,
                            ),
                        ),
                        ("number", models.CharField(max_length=40, verbose_name="number")),
                        ("sequence_number", models.BigIntegerField(null=True)),
                        (
                            "invoice",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="einvoices",
                                to="billing.invoice",
                            ),
                        ),
                        (
                            "revision",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.revision",
                            ),
                        ),
                        (
                            "credit_note",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="einvoices",
                                to="billing.creditnote",
                            ),
                        ),
                        ("issue_date", models.DateField()),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("net", receivables.core.fields.MoneyField()),
                        ("tax", receivables.core.fields.MoneyField()),
                        ("total", receivables.core.fields.MoneyField()),
                        ("content", models.BinaryField()),
                        ("sha256", models.CharField(max_length=64)),
                    ],
                    options={
                        "verbose_name": "e-invoice",
                        "verbose_name_plural": "e-invoices",
                        "indexes": [models.Index(fields=["organization", "-id"], name="einvoice_newest")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("kind", "invoice")),
                                fields=("invoice",),
                                name="einvoice_number_exported_once",
                            ),
                            models.UniqueConstraint(
                                fields=("credit_note", "kind"), name="einvoice_credit_note_exported_once"
                            ),
                            models.UniqueConstraint(fields=("organization", "number"), name="einvoice_number_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "total",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("net"), "+", models.F("tax")
                                        ),
                                    )
                                ),
                                name="einvoice_adds_up",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("credit_note__isnull", True),
                                        ("document_type", "380"),
                                        ("kind", "invoice"),
                                        ("sequence_number__isnull", True),
                                        ("total__gte", 0),
                                    ),
                                    models.Q(
                                        ("credit_note__isnull", True),
                                        ("document_type", "381"),
                                        ("kind", "correction"),
                                        ("sequence_number__isnull", False),
                                        ("total__lte", 0),
                                    ),
                                    models.Q(
                                        ("document_type", "383"),
                                        ("kind", "correction"),
                                        ("sequence_number__isnull", False),
                                        ("total__gt", 0),
                                    ),
                                    models.Q(
                                        ("credit_note__isnull", False),
                                        ("document_type", "381"),
                                        ("kind", "credit_note"),
                                        ("sequence_number__isnull", True),
                                        ("total__lt", 0),
                                    ),
                                    _connector="OR",
                                ),
                                name="einvoice_kind_fits",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("credit_note__isnull", True),
                                        ("invoice__isnull", False),
                                        ("revision__isnull", False),
                                    ),
                                    models.Q(
                                        ("credit_note__isnull", False),
                                        ("invoice__isnull", True),
                                        ("revision__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="einvoice_of_one_document",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LoadShare",
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
                            "allocation",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="load_shares",
                                to="ledger.allocation",
                            ),
                        ),
                        (
                            "load",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shares",
                                to="billing.load",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField()),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount", 0), _negated=True), name="load_share_not_zero"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RevisionTax",
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
                            "revision",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="taxes",
                                to="billing.revision",
                            ),
                        ),
                        (
                            "tax_code",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.taxcode",
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        ("rate", receivables.core.fields.RateField()),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("net", receivables.core.fields.MoneyField()),
                        ("tax", receivables.core.fields.MoneyField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("revision", "tax_code"), name="revision_tax_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Accessorial",
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
                            "load",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="accessorials",
                                to="billing.load",
                            ),
                        ),
                        (
                            "type",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.accessorialtype",
                                verbose_name="type",
                            ),
                        ),
                        (
                            "entity",
                            models.CharField(
                                choices=[
                                    ("customer", "Customer"),
                                    ("carrier", "Carrier"),
                                    ("driver", "Driver"),
                                    ("owner", "Owner"),
                                ],
                                max_length=10,
                                verbose_name="entity",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("quantity", receivables.core.fields.RateField(blank=True, null=True, verbose_name="quantity")),
                        ("rate", receivables.core.fields.RateField(blank=True, null=True, verbose_name="rate")),
                        ("amount", receivables.core.fields.MoneyField(verbose_name="amount")),
                        ("note", models.CharField(blank=True, default="", max_length=200, verbose_name="note")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("active", "Active"),
                                    ("waiting", "Waiting for approval"),
                                    ("rejected", "Rejected"),
                                    ("removed", "Removed"),
                                ],
                                default="active",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("payment_id", models.BigIntegerField(null=True)),
                        ("version", models.PositiveIntegerField(default=1)),
                    ],
                    options={
                        "verbose_name": "accessorial",
                        "verbose_name_plural": "accessorials",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount", 0), _negated=True), name="accessorial_not_zero"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RevisionLine",
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
                            "revision",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="billing.revision",
                            ),
                        ),
                        ("line_no", models.PositiveIntegerField()),
                        (
                            "load",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.load",
                            ),
                        ),
                        (
                            "accessorial",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.accessorial",
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
                                max_length=20,
                            ),
                        ),
                        ("description", models.CharField(max_length=300)),
                        ("quantity", receivables.core.fields.RateField(null=True)),
                        ("rate", receivables.core.fields.RateField(null=True)),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("net", receivables.core.fields.MoneyField()),
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
                        ("tax_rate", receivables.core.fields.RateField(default=0)),
                        ("tax", receivables.core.fields.MoneyField(default=0)),
                        ("total", receivables.core.fields.MoneyField()),
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
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("revision", "line_no"), name="revision_line_no_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "total",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("net"), "+", models.F("tax")
                                        ),
                                    )
                                ),
                                name="revision_line_adds_up",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
