"""Search by words: a function that asks the index for the connection's own agency; a change of a right that waits.

PostgreSQL may not use an index for ``@@`` below row-level security, because the operator is not leakproof. The function
belongs to the owner and puts the agency's word into every question itself, so that the index leaves all others out.
"""

from django.db import migrations, models

from lienthong.webkit.site.tenancy import CURRENT, ROLE

FOUND = f"""
create function office_found(question tsquery, most integer) returns table (document_id bigint)
    language sql stable security definer set search_path = public rows 2000 as $$
    select t.document_id from office_documenttext t
    where t.plain @@ (('''_a' || {CURRENT} || '''')::tsquery && question) and t.agency_id = {CURRENT}
    order by t.document_id desc limit most
$$;
revoke all on function office_found(tsquery, integer) from public;
grant execute on function office_found(tsquery, integer) to {ROLE};
"""


class Migration(migrations.Migration):
    dependencies = [("office", "0002_protect")]
    operations = [
        migrations.RunSQL(FOUND, "drop function office_found(tsquery, integer)"),
        migrations.AddField("dossierreader", "wanted", models.CharField(blank=True, default="", max_length=5), False),
    ]
