"""Whether a dossier was worked on electronically is told by its documents, all of which have a file; nobody says it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0016_documents_by_mail"),
    ]

    operations = [
        migrations.RemoveField("dossier", "online"),
    ]
