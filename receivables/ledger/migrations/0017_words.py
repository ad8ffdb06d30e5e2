import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import receivables.core.fields
from receivables.core.migrating import RenderedOnce


class Migration(RenderedOnce):
    dependencies = [
        ("ledger", "0016_last_posted_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="journalentry",
            name="document_date",
            field=models.DateField(verbose_name="document date"),
        ),
        migrations.AlterField(
            model_name="journalentry",
            name="kind",
            field=models.CharField(max_length=32, verbose_name="kind"),
        ),
        migrations.AlterField(
            model_name="journalentry",
            name="memo",
            field=models.CharField(blank=True, default="", max_length=200, verbose_name="text"),
        ),
        migrations.AlterField(
            model_name="journalentry",
            name="posted_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="posted at"),
        ),
        migrations.AlterField(
            model_name="journalentry",
            name="posted_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="posted by",
            ),
        ),
        migrations.AlterField(
            model_name="journalentry",
            name="posting_date",
            field=models.DateField(verbose_name="posting date"),
        ),
        migrations.AlterField(
            model_name="journalentry",
            name="total",
            field=receivables.core.fields.MoneyField(verbose_name="total"),
        ),
        migrations.AlterField(
            model_name="journalline",
            name="amount",
            field=receivables.core.fields.MoneyField(verbose_name="amount"),
        ),
        migrations.AlterField(
            model_name="journalline",
            name="gl_account",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="ledger.glaccount",
                verbose_name="GL account",
            ),
        ),
        migrations.AlterField(
            model_name="journalline",
            name="memo",
            field=models.CharField(blank=True, default="", max_length=200, verbose_name="text"),
        ),
        migrations.AlterField(
            model_name="journalline",
            name="organization_amount",
            field=receivables.core.fields.MoneyField(verbose_name="in own currency"),
        ),
    ]
