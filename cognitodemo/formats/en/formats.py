"""As on every other page: all times are UTC, and sort as text."""

DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "Y-m-d H:i:s"
