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
        ("billing", "0001_initial"),
        ("core", "0001_initial"),
        ("customers", "0001_initial"),
        ("ledger", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        receivables.core.migrating.Together(
            operations=[
                migrations.CreateModel(
                    name="BankAccount",
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
                        ("name", models.CharField(max_length=80, verbose_name="name")),
                        ("currency", receivables.core.fields.CurrencyField(verbose_name="currency")),
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
                        (
                            "bounce_fee",
                            receivables.core.fields.MoneyField(
                                blank=True,
                                help_text="Suggested when a payment into this account bounces, in its currency; it can be changed or left.",
                                null=True,
                                verbose_name="fee for a bounced payment",
                            ),
                        ),
                        (
                            "fee_account",
                            models.ForeignKey(
                                blank=True,
                                help_text="Empty: no fee is charged.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.glaccount",
                                verbose_name="GL account for fees",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "bank account",
                        "verbose_name_plural": "bank accounts",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("organization"),
                                django.db.models.functions.text.Upper("name"),
                                name="bank_account_name_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("bounce_fee__isnull", True),
                                    models.Q(("bounce_fee__gt", 0), ("fee_account__isnull", False)),
                                    _connector="OR",
                                ),
                                name="bank_account_fee_has_its_account",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BatchResolution",
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
                        (
                            "type",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.accessorialtype",
                            ),
                        ),
                        (
                            "most_amount",
                            receivables.core.fields.MoneyField(null=True, verbose_name="only if short by at most"),
                        ),
                        (
                            "most_percent",
                            receivables.core.fields.RateField(null=True, verbose_name="only if short by at most (%)"),
                        ),
                        ("note", models.CharField(blank=True, default="", max_length=200, verbose_name="note")),
                        ("reason", models.TextField(blank=True, default="", verbose_name="reason")),
                        ("posting_date", models.DateField(null=True, verbose_name="posting date")),
                        ("selection", models.JSONField(default=dict)),
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
                        "verbose_name": "batch of short payments",
                        "verbose_name_plural": "batches of short payments",
                        "indexes": [models.Index(fields=["organization", "-id"], name="batch_resolution_newest")],
                    },
                ),
                migrations.CreateModel(
                    name="PaymentDraft",
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
                            "account",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.account",
                            ),
                        ),
                        ("data", models.JSONField(default=dict)),
                        ("saved_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organization", "user", "account"), name="payment_draft_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PayOffExclusion",
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
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.customer",
                                verbose_name="customer",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "customer excluded from pay-offs",
                        "verbose_name_plural": "customers excluded from pay-offs",
                        "constraints": [
                            models.UniqueConstraint(fields=("organization", "customer"), name="pay_off_exclusion_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PayOffPolicy",
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
                        ("currency", receivables.core.fields.CurrencyField(editable=False)),
                        (
                            "maximum",
                            receivables.core.fields.MoneyField(
                                blank=True,
                                help_text="The most that may be given up on one invoice. Empty: no maximum. 0: nothing may be given up.",
                                null=True,
                                verbose_name="pay-off limit",
                            ),
                        ),
                        (
                            "percent",
                            receivables.core.fields.RateField(
                                blank=True,
                                help_text="The most that may be given up, in percent of the invoice's total. Empty: not looked at.",
                                null=True,
                                verbose_name="percent of the invoice",
                            ),
                        ),
                        (
                            "cap",
                            receivables.core.fields.MoneyField(
                                blank=True,
                                help_text="The most that one customer may be given in 12 months. Empty: not looked at.",
                                null=True,
                                verbose_name="cap per customer",
                            ),
                        ),
                        (
                            "reason",
                            models.ForeignKey(
                                help_text="Where it is booked, and whether a credit note is its document.",
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="billing.reason",
                                verbose_name="reason",
                            ),
                        ),
                        ("why", models.CharField(max_length=300, verbose_name="why it was changed")),
                    ],
                    options={
                        "verbose_name": "pay-off limit",
                        "verbose_name_plural": "pay-off limit",
                        "constraints": [
                            models.UniqueConstraint(fields=("organization",), name="pay_off_policy_once"),
                            models.CheckConstraint(
                                condition=models.Q(("maximum__isnull", True), ("maximum__gte", 0), _connector="OR"),
                                name="pay_off_limit_not_negative",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("percent__isnull", True),
                                    models.Q(("percent__gte", 0), ("percent__lte", 100)),
                                    _connector="OR",
                                ),
                                name="pay_off_percent_is_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("cap__isnull", True), ("cap__gte", 0), _connector="OR"),
                                name="pay_off_cap_not_negative",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("why", ""), _negated=True), name="pay_off_policy_says_why"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TaxReliefClaim",
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
                        ("as_of", models.DateField(verbose_name="eligible as of")),
                        ("posting_date", models.DateField(verbose_name="posting date")),
                    ],
                    options={
                        "verbose_name": "claim of tax relief",
                        "verbose_name_plural": "claims of tax relief",
                        "constraints": [
                            models.UniqueConstraint(fields=("organization", "number"), name="tax_relief_number_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BankAccountEvent",
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
                                to="collections.bankaccount",
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
                        ("name", models.CharField(max_length=80, verbose_name="name")),
                        ("currency", receivables.core.fields.CurrencyField(verbose_name="currency")),
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
                        (
                            "bounce_fee",
                            receivables.core.fields.MoneyField(
                                blank=True,
                                help_text="Suggested when a payment into this account bounces, in its currency; it can be changed or left.",
                                null=True,
                                verbose_name="fee for a bounced payment",
                            ),
                        ),
                        (
                            "fee_account",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="Empty: no fee is charged.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="ledger.glaccount",
                                verbose_name="GL account for fees",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="PayOffExclusionEvent",
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
                                to="collections.payoffexclusion",
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
                                verbose_name="customer",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="PayOffPolicyEvent",
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
                                to="collections.payoffpolicy",
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
                        ("currency", receivables.core.fields.CurrencyField(editable=False)),
                        (
                            "maximum",
                            receivables.core.fields.MoneyField(
                                blank=True,
                                help_text="The most that may be given up on one invoice. Empty: no maximum. 0: nothing may be given up.",
                                null=True,
                                verbose_name="pay-off limit",
                            ),
                        ),
                        (
                            "percent",
                            receivables.core.fields.RateField(
                                blank=True,
                                help_text="The most that may be given up, in percent of the invoice's total. Empty: not looked at.",
                                null=True,
                                verbose_name="percent of the invoice",
                            ),
                        ),
                        (
                            "cap",
                            receivables.core.fields.MoneyField(
                                blank=True,
                                help_text="The most that one customer may be given in 12 months. Empty: not looked at.",
                                null=True,
                                verbose_name="cap per customer",
                            ),
                        ),
                        (
                            "reason",
                            models.ForeignKey(
                                db_constraint=False,
                                help_text="Where it is booked, and whether a credit note is its document.",
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="billing.reason",
                                verbose_name="reason",
                            ),
                        ),
                        ("why", models.CharField(max_length=300, verbose_name="why it was changed")),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="bankaccount",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "collections_bankaccountevent" ("active", "bounce_fee", "currency", "fee_account_id", "gl_account_id", "id", "name", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."active", NEW."bounce_fee", NEW."currency", NEW."fee_account_id", NEW."gl_account_id", NEW."id", NEW."name", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;',
                            hash="a4cad42fb749889e7e767b38004b20b1d70aba2d",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_142fb",
                            table="collections_bankaccount",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="bankaccount",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "collections_bankaccountevent" ("active", "bounce_fee", "currency", "fee_account_id", "gl_account_id", "id", "name", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."active", NEW."bounce_fee", NEW."currency", NEW."fee_account_id", NEW."gl_account_id", NEW."id", NEW."name", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;',
                            hash="74483c84c2feda05404cffa87b77a71315250bd7",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_9e59f",
                            table="collections_bankaccount",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="payoffexclusion",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "collections_payoffexclusionevent" ("customer_id", "id", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."customer_id", NEW."id", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;',
                            hash="78d136a532332b3f4030e44668037943e417322e",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_0d291",
                            table="collections_payoffexclusion",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="payoffexclusion",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "collections_payoffexclusionevent" ("customer_id", "id", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."customer_id", NEW."id", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;',
                            hash="d5a4c7df39271d7b737c72026af02eb94cdff756",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_12062",
                            table="collections_payoffexclusion",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="payoffexclusion",
                    trigger=pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "collections_payoffexclusionevent" ("customer_id", "id", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."customer_id", OLD."id", OLD."organization_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id"); RETURN NULL;',
                            hash="88f9d8deea83052a3f1ba83ac86633e6323194c7",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_aafe4",
                            table="collections_payoffexclusion",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="payoffpolicy",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "collections_payoffpolicyevent" ("cap", "currency", "id", "maximum", "organization_id", "percent", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason_id", "why") VALUES (NEW."cap", NEW."currency", NEW."id", NEW."maximum", NEW."organization_id", NEW."percent", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason_id", NEW."why"); RETURN NULL;',
                            hash="20a7dd9046c93affe9b908ed82e2ce7ddd5a955d",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_7ba28",
                            table="collections_payoffpolicy",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="payoffpolicy",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "collections_payoffpolicyevent" ("cap", "currency", "id", "maximum", "organization_id", "percent", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason_id", "why") VALUES (NEW."cap", NEW."currency", NEW."id", NEW."maximum", NEW."organization_id", NEW."percent", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason_id", NEW."why"); RETURN NULL;',
                            hash="406a911721b0e19bae23e22f4131bdb00be0b339",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_50ab1",
                            table="collections_payoffpolicy",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="bankaccountevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="37ca33fc3fec1f47c60ba879a81734d55af73df3",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_25160",
                            table="collections_bankaccountevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="payoffexclusionevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="03bd11f926f00ec6797ea61be3837cf126968b69",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_cb385",
                            table="collections_payoffexclusionevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="payoffpolicyevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="1054f6f0e050d65d33ef8bf6918c217bc1285e36",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_161a9",
                            table="collections_payoffpolicyevent",
                            when="BEFORE",
                        ),
                    ),
                ),
            ],
        ),
    ]
