"""Row-level security of the office's tables, and the job engine's table."""

from importlib.resources import files

from django.db import migrations

from lienthong.webkit.site.tenancy import protect, share

TABLES = (
    "arrival", "delivery", "document", "documenttext", "dossier", "dossierdocument", "dossierreader", "fileplan",
    "fileplanheading", "message", "notice", "numberentry", "opinion", "phrase", "reader", "register", "review",
    "savedview", "signingstep", "statusevent", "storedfile", "task",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("office", "0001_initial"), ("people", "0002_protect"), ("audit", "0001_audit")]
    operations = [
        protect(*(f"office_{each}" for each in TABLES)),
        migrations.RunSQL(
            # Numbers and what people said are never taken back: the role cannot delete them.
            "revoke delete on office_numberentry, office_opinion, office_review, office_statusevent from lienthong_web;"
        ),
        migrations.RunSQL(files("lienthong.infra").joinpath("sql/job.sql").read_text("utf-8")),
        share("job", "job_period", rights="select, insert, update, delete"),
    ]
