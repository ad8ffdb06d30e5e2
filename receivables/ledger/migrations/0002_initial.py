import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import receivables.core.fields
import receivables.core.migrating


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("customers", "0001_initial"),
        ("customers", "0002_initial"),
        ("ledger", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        receivables.core.migrating.Together(
            operations=[
                migrations.CreateModel(
                    name="GLAccountEvent",
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
                                to="ledger.glaccount",
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
                            "write_off_type",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="Debt that was booked to this account is written off to an agreement of this type.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="customers.agreementtype",
                                verbose_name="write-off agreement type",
                            ),
                        ),
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
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="AgreementTransaction",
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
                            "agreement",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="transactions",
                                to="customers.agreement",
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.journalentry",
                            ),
                        ),
                        ("kind", models.CharField(max_length=32)),
                        ("date", models.DateField()),
                        ("payoff_effect", receivables.core.fields.MoneyField()),
                        ("current_effect", receivables.core.fields.MoneyField()),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("entry__isnull", False), ("payoff_effect", 0), _connector="OR"),
                                name="agreement_transaction_payoff_is_posted",
                            ),
                            models.UniqueConstraint(
                                fields=("entry", "agreement"), name="agreement_transaction_once_per_entry"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OpenItem",
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
                            "account",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="open_items",
                                to="customers.account",
                            ),
                        ),
                        (
                            "agreement",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="open_items",
                                to="customers.agreement",
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("invoice", "Invoice"),
                                    ("payment", "Payment"),
                                    ("credit_note", "Credit note"),
                                    ("write_off", "Write-off"),
                                    ("deposit", "Deposit"),
                                    ("overpayment", "Overpayment"),
                                    ("fee", "Fee"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("number", models.CharField(max_length=40)),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("document_date", models.DateField()),
                        ("due_date", models.DateField()),
                        ("amount", receivables.core.fields.MoneyField(default=0)),
                        ("organization_amount", receivables.core.fields.MoneyField(default=0)),
                        ("balance", receivables.core.fields.MoneyField(default=0)),
                        ("organization_balance", receivables.core.fields.MoneyField(default=0)),
                        ("paid", receivables.core.fields.MoneyField(default=0)),
                        ("live_payments", models.PositiveIntegerField(default=0)),
                        ("live_settlements", models.PositiveIntegerField(default=0)),
                        ("voided", models.BooleanField(default=False)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("balance", 0), _negated=True),
                                fields=["organization", "due_date", "id"],
                                include=("balance", "account"),
                                name="open_item_open",
                            ),
                            models.Index(fields=["account", "due_date", "id"], name="open_item_account"),
                            models.Index(
                                condition=models.Q(("balance__gt", 0), ("kind", "invoice"), ("live_payments__gt", 0)),
                                fields=["organization", "-balance", "-id"],
                                name="open_item_short",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("amount__gte", 0), ("balance__gte", 0), ("balance__lte", models.F("amount"))
                                    ),
                                    models.Q(
                                        ("amount__lte", 0), ("balance__gte", models.F("amount")), ("balance__lte", 0)
                                    ),
                                    _connector="OR",
                                ),
                                name="open_item_balance_within_amount",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("voided", False), ("live_settlements", 0), _connector="OR"),
                                name="open_item_void_takes_nothing",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("balance", 0), _negated=True),
                                    ("organization_balance", 0),
                                    _connector="OR",
                                ),
                                name="open_item_settled_in_both_currencies",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="JournalLine",
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
                            "entry",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="ledger.journalentry",
                            ),
                        ),
                        ("line_no", models.PositiveIntegerField()),
                        (
                            "gl_account",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="ledger.glaccount",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField()),
                        ("organization_amount", receivables.core.fields.MoneyField()),
                        (
                            "open_item",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="ledger.openitem",
                            ),
                        ),
                        ("opens", models.BooleanField(default=False)),
                        (
                            "agreement",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.agreement",
                            ),
                        ),
                        (
                            "for_agreement",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.agreement",
                            ),
                        ),
                        ("memo", models.CharField(blank=True, default="", max_length=200)),
                    ],
                    options={
                        "verbose_name": "journal line",
                        "verbose_name_plural": "journal lines",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("open_item__isnull", False)),
                                fields=["open_item"],
                                name="journal_line_item",
                            ),
                            models.Index(
                                condition=models.Q(("agreement__isnull", False)),
                                fields=["agreement"],
                                name="journal_line_agreement",
                            ),
                            models.Index(
                                fields=["gl_account", "entry"],
                                include=("amount", "organization_amount"),
                                name="journal_line_gl_account",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("entry", "line_no"), name="journal_line_no_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("amount", 0), _negated=True),
                                    models.Q(("organization_amount", 0), _negated=True),
                                    _connector="OR",
                                ),
                                name="journal_line_not_empty",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("opens", False), ("open_item__isnull", False), _connector="OR"),
                                name="journal_line_opens_an_item",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Allocation",
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("payment", "Payment"),
                                    ("credit_note", "Credit note"),
                                    ("bad_debt", "Bad debt"),
                                    ("difference", "Difference"),
                                    ("transfer", "Transfer to write-off"),
                                ],
                                max_length=16,
                            ),
                        ),
                        (
                            "debit_item",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="settlements",
                                to="ledger.openitem",
                            ),
                        ),
                        (
                            "credit_item",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="uses",
                                to="ledger.openitem",
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="allocations",
                                to="ledger.journalentry",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField()),
                        ("taken", receivables.core.fields.MoneyField(null=True)),
                        (
                            "taken_currency",
                            receivables.core.fields.CurrencyField(blank=True, db_default="", default=""),
                        ),
                        (
                            "taken_entry",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.journalentry",
                            ),
                        ),
                        (
                            "reverses",
                            models.OneToOneField(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversed_by",
                                to="ledger.allocation",
                            ),
                        ),
                        ("date", models.DateField()),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount__gte", 0)), name="allocation_not_negative"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount", 0), ("entry__isnull", False), _connector="OR"),
                                name="allocation_posted",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "payment"), _negated=True),
                                    ("credit_item__isnull", False),
                                    _connector="OR",
                                ),
                                name="allocation_has_its_money",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("taken__isnull", True), ("taken_currency", ""), ("taken_entry__isnull", True)
                                    ),
                                    models.Q(
                                        ("kind", "payment"),
                                        ("taken__gte", 0),
                                        models.Q(("taken_currency", ""), _negated=True),
                                        models.Q(("taken_currency", models.F("currency")), _negated=True),
                                        models.Q(
                                            models.Q(("amount", 0), ("taken", 0)),
                                            models.Q(
                                                ("amount__gt", 0), ("taken__gt", 0), ("taken_entry__isnull", False)
                                            ),
                                            _connector="OR",
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="allocation_crosses_whole",
                            ),
                        ],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="glaccountevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="29e96cb52344a89880d00bf7cd50ce52b845c6f9",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_8f8de",
                            table="ledger_glaccountevent",
                            when="BEFORE",
                        ),
                    ),
                ),
            ],
        ),
    ]
