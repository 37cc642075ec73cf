"""Sessions in the database, as Django keeps them; every request looks one up, so the query for it is prepared."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from web.prepared import Prepared

_SESSION = Prepared(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now), CharField(), DateTimeField()
)


class SessionStore(DatabaseSessions):
    """The store that SESSION_ENGINE names."""

    def _get_session_from_db(self) -> Any:
        found = _SESSION.first(self.session_key, timezone.now())
        if found is None:
            self._session_key = None
        return found
