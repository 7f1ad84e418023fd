"""The sweep asks for each kept file whether any agency names it; the screens ask within one agency."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0004_imports"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="storedfile",
            name="office_stor_agency__6d3d94_idx",
        ),
        migrations.AddIndex(
            model_name="storedfile",
            index=models.Index(fields=["sha256", "agency"], name="stored_file_of_bytes"),
        ),
    ]
