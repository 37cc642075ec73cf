"""What examples and tutorials write where a value belongs."""

import re

# AWS's own keys and ids end in EXAMPLE.
FAKE = re.compile(r"EXAMPLE|\byour[-_ ]|^<.*>$|x{6,}|changeme|change-me|replace[-_]me", re.IGNORECASE)
