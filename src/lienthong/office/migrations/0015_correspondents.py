"""With whom an agency corresponds, found from code to code instead of by reading every row."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0014_notice_values"),
    ]

    operations = [
        migrations.AddIndex(
            "delivery",
            models.Index(fields=("agency", "code", "-id"), condition=~Q(code=""), name="delivery_by_code"),
        ),
        migrations.AddIndex(
            "arrival",
            models.Index(
                fields=("agency", "sender_code", "-id"), condition=~Q(sender_code=""), name="arrival_by_sender"
            ),
        ),
        migrations.AddIndex(
            "document",
            models.Index(
                fields=("agency", "issuer_code", "-id"),
                condition=Q(direction="incoming") & ~Q(issuer_code=""),
                name="document_by_issuer",
            ),
        ),
    ]
