"""From a recorded call to one that may be stored. Pure: nothing here reads settings, the clock, the network or a table.

Three layers, each for what the one before cannot know:

1. by place: members that the service's model marks `sensitive`, and a list of names (`names`), wherever they stand in
   parameters, JSON, form and XML bodies, headers and URLs;
2. by value: the last net finds any secret seen in the run, also encoded, wherever it still stands, and flags the call;
3. by look: whatever has the form of a JSON Web Token is taken out as well, and flagged.

A secret is replaced by a mark that names its kind and a keyed fingerprint, so that "this is the same token as in step
2" can be seen and nothing can be computed back.
"""

from redaction.marks import Marker
from redaction.redactor import Redactor, Verification, Verify

__all__ = ["Marker", "Redactor", "Verification", "Verify"]
