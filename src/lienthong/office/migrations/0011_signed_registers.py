"""Registers signed at closing: the paper that was closed, and the same one signed (Decree 30/2020, Appendix IV)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0010_deadlines"),
        ("people", "0004_subject_once"),
    ]

    operations = [
        migrations.AddField(
            model_name="register",
            name="closed_sha256",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="register",
            name="signed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="register",
            name="signed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.account"
            ),
        ),
        migrations.AddField(
            model_name="register",
            name="signed_sha256",
            field=models.BinaryField(null=True),
        ),
        migrations.AddConstraint(
            model_name="register",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("signed_at", None), ("signed_by", None), ("signed_sha256", None)),
                    models.Q(
                        ("closed_sha256__isnull", False),
                        ("signed_at__isnull", False),
                        ("signed_by__isnull", False),
                        ("signed_sha256__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="register_signed_after_closing",
            ),
        ),
    ]
