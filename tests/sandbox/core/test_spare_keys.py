"""Keys that are made before somebody needs them: as many as are expected, each for one who asks."""

import subprocess
import sys

_PROGRAM = """
import time
from sandbox.core import spare_keys

assert not spare_keys._ready
spare_keys.expect()
spare_keys.make_ahead()
spare_keys.expect()
end = time.monotonic() + 240
while len(spare_keys._ready) < 2:
    assert time.monotonic() < end
    time.sleep(0.02)
time.sleep(0.5)
assert len(spare_keys._ready) == 2
made = [spare_keys.take() for _ in range(3)]
assert len({key.public_key().public_numbers().n for key in made}) == 3
time.sleep(0.5)
assert not spare_keys._ready
"""


def test_as_many_as_expected_are_made_and_nobody_gets_one_twice() -> None:
    """In a process of its own: in this one, other tests would have keys made for nobody."""
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
