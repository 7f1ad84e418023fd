"""Certificates on people's devices, and whether an administrator has confirmed whose they are."""

import django.db.models.deletion
from django.db import migrations, models

from lienthong.webkit.site.tenancy import protect

UNDECIDED = models.Q(("confirmed", None), ("decided_at", None), ("decided_by", None))
DECIDED = models.Q(("confirmed__isnull", False), ("decided_at__isnull", False), ("decided_by__isnull", False))


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0018_push"),
        ("people", "0004_subject_once"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeviceCertificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.BinaryField()),
                ("subject", models.CharField(max_length=300)),
                ("issuer", models.CharField(max_length=300)),
                ("serial", models.CharField(max_length=50)),
                ("ends_at", models.DateTimeField()),
                ("asked_at", models.DateTimeField()),
                ("confirmed", models.BooleanField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="device_certificates",
                        to="people.account",
                    ),
                ),
                ("agency", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="people.agency")),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.account"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["agency", "-id"], name="device_certificate_new")],
                "constraints": [
                    models.UniqueConstraint(fields=("account", "sha256"), name="device_certificate_once"),
                    models.CheckConstraint(
                        condition=models.Q(UNDECIDED, DECIDED, _connector="OR"), name="device_certificate_decided"
                    ),
                ],
            },
        ),
        protect("office_devicecertificate"),
    ]
