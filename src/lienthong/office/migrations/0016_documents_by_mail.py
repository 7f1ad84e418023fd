"""Documents by e-mail: what is known of each letter, and which agencies have letters that wait for the worker."""

from django.db import migrations, models
from django.db.models import Q

from lienthong.webkit.site.tenancy import ROLE

WAITING = f"""
create function office_agencies_with_letters() returns table (id bigint, code text)
    language sql stable security definer set search_path = public as $$
    select a.id, a.code::text from people_agency a
        where a.id in (select agency_id from office_delivery where next_at <= now()) order by a.id
$$;
revoke all on function office_agencies_with_letters() from public;
grant execute on function office_agencies_with_letters() to {ROLE};
"""


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0015_correspondents"),
    ]

    operations = [
        migrations.AddField("delivery", "reason_en", models.TextField(blank=True)),
        migrations.AddField("delivery", "mailing", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField("delivery", "tries", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("delivery", "next_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "delivery",
            models.Index(fields=["agency"], condition=Q(next_at__isnull=False), name="delivery_to_mail"),
        ),
        migrations.RunSQL(WAITING, "drop function office_agencies_with_letters()"),
    ]
