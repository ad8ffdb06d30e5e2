import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import receivables.core.fields
import receivables.core.migrating


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("customers", "0002_initial"),
        ("ledger", "0001_initial"),
        ("ledger", "0002_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("writeoffs", "0001_initial"),
    ]

    operations = [
        receivables.core.migrating.Together(
            operations=[
                migrations.CreateModel(
                    name="WriteOffItem",
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
                            "write_off",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="items",
                                to="writeoffs.writeoff",
                            ),
                        ),
                        (
                            "agreement",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="write_off_items",
                                to="customers.agreement",
                            ),
                        ),
                        (
                            "open_item",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="write_off",
                                to="ledger.openitem",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "written-off debt",
                        "verbose_name_plural": "written-off debt",
                    },
                ),
                migrations.CreateModel(
                    name="WriteOffSettings",
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
                            "default_type",
                            models.ForeignKey(
                                blank=True,
                                help_text="Debt that no transaction explains, such as a balance that was taken over, goes there.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.agreementtype",
                                verbose_name="default write-off type",
                            ),
                        ),
                        (
                            "automated",
                            models.BooleanField(
                                db_default=False,
                                default=False,
                                help_text="Every day the monitor looks at stopped agreements and the activator does what is due, without anybody. Off: both run only when somebody starts them.",
                                verbose_name="automated write-off every day",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "write-off settings",
                        "verbose_name_plural": "write-off settings",
                        "constraints": [
                            models.UniqueConstraint(fields=("organization",), name="write_off_settings_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WriteOffLine",
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
                            "write_off",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="writeoffs.writeoff",
                            ),
                        ),
                        ("line_no", models.PositiveIntegerField()),
                        (
                            "source_agreement",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="written_off",
                                to="customers.agreement",
                            ),
                        ),
                        (
                            "source_item",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="written_off",
                                to="ledger.openitem",
                            ),
                        ),
                        (
                            "source_account",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.glaccount",
                            ),
                        ),
                        (
                            "booked_account",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="ledger.glaccount",
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="writeoffs.writeoffitem",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField()),
                        ("organization_amount", receivables.core.fields.MoneyField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("write_off", "line_no"), name="write_off_line_no_once"),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0), ("organization_amount__gte", 0)),
                                name="write_off_line_above_zero",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WriteOffSettingsEvent",
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
                                to="writeoffs.writeoffsettings",
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
                            "default_type",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="Debt that no transaction explains, such as a balance that was taken over, goes there.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="customers.agreementtype",
                                verbose_name="default write-off type",
                            ),
                        ),
                        (
                            "automated",
                            models.BooleanField(
                                db_default=False,
                                default=False,
                                help_text="Every day the monitor looks at stopped agreements and the activator does what is due, without anybody. Off: both run only when somebody starts them.",
                                verbose_name="automated write-off every day",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="WriteOffReversalLine",
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
                            "reversal",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="writeoffs.writeoffreversal",
                            ),
                        ),
                        (
                            "line",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversed",
                                to="writeoffs.writeoffline",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField()),
                        ("organization_amount", receivables.core.fields.MoneyField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("reversal", "line"), name="write_off_reversal_line_once"),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0), ("organization_amount__gte", 0)),
                                name="write_off_reversal_line_above_zero",
                            ),
                        ],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="writeoffsettings",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "writeoffs_writeoffsettingsevent" ("automated", "default_type_id", "id", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."automated", NEW."default_type_id", NEW."id", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;',
                            hash="f33be39c8245ca2a8f713e803bf41e4443395ce6",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_d9465",
                            table="writeoffs_writeoffsettings",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="writeoffsettings",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "writeoffs_writeoffsettingsevent" ("automated", "default_type_id", "id", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."automated", NEW."default_type_id", NEW."id", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;',
                            hash="8a7126e8f6fd919e2d3de920f5b46f6760b0561f",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_8c9b3",
                            table="writeoffs_writeoffsettings",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="writeoffsettingsevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="79c060d44235a17f0a4c5b60ef07f6d3ff6020fe",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_121b8",
                            table="writeoffs_writeoffsettingsevent",
                            when="BEFORE",
                        ),
                    ),
                ),
            ],
        ),
    ]
