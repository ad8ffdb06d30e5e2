from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("writeoffs", "0016_batch_confirmed_by_guards")]

    operations = [
        migrations.AddConstraint(
            model_name="writeoffbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_at__isnull", True), ("confirmed_by__isnull", True)),
                    models.Q(("confirmed_at__isnull", False), ("confirmed_by__isnull", False)),
                    _connector="OR",
                ),
                name="write_off_batch_confirmed_by_somebody",
            ),
        ),
    ]
