"""Tables of imports, webhooks and kept answers."""

import django.db.models.deletion
from django.db import migrations, models

from lienthong.webkit.site.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0003_search"),
        ("people", "0003_apitoken"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("system", models.CharField(max_length=40)),
                ("direction", models.CharField(max_length=10)),
                ("name", models.CharField(max_length=200)),
                ("header", models.JSONField(default=list)),
                ("sample", models.JSONField(default=list)),
                ("mapping", models.JSONField(default=dict)),
                ("series_by_kind", models.BooleanField(default=False)),
                ("rows", models.BinaryField(max_length=32)),
                ("count", models.PositiveIntegerField()),
                ("package", models.BinaryField(max_length=32, null=True)),
                ("state", models.CharField(default="mapping", max_length=10)),
                ("position", models.PositiveIntegerField(default=0)),
                ("result", models.JSONField(default=dict)),
                ("findings", models.BinaryField(max_length=32, null=True)),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("agency", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="people.agency")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.account"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImportedRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("system", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=120)),
                ("agency", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="people.agency")),
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="imported_from", to="office.document"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="imported", to="office.importrun"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.BinaryField(max_length=32)),
                ("key", models.CharField(max_length=200)),
                ("request", models.BinaryField(max_length=32)),
                ("status", models.PositiveSmallIntegerField()),
                ("body", models.TextField()),
                ("at", models.DateTimeField()),
                ("agency", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="people.agency")),
            ],
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("url", models.CharField(max_length=500)),
                ("events", models.JSONField(default=list)),
                ("secret", models.BinaryField()),
                ("old_secret", models.BinaryField(null=True)),
                ("old_until", models.DateTimeField(null=True)),
                ("made_at", models.DateTimeField()),
                ("paused_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("agency", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="people.agency")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.account"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WebhookCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=40)),
                ("body", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("state", models.CharField(default="waiting", max_length=10)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("next_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("agency", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="people.agency")),
                (
                    "webhook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="calls", to="office.webhook"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="importrun",
            index=models.Index(fields=["agency", "-id"], name="import_run_newest"),
        ),
        migrations.AddIndex(
            model_name="importedrow",
            index=models.Index(fields=["run", "id"], name="imported_row_by_run"),
        ),
        migrations.AddConstraint(
            model_name="importedrow",
            constraint=models.UniqueConstraint(fields=("agency", "system", "key"), name="imported_row_once"),
        ),
        migrations.AddIndex(
            model_name="keptanswer",
            index=models.Index(fields=["agency", "at"], name="kept_answer_age"),
        ),
        migrations.AddConstraint(
            model_name="keptanswer",
            constraint=models.UniqueConstraint(fields=("token", "key"), name="kept_answer_once"),
        ),
        migrations.AddIndex(
            model_name="webhookcall",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["agency", "next_at"], name="webhook_call_due"
            ),
        ),
        migrations.AddIndex(
            model_name="webhookcall",
            index=models.Index(fields=["webhook", "-id"], name="webhook_call_newest"),
        ),
        protect(*(f"office_{each}" for each in ("importrun", "importedrow", "webhook", "webhookcall", "keptanswer"))),
    ]
