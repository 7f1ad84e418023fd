"""Notices that wait to be pushed to a device, the installation's key for it, and who has such notices."""

import django.db.models.deletion
from django.db import migrations, models

from lienthong.webkit.site.tenancy import protect, share

PUSHES = "        union select agency_id from office_pushsending where work = 'pushes' and next_at <= now()\n"
WAITING = """
create or replace function office_agencies_waiting(work text) returns table (id bigint, code text)
    language sql stable security definer set search_path = public as $$
    select a.id, a.code::text from people_agency a where a.id in (
        select agency_id from office_arrival where work = 'checking' and state = 'checking'
        union select agency_id from office_message where work = 'sending' and state = 'waiting'
        union select agency_id from office_webhookcall
            where work = 'webhooks' and state = 'waiting' and next_at <= now()
        union select agency_id from office_importrun where work = 'imports' and state in ('checking', 'importing')
        union select agency_id from office_notice
            where work = 'notices' and read_at is null and mailed_at is null
PUSHES        union select m.id from people_agency m where work = 'mailboxes' and m.settings ? 'mailbox'
    ) order by a.id
$$;
"""
"""The function of 0006 with one line more; in its place stands PUSHES."""


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0017_dossiers_by_their_files"),
        ("people", "0005_push_devices"),
    ]

    operations = [
        migrations.CreateModel(
            name="PushKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sealed", models.BinaryField()),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="PushSending",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_at", models.DateTimeField()),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("next_at", models.DateTimeField()),
                ("agency", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="people.agency")),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pushes", to="people.pushdevice"
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pushes",
                        to="office.notice",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["agency", "next_at"], name="push_due")],
                "constraints": [models.UniqueConstraint(fields=("device", "notice"), name="push_once")],
            },
        ),
        protect("office_pushsending"),
        # Nobody but the owner may change or remove the key: all subscriptions hang on it.
        share("office_pushkey", rights="select, insert"),
        migrations.RunSQL(WAITING.replace("PUSHES", PUSHES), WAITING.replace("PUSHES", "")),
    ]
