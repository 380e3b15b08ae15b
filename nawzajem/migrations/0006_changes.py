import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


def never_changed(apps, schema_editor):
    """Nothing was changed so far: the latest that happened to each message is that it was said."""
    apps.get_model("nawzajem", "Message").objects.update(latest_seq=F("seq"))


class Migration(migrations.Migration):

    dependencies = [
        ('nawzajem', '0005_passing'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='edited_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='message',
            name='withdrawn_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='message',
            name='latest_seq',
            field=models.PositiveIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.RunPython(never_changed, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.UniqueConstraint(fields=('conversation', 'latest_seq'), name='message_latest'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=Q(('latest_seq__gte', F('seq'))), name='message_changed_later'),
        ),
        migrations.AlterField(
            model_name='message',
            name='conversation',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='nawzajem.conversation'),
        ),
    ]
