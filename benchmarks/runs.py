"""What the application adds to the calls it makes: to the sandbox's, and to ones that take a while, as AWS's do."""

from pathlib import Path

from benchmarks import servers
from benchmarks.slow_wire import delayed

DELAY = 0.05  # seconds that each answer takes longer
MOST, MOST_DELAYED = 3.3, 1.1  # of a guest's run over its two bare calls
_ROUNDS, _ROUNDS_DELAYED = 150, 30


def guest_runs(directory: Path) -> None:
    with servers.sandbox(directory) as server:
        told = servers.told_by("application", str(_ROUNDS), directory=directory / "app", sandbox=server.port)
        with delayed(server.port, DELAY) as port:
            slow = servers.told_by("application", str(_ROUNDS_DELAYED), directory=directory / "app-slow", sandbox=port)
    _print("at the sandbox", told, MOST)
    _print(f"with {DELAY * 1000:.0f} ms more for each answer, held back by a proxy", slow, MOST_DELAYED)


def _print(where: str, seconds: dict[str, float], most: float) -> None:
    page = seconds["page"] / seconds["bare"]
    print(f"\nA whole guest run, enhanced flow, over the two bare boto3 calls, {where}")
    print(f"  bare calls                      1.00   ({seconds['bare'] * 1000:.2f} ms)")
    print(f"  with the recorder attached      {seconds['recorded'] / seconds['bare']:.2f}")
    print(f"  run, calls and redaction stored {seconds['services'] / seconds['bare']:.2f}")
    print(f"  through the page's POST         {page:.2f}   (wanted ≤ {most}: {'kept' if page <= most else 'MISSED'})")
