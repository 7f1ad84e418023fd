"""The rounds of reminders ask for the tasks of an agency that are due, many times a day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0009_copies_and_post"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(("state__in", ("new", "open", "passed", "reported"))),
                fields=["agency", "due_date"],
                name="task_by_deadline",
            ),
        ),
    ]
