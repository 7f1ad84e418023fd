"""Words recognised on scanned pages, with their places: for the text over the picture and for marking what is sought."""

import django.db.models.deletion
from django.db import migrations, models

from lienthong.webkit.site.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0011_signed_registers"),
        ("people", "0004_subject_once"),
    ]

    operations = [
        migrations.CreateModel(
            name="PageWords",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("page", models.PositiveIntegerField()),
                ("rows", models.JSONField()),
                ("agency", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="people.agency")),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="words", to="office.storedfile"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("file", "page"), name="page_words_once")],
            },
        ),
        protect("office_pagewords"),
    ]
