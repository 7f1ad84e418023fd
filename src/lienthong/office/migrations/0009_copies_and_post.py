"""Items of a posting and whoever takes it; uses of kept copies (Decree 30/2020, Appendix IV)."""

import django.db.models.deletion
from django.db import migrations, models

from lienthong.webkit.site.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0006_waiting"),
        ("people", "0004_subject_once"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="covers",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="delivery",
            name="taken_by",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.CreateModel(
            name="CopyLoan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("used_on", models.DateField()),
                ("user", models.CharField(max_length=100)),
                ("allowed_by", models.CharField(max_length=100)),
                ("returned_on", models.DateField(null=True)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("agency", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="people.agency")),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="loans", to="office.document"
                    ),
                ),
                (
                    "noted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.account"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["agency", "used_on", "id"], name="copy_loan_by_day")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("returned_on", None)), fields=("document",), name="copy_lent_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("returned_on", None), ("returned_on__gte", models.F("used_on")), _connector="OR"
                        ),
                        name="copy_back_after_use",
                    ),
                ],
            },
        ),
        protect("office_copyloan"),
    ]
