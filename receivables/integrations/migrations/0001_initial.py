import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import receivables.core.fields
import receivables.core.migrating


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("customers", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        receivables.core.migrating.Together(
            operations=[
                migrations.CreateModel(
                    name="Change",
                    fields=[
                        ("event_id", models.BigIntegerField(primary_key=True, serialize=False)),
                        (
                            "organization",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.organization",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "change to be looked at",
                        "verbose_name_plural": "changes to be looked at",
                    },
                ),
                migrations.CreateModel(
                    name="Connection",
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
                            "system",
                            models.CharField(
                                choices=[
                                    ("quickbooks_online", "QuickBooks Online"),
                                    ("quickbooks_desktop", "QuickBooks Desktop"),
                                    ("business_central", "Dynamics 365 Business Central"),
                                    ("sage_intacct", "Sage Intacct"),
                                    ("netsuite", "NetSuite"),
                                ],
                                max_length=24,
                                verbose_name="system",
                            ),
                        ),
                        ("name", models.CharField(max_length=80, verbose_name="name")),
                        (
                            "state",
                            models.CharField(
                                choices=[("live", "Live"), ("paused", "Paused"), ("broken", "Needs new credentials")],
                                default="paused",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("options", models.JSONField(blank=True, default=dict)),
                        ("secrets", models.TextField(blank=True, default="")),
                        ("start_date", models.DateField(verbose_name="documents from")),
                        ("problem", models.TextField(blank=True, default="", verbose_name="problem")),
                        ("paused_until", models.DateTimeField(null=True)),
                        ("version", models.PositiveIntegerField(default=1)),
                    ],
                    options={
                        "verbose_name": "accounting connection",
                        "verbose_name_plural": "accounting connections",
                        "constraints": [
                            models.UniqueConstraint(
                                models.F("organization"),
                                django.db.models.functions.text.Upper("name"),
                                name="connection_name_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ConnectionEvent",
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
                                to="integrations.connection",
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
                            "system",
                            models.CharField(
                                choices=[
                                    ("quickbooks_online", "QuickBooks Online"),
                                    ("quickbooks_desktop", "QuickBooks Desktop"),
                                    ("business_central", "Dynamics 365 Business Central"),
                                    ("sage_intacct", "Sage Intacct"),
                                    ("netsuite", "NetSuite"),
                                ],
                                max_length=24,
                                verbose_name="system",
                            ),
                        ),
                        ("name", models.CharField(max_length=80, verbose_name="name")),
                        (
                            "state",
                            models.CharField(
                                choices=[("live", "Live"), ("paused", "Paused"), ("broken", "Needs new credentials")],
                                default="paused",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("options", models.JSONField(blank=True, default=dict)),
                        ("start_date", models.DateField(verbose_name="documents from")),
                        ("problem", models.TextField(blank=True, default="", verbose_name="problem")),
                        ("paused_until", models.DateTimeField(null=True)),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Delivery",
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
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deliveries",
                                to="integrations.connection",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("customer", "Customer"),
                                    ("invoice", "Invoice"),
                                    ("credit_memo", "Credit memo"),
                                    ("payment", "Payment"),
                                    ("journal", "Journal entry"),
                                ],
                                max_length=12,
                                verbose_name="type",
                            ),
                        ),
                        ("source", models.CharField(max_length=60)),
                        ("source_id", models.BigIntegerField()),
                        (
                            "customer",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.customer",
                            ),
                        ),
                        (
                            "reference",
                            models.CharField(blank=True, default="", max_length=80, verbose_name="reference"),
                        ),
                        ("currency", receivables.core.fields.CurrencyField(verbose_name="currency")),
                        ("amount", receivables.core.fields.MoneyField(default=0, verbose_name="amount")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("queued", "Waiting"),
                                    ("held", "Held"),
                                    ("sending", "Sending"),
                                    ("synced", "Synced"),
                                    ("error", "Failed"),
                                    ("uncertain", "Uncertain"),
                                    ("ignored", "Handled outside"),
                                ],
                                default="queued",
                                max_length=10,
                                verbose_name="status",
                            ),
                        ),
                        (
                            "trouble",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "None"),
                                    ("retryable", "Tried again by itself"),
                                    ("needs_mapping", "A mapping is missing"),
                                    ("needs_person", "Needs a person"),
                                    ("period_closed", "Period closed"),
                                    ("conflict", "Changed over there"),
                                    ("credentials", "Credentials"),
                                ],
                                default="",
                                max_length=16,
                                verbose_name="trouble",
                            ),
                        ),
                        ("message", models.TextField(blank=True, default="")),
                        ("system_text", models.TextField(blank=True, default="")),
                        ("fix", models.CharField(blank=True, default="", max_length=200)),
                        ("note", models.TextField(blank=True, default="")),
                        ("remote", models.JSONField(default=dict)),
                        ("synced", models.JSONField(null=True)),
                        ("payload_hash", models.CharField(blank=True, default="", max_length=64)),
                        ("pending", models.JSONField(null=True)),
                        ("attempts", models.PositiveIntegerField(default=0)),
                        ("tries", models.PositiveIntegerField(default=0)),
                        ("again", models.BooleanField(default=False)),
                        ("next_attempt_at", models.DateTimeField(null=True)),
                        ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                        ("synced_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name": "delivery",
                        "verbose_name_plural": "deliveries",
                        "indexes": [
                            models.Index(fields=["organization", "state", "-changed_at", "-id"], name="delivery_state"),
                            models.Index(fields=["connection", "customer", "state"], name="delivery_queue"),
                            models.Index(fields=["organization", "source", "source_id"], name="delivery_source"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("connection", "source", "source_id"), name="delivery_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "synced"), _negated=True),
                                    models.Q(("payload_hash", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="delivery_synced_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state__in", ["sending", "uncertain"]), _negated=True),
                                    ("pending__isnull", False),
                                    _connector="OR",
                                ),
                                name="delivery_says_what_it_sends",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Mapping",
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
                            "connection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mappings",
                                to="integrations.connection",
                            ),
                        ),
                        (
                            "what",
                            models.CharField(
                                choices=[
                                    ("account", "GL account"),
                                    ("item", "Charge"),
                                    ("tax", "Tax code"),
                                    ("terms", "Payment terms"),
                                ],
                                max_length=10,
                                verbose_name="what",
                            ),
                        ),
                        ("local_key", models.CharField(max_length=60, verbose_name="ours")),
                        ("remote_id", models.CharField(max_length=100, verbose_name="theirs")),
                        (
                            "remote_name",
                            models.CharField(blank=True, default="", max_length=200, verbose_name="their name"),
                        ),
                    ],
                    options={
                        "verbose_name": "mapping",
                        "verbose_name_plural": "mappings",
                        "constraints": [
                            models.UniqueConstraint(fields=("connection", "local_key"), name="mapping_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Attempt",
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
                            "delivery",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="calls",
                                to="integrations.delivery",
                            ),
                        ),
                        ("operation", models.CharField(max_length=40)),
                        ("key", models.CharField(blank=True, default="", max_length=80)),
                        ("request", models.TextField(blank=True, default="")),
                        ("response", models.TextField(blank=True, default="")),
                        ("status", models.CharField(blank=True, default="", max_length=20)),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("done", "Done"),
                                    ("found", "Was there already"),
                                    ("refused", "Refused"),
                                    ("silent", "No answer"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("milliseconds", models.PositiveIntegerField(default=0)),
                        ("at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        "verbose_name": "attempt",
                        "verbose_name_plural": "attempts",
                        "indexes": [models.Index(fields=["delivery", "-id"], name="attempt_delivery")],
                    },
                ),
                migrations.CreateModel(
                    name="MappingEvent",
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
                                to="integrations.mapping",
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
                            "connection",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="integrations.connection",
                            ),
                        ),
                        (
                            "what",
                            models.CharField(
                                choices=[
                                    ("account", "GL account"),
                                    ("item", "Charge"),
                                    ("tax", "Tax code"),
                                    ("terms", "Payment terms"),
                                ],
                                max_length=10,
                                verbose_name="what",
                            ),
                        ),
                        ("local_key", models.CharField(max_length=60, verbose_name="ours")),
                        ("remote_id", models.CharField(max_length=100, verbose_name="theirs")),
                        (
                            "remote_name",
                            models.CharField(blank=True, default="", max_length=200, verbose_name="their name"),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="connection",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "integrations_connectionevent" ("id", "name", "options", "organization_id", "paused_until", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "problem", "start_date", "state", "system") VALUES (NEW."id", NEW."name", NEW."options", NEW."organization_id", NEW."paused_until", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."problem", NEW."start_date", NEW."state", NEW."system"); RETURN NULL;',
                            hash="a49af0cf2e3a3b82a9a1b1bc17efafb1ebb9c7e5",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_f4081",
                            table="integrations_connection",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="connection",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."options" IS DISTINCT FROM (NEW."options") OR OLD."organization_id" IS DISTINCT FROM (NEW."organization_id") OR OLD."paused_until" IS DISTINCT FROM (NEW."paused_until") OR OLD."problem" IS DISTINCT FROM (NEW."problem") OR OLD."start_date" IS DISTINCT FROM (NEW."start_date") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."system" IS DISTINCT FROM (NEW."system"))',
                            func='INSERT INTO "integrations_connectionevent" ("id", "name", "options", "organization_id", "paused_until", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "problem", "start_date", "state", "system") VALUES (NEW."id", NEW."name", NEW."options", NEW."organization_id", NEW."paused_until", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."problem", NEW."start_date", NEW."state", NEW."system"); RETURN NULL;',
                            hash="558cad3f06072d5f4a51392ebc87e5dd78a00a21",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_2868f",
                            table="integrations_connection",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="connectionevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="6bb3f6489a5b7c7ff0047e78eb49952b3e26542d",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_9599d",
                            table="integrations_connectionevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="mapping",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "integrations_mappingevent" ("connection_id", "id", "local_key", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "remote_id", "remote_name", "what") VALUES (NEW."connection_id", NEW."id", NEW."local_key", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."remote_id", NEW."remote_name", NEW."what"); RETURN NULL;',
                            hash="49d3a07d82f7909a16912072bdbc999409bd16a0",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_91f68",
                            table="integrations_mapping",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="mapping",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "integrations_mappingevent" ("connection_id", "id", "local_key", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "remote_id", "remote_name", "what") VALUES (NEW."connection_id", NEW."id", NEW."local_key", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."remote_id", NEW."remote_name", NEW."what"); RETURN NULL;',
                            hash="324c388a9e4f1e6778938ac9ca7fa78a868b600f",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_f6242",
                            table="integrations_mapping",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="mappingevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="cce5da0b8b3a6cbec915ec30db1c59f4bf841eac",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_2dfdf",
                            table="integrations_mappingevent",
                            when="BEFORE",
                        ),
                    ),
                ),
            ],
        ),
    ]
