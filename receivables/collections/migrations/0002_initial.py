import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import receivables.core.fields
import receivables.core.migrating


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("billing", "0001_initial"),
        ("billing", "0002_initial"),
        ("collections", "0001_initial"),
        ("customers", "0001_initial"),
        ("customers", "0002_initial"),
        ("ledger", "0002_initial"),
    ]

    operations = [
        receivables.core.migrating.Together(
            operations=[
                migrations.CreateModel(
                    name="Payment",
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
                                related_name="payments",
                                to="customers.account",
                            ),
                        ),
                        (
                            "open_item",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payment",
                                to="ledger.openitem",
                            ),
                        ),
                        (
                            "bank_account",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="collections.bankaccount",
                                verbose_name="bank account",
                            ),
                        ),
                        ("date", models.DateField(verbose_name="date")),
                        ("posting_date", models.DateField(verbose_name="posting date")),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("rate", receivables.core.fields.ExchangeRateField(default=1)),
                        ("amount", receivables.core.fields.MoneyField(verbose_name="amount")),
                        (
                            "method",
                            models.CharField(
                                choices=[
                                    ("check", "Check"),
                                    ("ach", "ACH"),
                                    ("wire", "Wire transfer"),
                                    ("card", "Card"),
                                    ("cash", "Cash"),
                                    ("other", "Other"),
                                ],
                                max_length=10,
                                verbose_name="method",
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(blank=True, default="", max_length=80, verbose_name="reference"),
                        ),
                        ("note", models.CharField(blank=True, default="", max_length=200, verbose_name="note")),
                    ],
                    options={
                        "verbose_name": "payment",
                        "verbose_name_plural": "payments",
                        "indexes": [
                            models.Index(fields=["organization", "-date", "-id"], name="payment_date"),
                            models.Index(fields=["account", "-id"], name="payment_account"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("organization", "number"), name="payment_number_once"),
                            models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="payment_not_negative"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Resolution",
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
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="resolutions",
                                to="billing.invoice",
                            ),
                        ),
                        (
                            "load",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="resolutions",
                                to="billing.load",
                            ),
                        ),
                        (
                            "accessorial",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.accessorial",
                            ),
                        ),
                        ("revision_number", models.PositiveIntegerField()),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField()),
                        (
                            "undoes",
                            models.OneToOneField(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="undone_by",
                                to="collections.resolution",
                            ),
                        ),
                        ("reason", models.TextField(blank=True, default="")),
                        ("posting_date", models.DateField()),
                    ],
                    options={
                        "verbose_name": "resolution of a short payment",
                        "verbose_name_plural": "resolutions of short payments",
                    },
                ),
                migrations.CreateModel(
                    name="ShortPaymentDraft",
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
                            "user",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
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
                        ("data", models.JSONField(default=dict)),
                        ("file_name", models.CharField(blank=True, default="", max_length=120)),
                        ("content", models.BinaryField(null=True)),
                        ("kept_until", models.DateTimeField()),
                    ],
                    options={
                        "indexes": [models.Index(fields=["kept_until"], name="short_payment_draft_ends")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organization", "user", "load"), name="short_payment_draft_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ShortPaymentNote",
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
                                related_name="short_payment_notes",
                                to="billing.load",
                            ),
                        ),
                        (
                            "invoice",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.invoice",
                            ),
                        ),
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
                        ("details", models.TextField(blank=True, default="", verbose_name="details")),
                        ("outcome", models.CharField(max_length=64)),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("short", receivables.core.fields.MoneyField()),
                        ("file_name", models.CharField(blank=True, default="", max_length=120, verbose_name="file")),
                        ("file_digest", models.CharField(blank=True, default="", max_length=64)),
                        ("content", models.BinaryField(null=True)),
                    ],
                    options={
                        "verbose_name": "note on a short payment",
                        "verbose_name_plural": "notes on short payments",
                    },
                ),
                migrations.CreateModel(
                    name="TaxRelief",
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
                            "claim",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="items",
                                to="collections.taxreliefclaim",
                            ),
                        ),
                        (
                            "invoice",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tax_reliefs",
                                to="billing.invoice",
                            ),
                        ),
                        (
                            "allocation",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tax_reliefs",
                                to="ledger.allocation",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("base", receivables.core.fields.MoneyField()),
                        ("amount", receivables.core.fields.MoneyField()),
                    ],
                    options={
                        "verbose_name": "tax relief",
                        "verbose_name_plural": "tax reliefs",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0), ("amount__lte", models.F("base"))),
                                name="tax_relief_within_its_base",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BatchItem",
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
                            "batch",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="items",
                                to="collections.batchresolution",
                            ),
                        ),
                        (
                            "invoice",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.invoice",
                            ),
                        ),
                        (
                            "load",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.load",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("short", receivables.core.fields.MoneyField(verbose_name="short")),
                        ("seen", models.PositiveIntegerField(default=0)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waiting"),
                                    ("done", "Resolved"),
                                    ("asked", "Sent for approval"),
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
                            "resolution",
                            models.OneToOneField(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="batch_item",
                                to="collections.resolution",
                            ),
                        ),
                        (
                            "accessorial",
                            models.OneToOneField(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.accessorial",
                            ),
                        ),
                        (
                            "undo_state",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "Not asked for"),
                                    ("waiting", "Being undone"),
                                    ("undone", "Undone"),
                                    ("kept", "Could not be undone"),
                                ],
                                default="",
                                max_length=8,
                            ),
                        ),
                        ("undo_message", models.TextField(blank=True, default="")),
                        (
                            "undo",
                            models.OneToOneField(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="collections.resolution",
                            ),
                        ),
                        ("finished_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name": "invoice of a batch",
                        "verbose_name_plural": "invoices of batches",
                        "indexes": [models.Index(fields=["batch", "state", "id"], name="batch_item_state")],
                        "constraints": [
                            models.UniqueConstraint(fields=("batch", "invoice"), name="batch_item_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("resolution__isnull", False), ("state", "done")),
                                    models.Q(models.Q(("state", "done"), _negated=True), ("resolution__isnull", True)),
                                    _connector="OR",
                                ),
                                name="batch_item_done_by_a_resolution",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("undo__isnull", False), ("undo_state", "undone")),
                                    models.Q(models.Q(("undo_state", "undone"), _negated=True), ("undo__isnull", True)),
                                    _connector="OR",
                                ),
                                name="batch_item_undone_by_a_resolution",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("undo_state", ""), ("state", "done"), _connector="OR"),
                                name="batch_item_undone_was_done",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state__in", ["skipped", "failed"]), _negated=True),
                                    models.Q(("message", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="batch_item_says_why",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Holding",
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
                            "payment",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="holdings",
                                to="collections.payment",
                            ),
                        ),
                        (
                            "agreement",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="holdings",
                                to="customers.agreement",
                            ),
                        ),
                        (
                            "open_item",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="holding",
                                to="ledger.openitem",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField(verbose_name="amount")),
                        ("reason", models.TextField(blank=True, default="")),
                        ("posting_date", models.DateField()),
                    ],
                    options={
                        "verbose_name": "money held",
                        "verbose_name_plural": "money held",
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="holding_above_zero")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PaymentAssignment",
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
                            "payment",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assignments",
                                to="collections.payment",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("assigned", "Applied"), ("removed", "Taken off"), ("moved", "Moved")],
                                max_length=10,
                            ),
                        ),
                        (
                            "removes",
                            models.OneToOneField(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="removed_by",
                                to="ledger.allocation",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField()),
                        ("reason", models.TextField(blank=True, default="")),
                        ("posting_date", models.DateField()),
                    ],
                    options={
                        "verbose_name": "assignment of a payment",
                        "verbose_name_plural": "assignments of payments",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "assigned"), ("removes__isnull", True)),
                                    models.Q(models.Q(("kind", "assigned"), _negated=True), ("removes__isnull", False)),
                                    _connector="OR",
                                ),
                                name="payment_assignment_removes_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gte", 0)), name="payment_assignment_not_negative"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PaymentReversal",
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
                            "payment",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversal",
                                to="collections.payment",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(choices=[("deleted", "Deleted"), ("bounced", "Bounced")], max_length=10),
                        ),
                        ("reason", models.TextField(blank=True, default="")),
                        ("posting_date", models.DateField()),
                    ],
                    options={
                        "verbose_name": "payment reversal",
                        "verbose_name_plural": "payment reversals",
                    },
                ),
                migrations.CreateModel(
                    name="PayOffRequest",
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
                            "payment",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="asked_pay_offs",
                                to="collections.payment",
                            ),
                        ),
                        (
                            "invoice",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="asked_pay_offs",
                                to="billing.invoice",
                            ),
                        ),
                        (
                            "reason",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.reason",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField()),
                    ],
                    options={
                        "verbose_name": "difference that waits for approval",
                        "verbose_name_plural": "differences that wait for approval",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="asked_pay_off_above_zero"
                            ),
                            models.UniqueConstraint(fields=("payment", "invoice", "reason"), name="asked_pay_off_once"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Recovery",
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
                            "payment",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="recoveries",
                                to="collections.payment",
                            ),
                        ),
                        (
                            "invoice",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="recoveries",
                                to="billing.invoice",
                            ),
                        ),
                        (
                            "allocation",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="recoveries",
                                to="ledger.allocation",
                            ),
                        ),
                        ("date", models.DateField(verbose_name="date")),
                        ("posting_date", models.DateField(verbose_name="posting date")),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField(verbose_name="amount")),
                        ("note", models.CharField(blank=True, default="", max_length=200, verbose_name="note")),
                    ],
                    options={
                        "verbose_name": "recovery of bad debt",
                        "verbose_name_plural": "recoveries of bad debt",
                        "constraints": [
                            models.UniqueConstraint(fields=("organization", "number"), name="recovery_number_once"),
                            models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="recovery_positive"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Refund",
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
                            "payment",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="refunds",
                                to="collections.payment",
                            ),
                        ),
                        (
                            "bank_account",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="collections.bankaccount",
                                verbose_name="bank account",
                            ),
                        ),
                        ("date", models.DateField(verbose_name="date")),
                        ("posting_date", models.DateField(verbose_name="posting date")),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("rate", receivables.core.fields.ExchangeRateField(default=1)),
                        ("amount", receivables.core.fields.MoneyField(verbose_name="amount")),
                        ("method", models.CharField(max_length=10, verbose_name="method")),
                        (
                            "reference",
                            models.CharField(blank=True, default="", max_length=80, verbose_name="reference"),
                        ),
                        ("reason", models.TextField(verbose_name="reason")),
                    ],
                    options={
                        "verbose_name": "refund",
                        "verbose_name_plural": "refunds",
                        "constraints": [
                            models.UniqueConstraint(fields=("organization", "number"), name="refund_number_once"),
                            models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="refund_positive"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TaxReliefReversal",
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
                            "relief",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversal",
                                to="collections.taxrelief",
                            ),
                        ),
                        ("reason", models.TextField()),
                        ("posting_date", models.DateField()),
                    ],
                    options={
                        "verbose_name": "reversal of a tax relief",
                        "verbose_name_plural": "reversals of tax reliefs",
                    },
                ),
                migrations.CreateModel(
                    name="BounceFee",
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
                            "bounced",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="fee",
                                to="collections.paymentreversal",
                            ),
                        ),
                        (
                            "open_item",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="fee",
                                to="ledger.openitem",
                            ),
                        ),
                        ("date", models.DateField(verbose_name="date")),
                        ("posting_date", models.DateField(verbose_name="posting date")),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField(verbose_name="amount")),
                    ],
                    options={
                        "verbose_name": "fee for a bounced payment",
                        "verbose_name_plural": "fees for bounced payments",
                        "constraints": [
                            models.UniqueConstraint(fields=("organization", "number"), name="bounce_fee_number_once"),
                            models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="bounce_fee_positive"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HoldingRelease",
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
                            "holding",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="releases",
                                to="collections.holding",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField(verbose_name="amount")),
                        ("reason", models.TextField(blank=True, default="")),
                        ("posting_date", models.DateField()),
                    ],
                    options={
                        "verbose_name": "money taken from what is held",
                        "verbose_name_plural": "money taken from what is held",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)), name="holding_release_above_zero"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PayOff",
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
                            "payment",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="pay_offs",
                                to="collections.payment",
                            ),
                        ),
                        (
                            "invoice",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="pay_offs",
                                to="billing.invoice",
                            ),
                        ),
                        (
                            "allocation",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="pay_off",
                                to="ledger.allocation",
                            ),
                        ),
                        (
                            "credit_note",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="pay_offs",
                                to="billing.creditnote",
                            ),
                        ),
                        (
                            "reason",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.reason",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField()),
                        ("whole", models.BooleanField()),
                        (
                            "asked",
                            models.OneToOneField(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="granted",
                                to="collections.payoffrequest",
                            ),
                        ),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        "verbose_name": "difference of a payment",
                        "verbose_name_plural": "differences of payments",
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="pay_off_above_zero")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RecoveryReversal",
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
                            "recovery",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversal",
                                to="collections.recovery",
                            ),
                        ),
                        ("reason", models.TextField()),
                        ("posting_date", models.DateField()),
                    ],
                    options={
                        "verbose_name": "reversal of a recovery",
                        "verbose_name_plural": "reversals of recoveries",
                    },
                ),
                migrations.CreateModel(
                    name="RefundReversal",
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
                            "refund",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversal",
                                to="collections.refund",
                            ),
                        ),
                        ("reason", models.TextField()),
                        ("posting_date", models.DateField()),
                    ],
                    options={
                        "verbose_name": "reversal of a refund",
                        "verbose_name_plural": "reversals of refunds",
                    },
                ),
                migrations.CreateModel(
                    name="BounceFeeReversal",
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
                            "fee",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversal",
                                to="collections.bouncefee",
                            ),
                        ),
                        ("reason", models.TextField()),
                        ("posting_date", models.DateField()),
                    ],
                    options={
                        "verbose_name": "reversal of a fee",
                        "verbose_name_plural": "reversals of fees",
                    },
                ),
            ],
        ),
    ]
