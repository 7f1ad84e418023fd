"""Which agencies have work for the worker: one question for all of them instead of several for each, every second."""

from django.db import migrations, models
from django.db.models import Q

from lienthong.webkit.site.tenancy import ROLE

WAITING = f"""
create function office_agencies_waiting(work text) returns table (id bigint, code text)
    language sql stable security definer set search_path = public as $$
    select a.id, a.code::text from people_agency a where a.id in (
        select agency_id from office_arrival where work = 'checking' and state = 'checking'
        union select agency_id from office_message where work = 'sending' and state = 'waiting'
        union select agency_id from office_webhookcall
            where work = 'webhooks' and state = 'waiting' and next_at <= now()
        union select agency_id from office_importrun where work = 'imports' and state in ('checking', 'importing')
        union select agency_id from office_notice
            where work = 'notices' and read_at is null and mailed_at is null
        union select m.id from people_agency m where work = 'mailboxes' and m.settings ? 'mailbox'
    ) order by a.id
$$;
revoke all on function office_agencies_waiting(text) from public;
grant execute on function office_agencies_waiting(text) to {ROLE};
"""


class Migration(migrations.Migration):
    dependencies = [("office", "0005_sweeping"), ("people", "0002_protect")]
    operations = [
        migrations.AddIndex(
            "arrival",
            models.Index(fields=["agency"], condition=Q(state="checking"), name="arrival_to_check"),
        ),
        migrations.RunSQL(WAITING, "drop function office_agencies_waiting(text)"),
    ]
