"""What each of several processes serves. Loaded by it before Django is set up, so that it imports nothing of it."""

import multiprocessing
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cognitodemo.bridge import Bridge


def worker() -> "Bridge":
    """The application. The process ends with the one that started it, however that one ends."""
    if parent := multiprocessing.parent_process():

        def follow() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=follow, name="parent", daemon=True).start()
    import django

    django.setup()
    from cognitodemo import server

    made = server.bridge()
    server.let_go_of_the_dead()
    return made
