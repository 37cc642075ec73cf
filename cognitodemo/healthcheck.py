"""`python -m cognitodemo.healthcheck [sandbox]`: can this machine's server serve? For HEALTHCHECK and for probes.

Exit code 0 and nothing said, or 1 and a sentence. /readyz looks into the database, and at the sandbox if one is used.
"""

import sys
from urllib.parse import urlsplit

import httpget
from cognitodemo import settings

SECONDS = 5  # for the whole answer; the sandbox, which the server asks meanwhile, has two
_LARGEST = 64 * 1024
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 (where a server listens that is asked by loopback)


def problem(of: str = "web") -> str:
    """What keeps the server from serving, as a sentence; empty where nothing does.

    Args:
        of: `web`, or `sandbox` for that alone.
    """
    if of == "sandbox":
        listens, port, path, known_as = settings.SANDBOX_HOST, settings.SANDBOX_PORT, "/_sandbox/health", None
    else:
        listens, port, path, known_as = settings.WEB_HOST, settings.WEB_PORT, "/readyz", settings.PUBLIC_URL
    url = f"http://{_EVERYWHERE.get(listens.strip('[]'), listens)}:{port}{path}"
    # By the name that people use: whatever stands before the application sorts by it.
    headers = {"Host": urlsplit(known_as).netloc} if known_as else {}
    try:
        answer = httpget.get(url, seconds=SECONDS, largest=_LARGEST, headers=headers)
        told = answer.json()
    except httpget.NoAnswer as reason:
        return f"{url} does not answer: {reason}"
    except ValueError:
        return f"What answers {url} is another program."
    if answer.status == 200:
        return ""
    parts = (f"{name}: {state}" for name, state in told.items() if name != "status" and state != "ok")
    return f"{url} answers {answer.status}: {', '.join(parts)}."


if __name__ == "__main__":
    sys.exit(problem(*sys.argv[1:2]) or None)
