"""`make bench`: prints figures as ratios of two things measured in the same run, or in time of the processor.

`--only class` is another thing, and not among what `make bench` does: promises in seconds, with a room full of people.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import sign_ins, throughput
from benchmarks.accounts import accounts
from benchmarks.arrival import arrival
from benchmarks.class_load import DATABASES, Size, class_load
from benchmarks.page_times import page_times
from benchmarks.runs import guest_runs
from benchmarks.where import where
from benchmarks.workers import workers


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8, help="of each throughput measurement")
    parser.add_argument("--long", type=float, default=60, help="seconds of the measurement over time")
    parser.add_argument("--database", choices=DATABASES, action="append", help="of pages and class: one of them alone")
    parser.add_argument("--arriving", type=int, default=1000, help="learners of the part `arrival`")
    parser.add_argument("--arriving-seconds", type=float, default=60, help="in which they arrive")
    of_class = parser.add_argument_group("of --only class")
    of_class.add_argument("--learners", type=int, default=Size.learners)
    of_class.add_argument("--quiet", type=float, default=Size.quiet, help="seconds of polling without a change")
    parts: dict[str, Callable[[Path], None]] = {
        "application": guest_runs,
        "arrival": lambda directory: arrival(directory, options.arriving, options.arriving_seconds),
        "workers": lambda directory: workers(directory, options.seconds),
        "pages": lambda directory: page_times(directory, options.database or DATABASES),
        "moto": lambda directory: throughput.against_moto(directory, options.seconds),
        "sign-ins": lambda directory: sign_ins.against_moto(directory, options.seconds),
        "where": where,
        "time": lambda directory: throughput.over_time(directory, options.long),
        "accounts": accounts,
        "size": lambda directory: throughput.by_size(directory, options.seconds),
    }
    parser.add_argument("--only", choices=sorted([*parts, "class"]), action="append", help="may be given several times")
    options = parser.parse_args()
    size = Size(learners=options.learners, quiet=options.quiet)
    with tempfile.TemporaryDirectory() as directory:
        for name, part in parts.items():
            if name in (options.only or parts):
                part(Path(directory))
        if "class" in (options.only or ()):
            class_load(Path(directory), size, options.database or DATABASES)


if __name__ == "__main__":
    main()
