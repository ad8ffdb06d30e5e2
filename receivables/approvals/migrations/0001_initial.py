import django.db.models.deletion
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
        ("contenttypes", "0002_remove_content_type_name"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        receivables.core.migrating.Together(
            operations=[
                migrations.CreateModel(
                    name="ApprovalRequest",
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
                        ("verb", models.CharField(max_length=64)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("bad_debt", "Bad debt"),
                                    ("price_concession", "Price concession"),
                                    ("write_off", "Write-off"),
                                    ("refund", "Refund"),
                                ],
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "subject_type",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="contenttypes.contenttype",
                            ),
                        ),
                        ("subject_id", models.BigIntegerField()),
                        ("title", models.CharField(max_length=200)),
                        ("currency", receivables.core.fields.CurrencyField()),
                        ("amount", receivables.core.fields.MoneyField()),
                        ("reason", models.TextField(blank=True)),
                        ("reason_key", models.CharField(blank=True, db_default="", default="", max_length=64)),
                        ("levels", models.PositiveSmallIntegerField(db_default=1, default=1)),
                        ("permission", models.CharField(blank=True, db_default="", default="", max_length=64)),
                        ("facts", models.JSONField(default=dict)),
                        ("preview", models.JSONField(default=list)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waiting"),
                                    ("approved", "Approved"),
                                    ("rejected", "Rejected"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="waiting",
                                max_length=12,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "requested_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("requested_at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("decided_at", models.DateTimeField(null=True)),
                        ("decision_note", models.TextField(blank=True)),
                    ],
                    options={
                        "verbose_name": "approval request",
                        "verbose_name_plural": "approval requests",
                        "indexes": [models.Index(fields=["organization", "state", "-id"], name="approval_state")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("levels__gte", 1), ("levels__lte", 5)), name="approval_levels_range"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state__in", ["approved", "rejected"]), _negated=True),
                                    models.Q(
                                        ("decided_by__isnull", False),
                                        models.Q(("decided_by", models.F("requested_by")), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="approval_by_somebody_else",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "waiting")),
                                fields=("subject_type", "subject_id", "verb"),
                                name="approval_asked_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ApprovalStep",
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
                                    ("bad_debt", "Bad debt"),
                                    ("price_concession", "Price concession"),
                                    ("write_off", "Write-off"),
                                    ("refund", "Refund"),
                                ],
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField(verbose_name="currency")),
                        ("amount_from", receivables.core.fields.MoneyField(verbose_name="from amount")),
                        ("decisions", models.PositiveSmallIntegerField(verbose_name="decisions")),
                    ],
                    options={
                        "verbose_name": "approval step",
                        "verbose_name_plural": "approval steps",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organization", "kind", "currency", "amount_from"), name="approval_step_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("amount_from__gte", 0), ("decisions__gte", 1), ("decisions__lte", 5)
                                ),
                                name="approval_step_range",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AuthorityLimit",
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
                            "role",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("admin", "Admin"),
                                    ("partner_admin", "Partner Admin"),
                                    ("operations_manager", "Operations Manager"),
                                    ("biller", "Biller"),
                                    ("collector", "Collector"),
                                    ("auditor", "Auditor"),
                                ],
                                max_length=20,
                                verbose_name="role",
                            ),
                        ),
                        (
                            "membership",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                                verbose_name="person",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("bad_debt", "Bad debt"),
                                    ("price_concession", "Price concession"),
                                    ("write_off", "Write-off"),
                                    ("refund", "Refund"),
                                ],
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "reason_key",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=64, verbose_name="reason"
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField(verbose_name="currency")),
                        ("minimum", receivables.core.fields.MoneyField(default=0, verbose_name="minimum")),
                        ("maximum", receivables.core.fields.MoneyField(blank=True, null=True, verbose_name="maximum")),
                    ],
                    options={
                        "verbose_name": "authority limit",
                        "verbose_name_plural": "authority limits",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("membership__isnull", False), ("role", "")),
                                    models.Q(models.Q(("role", ""), _negated=True), ("membership__isnull", True)),
                                    _connector="OR",
                                ),
                                name="authority_of_role_or_person",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("minimum__gte", 0),
                                    models.Q(
                                        ("maximum__isnull", True),
                                        ("maximum__gte", models.F("minimum")),
                                        _connector="OR",
                                    ),
                                ),
                                name="authority_range",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("membership__isnull", True)),
                                fields=("organization", "role", "kind", "reason_key", "currency"),
                                name="authority_role_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("membership__isnull", False)),
                                fields=("membership", "kind", "reason_key", "currency"),
                                name="authority_person_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Delegation",
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
                            "of",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                                verbose_name="whose",
                            ),
                        ),
                        (
                            "to",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.membership",
                                verbose_name="to",
                            ),
                        ),
                        ("starts", models.DateField(verbose_name="from")),
                        ("ends", models.DateField(verbose_name="until")),
                        ("reason", models.CharField(blank=True, default="", max_length=300, verbose_name="reason")),
                        (
                            "ended_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("ended_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name": "delegation",
                        "verbose_name_plural": "delegations",
                        "indexes": [models.Index(fields=["organization", "ends"], name="delegation_ends")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ends__gte", models.F("starts"))), name="delegation_has_days"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("to", models.F("of")), _negated=True), name="delegation_to_another"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="delegation_ended_by_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ApprovalQuestion",
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
                            "request",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="questions",
                                to="approvals.approvalrequest",
                            ),
                        ),
                        ("text", models.TextField()),
                        ("answer", models.TextField(blank=True, default="")),
                        (
                            "answered_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("answered_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name": "question",
                        "verbose_name_plural": "questions",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("answered_at__isnull", True)),
                                fields=("request",),
                                name="approval_question_one_open",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("text", ""), _negated=True), name="approval_question_asks"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("answer", ""), ("answered_at__isnull", True), ("answered_by__isnull", True)
                                    ),
                                    models.Q(
                                        ("answered_at__isnull", False),
                                        ("answered_by__isnull", False),
                                        models.Q(("answer", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="approval_question_answered",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ApprovalStepEvent",
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
                                to="approvals.approvalstep",
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
                                    ("bad_debt", "Bad debt"),
                                    ("price_concession", "Price concession"),
                                    ("write_off", "Write-off"),
                                    ("refund", "Refund"),
                                ],
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField(verbose_name="currency")),
                        ("amount_from", receivables.core.fields.MoneyField(verbose_name="from amount")),
                        ("decisions", models.PositiveSmallIntegerField(verbose_name="decisions")),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="AuthorityLimitEvent",
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
                                to="approvals.authoritylimit",
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
                            "role",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("admin", "Admin"),
                                    ("partner_admin", "Partner Admin"),
                                    ("operations_manager", "Operations Manager"),
                                    ("biller", "Biller"),
                                    ("collector", "Collector"),
                                    ("auditor", "Auditor"),
                                ],
                                max_length=20,
                                verbose_name="role",
                            ),
                        ),
                        (
                            "membership",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                related_query_name="+",
                                to="accounts.membership",
                                verbose_name="person",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("bad_debt", "Bad debt"),
                                    ("price_concession", "Price concession"),
                                    ("write_off", "Write-off"),
                                    ("refund", "Refund"),
                                ],
                                max_length=20,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "reason_key",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=64, verbose_name="reason"
                            ),
                        ),
                        ("currency", receivables.core.fields.CurrencyField(verbose_name="currency")),
                        ("minimum", receivables.core.fields.MoneyField(default=0, verbose_name="minimum")),
                        ("maximum", receivables.core.fields.MoneyField(blank=True, null=True, verbose_name="maximum")),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="ApprovalDecision",
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
                            "request",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to="approvals.approvalrequest",
                            ),
                        ),
                        ("level", models.PositiveSmallIntegerField(verbose_name="level")),
                        (
                            "verdict",
                            models.CharField(
                                choices=[("approved", "Approved"), ("rejected", "Rejected")],
                                max_length=12,
                                verbose_name="decision",
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "on_behalf_of",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "delegation",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decisions",
                                to="approvals.delegation",
                            ),
                        ),
                        ("decided_at", models.DateTimeField(default=django.utils.timezone.now)),
                        ("note", models.TextField(blank=True)),
                    ],
                    options={
                        "verbose_name": "decision",
                        "verbose_name_plural": "decisions",
                        "constraints": [
                            models.UniqueConstraint(fields=("request", "level"), name="approval_level_decided_once"),
                            models.UniqueConstraint(
                                fields=("request", "decided_by"), name="approval_person_decides_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("on_behalf_of__isnull", True),
                                    models.Q(("on_behalf_of", models.F("decided_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="approval_on_behalf_of_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("delegation__isnull", True), ("on_behalf_of__isnull", True)),
                                    models.Q(("delegation__isnull", False), ("on_behalf_of__isnull", False)),
                                    _connector="OR",
                                ),
                                name="approval_on_behalf_by_delegation",
                            ),
                        ],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="approvalstep",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "approvals_approvalstepevent" ("amount_from", "currency", "decisions", "id", "kind", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."amount_from", NEW."currency", NEW."decisions", NEW."id", NEW."kind", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;',
                            hash="be05a1e51a1ca04257104aa1c1dce549e5687fde",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_e096c",
                            table="approvals_approvalstep",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="approvalstep",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "approvals_approvalstepevent" ("amount_from", "currency", "decisions", "id", "kind", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."amount_from", NEW."currency", NEW."decisions", NEW."id", NEW."kind", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;',
                            hash="cc02f539e5ce5bb506434de7c1bc53f605e9d335",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_2e751",
                            table="approvals_approvalstep",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="authoritylimit",
                    trigger=pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "approvals_authoritylimitevent" ("currency", "id", "kind", "maximum", "membership_id", "minimum", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason_key", "role") VALUES (NEW."currency", NEW."id", NEW."kind", NEW."maximum", NEW."membership_id", NEW."minimum", NEW."organization_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason_key", NEW."role"); RETURN NULL;',
                            hash="2d40b4521e1a6a4f6462f79d03802dad8d818e98",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_72a6f",
                            table="approvals_authoritylimit",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="authoritylimit",
                    trigger=pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "approvals_authoritylimitevent" ("currency", "id", "kind", "maximum", "membership_id", "minimum", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason_key", "role") VALUES (NEW."currency", NEW."id", NEW."kind", NEW."maximum", NEW."membership_id", NEW."minimum", NEW."organization_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason_key", NEW."role"); RETURN NULL;',
                            hash="266fc52762a1f62342ec870237854a63607435f4",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_f18c8",
                            table="approvals_authoritylimit",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="authoritylimit",
                    trigger=pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "approvals_authoritylimitevent" ("currency", "id", "kind", "maximum", "membership_id", "minimum", "organization_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason_key", "role") VALUES (OLD."currency", OLD."id", OLD."kind", OLD."maximum", OLD."membership_id", OLD."minimum", OLD."organization_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reason_key", OLD."role"); RETURN NULL;',
                            hash="7ccd06b8215184ea5a6b32c1913d28d9a6f1f140",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_125c9",
                            table="approvals_authoritylimit",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="approvalstepevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="58396abfdd86738930d1ec2403db842a2cd10dd1",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_533a9",
                            table="approvals_approvalstepevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="authoritylimitevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="0db538b13b8f99b6aaeaa868479105071bf36240",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_c7169",
                            table="approvals_authoritylimitevent",
                            when="BEFORE",
                        ),
                    ),
                ),
            ],
        ),
    ]
