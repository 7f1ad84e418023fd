"""The audit log."""

from importlib.resources import files

from django.db import migrations

from lienthong.webkit.site.tenancy import ROLE, protect


class Migration(migrations.Migration):
    dependencies = [("people", "0002_protect")]
    operations = [
        migrations.RunSQL(files("lienthong.webkit.audit").joinpath("audit.sql").read_text("utf-8")),
        protect("audit_entry", "audit_head", rights="select"),
        migrations.RunSQL(
            f"revoke all on function audit_append(text[]) from public; grant execute on function audit_append(text[]) to {ROLE};"
        ),
    ]
