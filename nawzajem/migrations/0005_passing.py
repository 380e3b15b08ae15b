from django.db import migrations, models

import nawzajem.ground.models


def leave_no_trace(apps, schema_editor):
    """PostgreSQL writes what comes into this table neither into its journal nor to any replica; a crash empties it."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE nawzajem_passing SET UNLOGGED")


class Migration(migrations.Migration):
    dependencies = [
        ("nawzajem", "0004_running"),
    ]

    operations = [
        migrations.CreateModel(
            name="Passing",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=nawzajem.ground.models.new_id,
                        editable=False,
                        max_length=12,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("vault", models.BinaryField()),
            ],
            options={"abstract": False},
        ),
        migrations.RunPython(leave_no_trace, migrations.RunPython.noop, elidable=False),
    ]
