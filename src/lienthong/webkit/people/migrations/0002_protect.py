"""The tables of people, with row-level security."""

from importlib.resources import files

from django.db import migrations

from lienthong.webkit.site.tenancy import MAKE_ROLE, ROLE, protect, share

OWN = (
    "people_unit",
    "people_appointment",
    "people_delegation",
    "people_session",
    "people_passkey",
    "people_recoverycode",
)
FUNCTIONS = (
    "people_enter(bytea, timestamptz, interval)", "people_find(text)", "people_find_subject(text)",
    "people_find_passkey(bytea)", "people_agencies()",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [
        MAKE_ROLE,
        migrations.RunSQL(files("lienthong.webkit.people").joinpath("people.sql").read_text("utf-8")),
        protect("people_agency", rights="select, update", column="id"),
        protect("people_account", *OWN),
        share("people_signinfailure", rights="select, insert, delete"),
        migrations.RunSQL(
            "".join(
                f"revoke all on function {each} from public; grant execute on function {each} to {ROLE};"
                for each in FUNCTIONS
            )
        ),
    ]
