"""Notices keep their sentence and its values, so that each reader has them in his own language."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0013_ordinals"),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="key",
            field=models.CharField(blank=True, max_length=30),
        ),
        migrations.AddField(
            model_name="notice",
            name="members",
            field=models.JSONField(default=dict),
        ),
    ]
