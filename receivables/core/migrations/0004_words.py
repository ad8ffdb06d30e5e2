import django.utils.timezone
from django.db import migrations, models

from receivables.core.migrating import RenderedOnce


class Migration(RenderedOnce):
    dependencies = [
        ("core", "0003_number_text"),
    ]

    operations = [
        migrations.AlterField(
            model_name="event",
            name="actor_name",
            field=models.CharField(max_length=150, verbose_name="by whom"),
        ),
        migrations.AlterField(
            model_name="event",
            name="at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="moment"),
        ),
        migrations.AlterField(
            model_name="event",
            name="reason",
            field=models.TextField(blank=True, default="", verbose_name="reason"),
        ),
        migrations.AlterField(
            model_name="event",
            name="request_id",
            field=models.CharField(blank=True, default="", max_length=64, verbose_name="request"),
        ),
        migrations.AlterField(
            model_name="event",
            name="subject_id",
            field=models.BigIntegerField(verbose_name="key of the object"),
        ),
        migrations.AlterField(
            model_name="event",
            name="subject_type",
            field=models.CharField(max_length=64, verbose_name="kind of object"),
        ),
    ]
