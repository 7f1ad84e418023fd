"""The ordinals of a dossier are compared when a statement ends, so that one statement closes the gap of a document."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0012_page_words"),
    ]

    operations = [
        migrations.RemoveConstraint("dossierdocument", "ordinal_once"),
        migrations.AddConstraint(
            "dossierdocument",
            models.UniqueConstraint(
                fields=("dossier", "ordinal"), name="ordinal_once", deferrable=models.Deferrable.IMMEDIATE
            ),
        ),
    ]
