"""The counters of the rate limits."""

from django.db import models


class RateCounter(models.Model):
    """How often one subject did one thing in one minute. web.ratelimit writes and reads it.

    `subject` is a keyed hash: neither an address nor a name of a person rests here.
    """

    subject = models.CharField(max_length=32, primary_key=True)
    minute = models.BigIntegerField(db_index=True)  # since 1970
    hits = models.PositiveIntegerField()

    class Meta:
        app_label = "cognitodemo"  # whose migrations made the table

    def __str__(self) -> str:
        return f"{self.subject[:6]}… {self.hits}"
