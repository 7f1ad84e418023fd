"""Devices that notices are pushed to, and whose one is by the cookie that its browser carries."""

import django.db.models.deletion
from django.db import migrations, models

from lienthong.webkit.site.tenancy import ROLE, protect

FIND = f"""
-- The device of a browser's cookie, whoever works there now; from now on the connection belongs to its agency.
create function people_find_push(wanted bytea) returns table (device_id bigint, account_id bigint, agency_id bigint)
    language plpgsql security definer set search_path = public as $$
declare found people_pushdevice%rowtype;
begin
    select * into found from people_pushdevice d where d.digest = wanted;
    perform set_config('lienthong.agency', coalesce(found.agency_id::text, ''), false);
    if found.id is null then return; end if;
    return query select found.id, found.account_id, found.agency_id;
end $$;
revoke all on function people_find_push(bytea) from public;
grant execute on function people_find_push(bytea) to {ROLE};
"""


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_subject_once"),
    ]

    operations = [
        migrations.CreateModel(
            name="PushDevice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("endpoint", models.CharField(max_length=2000)),
                ("point", models.BinaryField(max_length=65)),
                ("auth", models.BinaryField(max_length=16)),
                ("name", models.CharField(max_length=100)),
                ("made_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("trouble", models.CharField(blank=True, max_length=100)),
                ("trouble_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="push_devices", to="people.account"
                    ),
                ),
                ("agency", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="people.agency")),
                (
                    "session",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="people.session"
                    ),
                ),
            ],
        ),
        protect("people_pushdevice"),
        migrations.RunSQL(FIND, "drop function people_find_push(bytea)"),
    ]
