import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import receivables.core.fields
import receivables.core.migrating


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("approvals", "0001_initial"),
        ("automated", "0001_initial"),
        ("customers", "0001_initial"),
        ("customers", "0002_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        receivables.core.migrating.Together(
            operations=[
                migrations.CreateModel(
                    name="ProcessAgreement",
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
                            "process",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreements",
                                to="automated.writeoffprocess",
                            ),
                        ),
                        (
                            "agreement",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="write_off_processes",
                                to="customers.agreement",
                            ),
                        ),
                        ("active", models.BooleanField(default=True)),
                        ("left_at", models.DateTimeField(null=True)),
                        (
                            "left_because",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("closed", "Closed"),
                                    ("below", "Owes no more than the control's threshold"),
                                    ("ended", "The process has ended"),
                                ],
                                default="",
                                max_length=10,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("active", True)),
                                fields=("agreement",),
                                name="agreement_in_one_process",
                            ),
                            models.UniqueConstraint(fields=("process", "agreement"), name="process_agreement_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("active", True), ("left_at__isnull", True), ("left_because", "")),
                                    models.Q(
                                        ("active", False),
                                        ("left_at__isnull", False),
                                        models.Q(("left_because", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="process_agreement_leaves_for_a_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProcessEvent",
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
                                    ("refer", "Refer to a collection agency"),
                                    ("cancel_referral", "Cancel the referral"),
                                    ("letter", "Send a letter"),
                                    ("to_do", "Create a to-do"),
                                    ("credit_rating", "Affect the credit rating"),
                                    ("write_off", "Write off by the accounts it was booked to"),
                                    ("write_off_to_type", "Write off to one agreement type"),
                                    ("function", "Run a function"),
                                ],
                                max_length=20,
                                verbose_name="event",
                            ),
                        ),
                        (
                            "sequence",
                            models.PositiveSmallIntegerField(
                                default=10, help_text="Events of one day happen in this order.", verbose_name="sequence"
                            ),
                        ),
                        (
                            "text",
                            models.TextField(
                                blank=True,
                                default="",
                                help_text="The words of a letter, what is to be done, or why debt is written off.",
                                max_length=2000,
                                verbose_name="text",
                            ),
                        ),
                        (
                            "agency",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                help_text="Empty: the one that has the least debt to collect.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="automated.collectionagency",
                                verbose_name="agency",
                            ),
                        ),
                        (
                            "to_type",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                limit_choices_to={"special_role": "write_off"},
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.agreementtype",
                                verbose_name="write-off type",
                            ),
                        ),
                        (
                            "points",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="By how much the credit rating goes down.",
                                null=True,
                                verbose_name="points",
                            ),
                        ),
                        (
                            "months",
                            models.PositiveSmallIntegerField(
                                blank=True, help_text="For how long it does.", null=True, verbose_name="months"
                            ),
                        ),
                        ("function", models.CharField(blank=True, default="", max_length=40, verbose_name="function")),
                        (
                            "process",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="events",
                                to="automated.writeoffprocess",
                            ),
                        ),
                        ("due_on", models.DateField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("pending", "Pending"),
                                    ("running", "Running"),
                                    ("waiting", "Waits for approval"),
                                    ("done", "Done"),
                                    ("refused", "Approval refused"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default="pending",
                                max_length=10,
                            ),
                        ),
                        ("done_on", models.DateField(null=True)),
                        ("outcome", models.CharField(blank=True, default="", max_length=300)),
                        ("amount", receivables.core.fields.MoneyField(null=True)),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("rows", models.JSONField(default=list)),
                        (
                            "request",
                            models.OneToOneField(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="approvals.approvalrequest",
                            ),
                        ),
                        ("handled_on", models.DateField(null=True)),
                        (
                            "handled_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1)),
                    ],
                    options={
                        "verbose_name": "event of a process",
                        "verbose_name_plural": "events of a process",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "pending")),
                                fields=["organization", "due_on", "process", "sequence"],
                                name="process_event_pending",
                            ),
                            models.Index(
                                condition=models.Q(("handled_on__isnull", True), ("kind", "to_do"), ("state", "done")),
                                fields=["organization", "id"],
                                name="process_event_to_do",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TemplateEvent",
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
                                    ("refer", "Refer to a collection agency"),
                                    ("cancel_referral", "Cancel the referral"),
                                    ("letter", "Send a letter"),
                                    ("to_do", "Create a to-do"),
                                    ("credit_rating", "Affect the credit rating"),
                                    ("write_off", "Write off by the accounts it was booked to"),
                                    ("write_off_to_type", "Write off to one agreement type"),
                                    ("function", "Run a function"),
                                ],
                                max_length=20,
                                verbose_name="event",
                            ),
                        ),
                        (
                            "sequence",
                            models.PositiveSmallIntegerField(
                                default=10, help_text="Events of one day happen in this order.", verbose_name="sequence"
                            ),
                        ),
                        (
                            "text",
                            models.TextField(
                                blank=True,
                                default="",
                                help_text="The words of a letter, what is to be done, or why debt is written off.",
                                max_length=2000,
                                verbose_name="text",
                            ),
                        ),
                        (
                            "agency",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                help_text="Empty: the one that has the least debt to collect.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="automated.collectionagency",
                                verbose_name="agency",
                            ),
                        ),
                        (
                            "to_type",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                limit_choices_to={"special_role": "write_off"},
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.agreementtype",
                                verbose_name="write-off type",
                            ),
                        ),
                        (
                            "points",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="By how much the credit rating goes down.",
                                null=True,
                                verbose_name="points",
                            ),
                        ),
                        (
                            "months",
                            models.PositiveSmallIntegerField(
                                blank=True, help_text="For how long it does.", null=True, verbose_name="months"
                            ),
                        ),
                        ("function", models.CharField(blank=True, default="", max_length=40, verbose_name="function")),
                        (
                            "template",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="steps",
                                to="automated.processtemplate",
                            ),
                        ),
                        ("days", models.PositiveSmallIntegerField(default=0, verbose_name="days after the beginning")),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "verbose_name": "event of a template",
                        "verbose_name_plural": "events of a template",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("template", "sequence"), name="template_event_sequence_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WriteDown",
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
                            "account",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="write_downs",
                                to="customers.account",
                            ),
                        ),
                        (
                            "agreement",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="write_downs",
                                to="customers.agreement",
                            ),
                        ),
                        (
                            "control",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="automated.writeoffcontrol",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField()),
                        ("posting_date", models.DateField()),
                    ],
                    options={
                        "verbose_name": "write-down",
                        "verbose_name_plural": "write-downs",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount", 0), _negated=True), name="write_down_of_something"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RunResult",
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
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="results",
                                to="automated.automatedrun",
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
                            "process",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="results",
                                to="automated.writeoffprocess",
                            ),
                        ),
                        (
                            "event",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="results",
                                to="automated.processevent",
                            ),
                        ),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("closed", "Closed without a write-off"),
                                    ("started", "Process started"),
                                    ("refund", "Refund asked for"),
                                    ("done", "Event done"),
                                    ("waiting", "Waits for approval"),
                                    ("skipped", "Left alone"),
                                    ("error", "Error"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("code", models.CharField(blank=True, default="", max_length=20)),
                        ("message", models.CharField(blank=True, default="", max_length=500)),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField()),
                    ],
                    options={
                        "verbose_name": "result of the automated write-off",
                        "verbose_name_plural": "results of the automated write-off",
                        "indexes": [models.Index(fields=["run", "outcome", "id"], name="automated_result_outcome")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("outcome__in", ["skipped", "error"]), _negated=True),
                                    models.Q(("code", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="automated_result_says_why",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TemplateEventEvent",
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
                                to="automated.templateevent",
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("refer", "Refer to a collection agency"),
                                    ("cancel_referral", "Cancel the referral"),
                                    ("letter", "Send a letter"),
                                    ("to_do", "Create a to-do"),
                                    ("credit_rating", "Affect the credit rating"),
                                    ("write_off", "Write off by the accounts it was booked to"),
                                    ("write_off_to_type", "Write off to one agreement type"),
                                    ("function", "Run a function"),
                                ],
                                max_length=20,
                                verbose_name="event",
                            ),
                        ),
                        (
                            "sequence",
                            models.PositiveSmallIntegerField(
                                default=10, help_text="Events of one day happen in this order.", verbose_name="sequence"
                            ),
                        ),
                        (
                            "text",
                            models.TextField(
                                blank=True,
                                default="",
                                help_text="The words of a letter, what is to be done, or why debt is written off.",
                                max_length=2000,
                                verbose_name="text",
                            ),
                        ),
                        (
                            "agency",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                help_text="Empty: the one that has the least debt to collect.",
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="automated.collectionagency",
                                verbose_name="agency",
                            ),
                        ),
                        (
                            "to_type",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                limit_choices_to={"special_role": "write_off"},
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="customers.agreementtype",
                                verbose_name="write-off type",
                            ),
                        ),
                        (
                            "points",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="By how much the credit rating goes down.",
                                null=True,
                                verbose_name="points",
                            ),
                        ),
                        (
                            "months",
                            models.PositiveSmallIntegerField(
                                blank=True, help_text="For how long it does.", null=True, verbose_name="months"
                            ),
                        ),
                        ("function", models.CharField(blank=True, default="", max_length=40, verbose_name="function")),
                        (
                            "template",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="automated.processtemplate",
                            ),
                        ),
                        ("days", models.PositiveSmallIntegerField(default=0, verbose_name="days after the beginning")),
                        ("active", models.BooleanField(default=True, verbose_name="active")),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="templateevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "automated_templateeventevent" ("active", "agency_id", "days", "function", "id", "kind", "months", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points", "sequence", "template_id", "text", "to_type_id") VALUES (NEW."active", NEW."agency_id", NEW."days", NEW."function", NEW."id", NEW."kind", NEW."months", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."points", NEW."sequence", NEW."template_id", NEW."text", NEW."to_type_id"); RETURN NULL;',
                            hash="8bd690c730225793365f898091126001f27eb81c",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_51c1c",
                            table="automated_templateevent",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="templateevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "automated_templateeventevent" ("active", "agency_id", "days", "function", "id", "kind", "months", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points", "sequence", "template_id", "text", "to_type_id") VALUES (NEW."active", NEW."agency_id", NEW."days", NEW."function", NEW."id", NEW."kind", NEW."months", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."points", NEW."sequence", NEW."template_id", NEW."text", NEW."to_type_id"); RETURN NULL;',
                            hash="9ccb2598cab99f3f385485585ba9e88529eda9ed",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_82cb4",
                            table="automated_templateevent",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="templateeventevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="4bf6934e4ea8fb4592d747ac8b85ef6614ae5142",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_63a81",
                            table="automated_templateeventevent",
                            when="BEFORE",
                        ),
                    ),
                ),
            ],
        ),
    ]
