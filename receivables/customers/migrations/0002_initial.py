import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import receivables.core.fields
import receivables.core.migrating


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("customers", "0001_initial"),
        ("ledger", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        receivables.core.migrating.Together(
            operations=[
                migrations.CreateModel(
                    name="AgreementType",
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
                        ("code", models.CharField(max_length=32, verbose_name="code")),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "division",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.division",
                                verbose_name="division",
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
                            "eligible_for_billing",
                            models.BooleanField(default=True, verbose_name="eligible for billing"),
                        ),
                        (
                            "payment_segment_type",
                            models.CharField(
                                blank=True,
                                choices=[("", "Takes no payments"), ("normal", "Normal")],
                                default="normal",
                                help_text="Blank: no payment is ever distributed to agreements of this type (bankruptcy).",
                                max_length=12,
                                verbose_name="payment segment type",
                            ),
                        ),
                        (
                            "debt_class",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.debtclass",
                                verbose_name="debt class",
                            ),
                        ),
                        (
                            "write_off_debt_class",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.writeoffdebtclass",
                                verbose_name="write-off debt class",
                            ),
                        ),
                        (
                            "special_role",
                            models.CharField(
                                choices=[
                                    ("none", "None"),
                                    ("write_off", "Write-off"),
                                    ("deposit", "Deposit"),
                                    ("overpayment", "Overpayment"),
                                    ("arrangement", "Payment arrangement"),
                                    ("budget", "Budget"),
                                ],
                                default="none",
                                max_length=12,
                                verbose_name="special role",
                            ),
                        ),
                        (
                            "one_time_charge",
                            models.BooleanField(
                                default=False,
                                help_text="Closes by itself when it is paid off.",
                                verbose_name="one-time charge",
                            ),
                        ),
                        ("do_not_overpay", models.BooleanField(default=False, verbose_name="do not overpay")),
                        (
                            "payment_priority",
                            models.PositiveSmallIntegerField(
                                default=50,
                                help_text="The lowest number is paid first.",
                                verbose_name="payment priority",
                            ),
                        ),
                        ("alert_while_open", models.BooleanField(default=False, verbose_name="alert while open")),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "verbose_name": "agreement type",
                        "verbose_name_plural": "agreement types",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("organization"),
                                models.F("division"),
                                django.db.models.functions.text.Upper("code"),
                                name="agreement_type_code_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("special_role", "write_off"), _negated=True),
                                    ("eligible_for_billing", False),
                                    _connector="OR",
                                ),
                                name="write_off_type_not_billed",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AgreementTypeEvent",
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
                                to="customers.agreementtype",
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
                        ("code", models.CharField(max_length=32, verbose_name="code")),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        (
                            "division",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="customers.division",
                                verbose_name="division",
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
                            "eligible_for_billing",
                            models.BooleanField(default=True, verbose_name="eligible for billing"),
                        ),
                        (
                            "payment_segment_type",
                            models.CharField(
                                blank=True,
                                choices=[("", "Takes no payments"), ("normal", "Normal")],
                                default="normal",
                                help_text="Blank: no payment is ever distributed to agreements of this type (bankruptcy).",
                                max_length=12,
                                verbose_name="payment segment type",
                            ),
                        ),
                        (
                            "debt_class",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="customers.debtclass",
                                verbose_name="debt class",
                            ),
                        ),
                        (
                            "write_off_debt_class",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="customers.writeoffdebtclass",
                                verbose_name="write-off debt class",
                            ),
                        ),
                        (
                            "special_role",
                            models.CharField(
                                choices=[
                                    ("none", "None"),
                                    ("write_off", "Write-off"),
                                    ("deposit", "Deposit"),
                                    ("overpayment", "Overpayment"),
                                    ("arrangement", "Payment arrangement"),
                                    ("budget", "Budget"),
                                ],
                                default="none",
                                max_length=12,
                                verbose_name="special role",
                            ),
                        ),
                        (
                            "one_time_charge",
                            models.BooleanField(
                                default=False,
                                help_text="Closes by itself when it is paid off.",
                                verbose_name="one-time charge",
                            ),
                        ),
                        ("do_not_overpay", models.BooleanField(default=False, verbose_name="do not overpay")),
                        (
                            "payment_priority",
                            models.PositiveSmallIntegerField(
                                default=50,
                                help_text="The lowest number is paid first.",
                                verbose_name="payment priority",
                            ),
                        ),
                        ("alert_while_open", models.BooleanField(default=False, verbose_name="alert while open")),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Agreement",
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
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreements",
                                to="customers.account",
                            ),
                        ),
                        (
                            "type",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.agreementtype",
                                verbose_name="type",
                            ),
                        ),
                        ("number", models.CharField(max_length=40, verbose_name="number")),
                        ("currency", receivables.core.fields.CurrencyField(verbose_name="currency")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("pending_start", "Pending start"),
                                    ("active", "Active"),
                                    ("pending_stop", "Pending stop"),
                                    ("stopped", "Stopped"),
                                    ("closed", "Closed"),
                                    ("reactivated", "Reactivated"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default="active",
                                max_length=16,
                                verbose_name="state",
                            ),
                        ),
                        ("start_date", models.DateField(verbose_name="start date")),
                        ("stop_date", models.DateField(blank=True, null=True, verbose_name="stop date")),
                        (
                            "payoff_balance",
                            receivables.core.fields.MoneyField(default=0, verbose_name="payoff balance"),
                        ),
                        (
                            "current_balance",
                            receivables.core.fields.MoneyField(default=0, verbose_name="current balance"),
                        ),
                        ("awaits_final_bill", models.BooleanField(db_default=False, default=False)),
                        ("version", models.PositiveIntegerField(default=1)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "verbose_name": "service agreement",
                        "verbose_name_plural": "service agreements",
                        "indexes": [models.Index(fields=["account", "state"], name="agreement_account_state")],
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("organization"),
                                django.db.models.functions.text.Upper("number"),
                                name="agreement_number_once",
                            )
                        ],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="agreementtype",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "customers_agreementtypeevent" ("active", "alert_while_open", "code", "debt_class_id", "division_id", "do_not_overpay", "eligible_for_billing", "gl_account_id", "id", "name", "one_time_charge", "organization_id", "payment_priority", "payment_segment_type", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "special_role", "write_off_debt_class_id") VALUES (NEW."active", NEW."alert_while_open", NEW."code", NEW."debt_class_id", NEW."division_id", NEW."do_not_overpay", NEW."eligible_for_billing", NEW."gl_account_id", NEW."id", NEW."name", NEW."one_time_charge", NEW."organization_id", NEW."payment_priority", NEW."payment_segment_type", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."special_role", NEW."write_off_debt_class_id"); RETURN NULL;',
                            hash="6550b3bc690c78b4ce88e9d2b6d461a7ab58bf1a",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_4840b",
                            table="customers_agreementtype",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="agreementtype",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "customers_agreementtypeevent" ("active", "alert_while_open", "code", "debt_class_id", "division_id", "do_not_overpay", "eligible_for_billing", "gl_account_id", "id", "name", "one_time_charge", "organization_id", "payment_priority", "payment_segment_type", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "special_role", "write_off_debt_class_id") VALUES (NEW."active", NEW."alert_while_open", NEW."code", NEW."debt_class_id", NEW."division_id", NEW."do_not_overpay", NEW."eligible_for_billing", NEW."gl_account_id", NEW."id", NEW."name", NEW."one_time_charge", NEW."organization_id", NEW."payment_priority", NEW."payment_segment_type", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."special_role", NEW."write_off_debt_class_id"); RETURN NULL;',
                            hash="f153bc1f6ea40a8debab025b5d3c6dc82a3c6548",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_66c97",
                            table="customers_agreementtype",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="agreementtypeevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="d6726f519ee5645d20630ecc1868f7ef90c9fb1b",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_2010f",
                            table="customers_agreementtypeevent",
                            when="BEFORE",
                        ),
                    ),
                ),
            ],
        ),
    ]
