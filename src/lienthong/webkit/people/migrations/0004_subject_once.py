"""One account for a name at the provider of single sign-on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_apitoken"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                condition=models.Q(("subject", ""), _negated=True), fields=("subject",), name="subject_once"
            ),
        ),
    ]
