"""moto's own tests, sent to the sandbox as an administrator: `python scripts/moto_suites ssm dynamodb`.

They say how the services behave that the sandbox leaves to moto, behind its own gate. What they meet otherwise than at
moto's server is a difference, and each has its reason in differences.toml, from which docs/sandbox.md has its table
(`--markdown`). A test that fails without a reason ends the command with 1, and so does a reason that nothing needs,
once a service's tests were all run. moto's tests come from its source package (Apache-2.0), into .moto-suites.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import servers  # noqa: E402

_DIFFERENCES = HERE / "differences.toml"
KEPT = ROOT / ".moto-suites"
SERVICES = ("ssm", "dynamodb", "s3", "cognitoidp", "iam")
# Of IAM what documents it takes and refuses, as recorded from it; most of what else moto tests there is not emulated.
_ONLY = {"iam": ["test_iam_policies.py"]}
# What moto's tests import besides moto and pytest.
_ALSO = ("freezegun==1.5.5", "pyotp==2.9.0", "pycognito==2024.5.1", "envs==1.4")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one test ended: `passed`, `failed` or `skipped`, and what the failure said."""

    test: str
    outcome: str
    said: str

    @property
    def name(self) -> str:
        """Its file in the folder of the service, and its name there."""
        return self.test.split("/", 2)[2]


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """Why some of a service's tests fail at the sandbox.

    Attributes:
        tests: patterns of their names; none means any.
        said: a regular expression that is found in what the failure said.
        what, why: for the documentation.
    """

    service: str
    what: str
    why: str
    tests: Sequence[str] = ()
    said: str = ""

    def explains(self, outcome: Outcome) -> bool:
        named = not self.tests or any(fnmatch(outcome.name, pattern) for pattern in self.tests)
        return named and re.search(self.said, outcome.said) is not None


def differences(service: str) -> list[Difference]:
    """The known differences of a service, in the order in which they are tried."""
    listed = tomllib.loads(_DIFFERENCES.read_text())["difference"]
    return [Difference(**one) for one in listed if one["service"] == service]


def left_out(service: str) -> list[str]:
    """Files of a service's tests that are not run: what they try first is another service."""
    return [one["file"] for one in tomllib.loads(_DIFFERENCES.read_text())["left_out"] if one["service"] == service]


def prepare() -> Path:
    """Bring moto's tests, once for each version of moto; where they are.

    Raises:
        subprocess.CalledProcessError: pip could not bring them.
    """
    place = KEPT / version("moto")
    if place.exists():
        return place
    with tempfile.TemporaryDirectory(dir=_made(KEPT)) as made:
        directory = Path(made)
        _pip("download", "--no-deps", "--no-binary", ":all:", "--dest", made, f"moto=={version('moto')}")
        (archive,) = directory.glob("moto-*.tar.gz")
        with tarfile.open(archive) as source:
            source.extractall(directory, filter="data")
        content = directory / "content"
        content.mkdir()
        (directory / archive.name.removesuffix(".tar.gz") / "tests").rename(content / "tests")
        _pip("install", "--no-deps", "--target", str(content / "also"), *_ALSO)
        try:
            content.rename(place)  # last, so that it is whole or not there
        except OSError:
            if not place.is_dir():  # or another process has brought them meanwhile
                raise
    return place


def _made(directory: Path) -> Path:
    directory.mkdir(exist_ok=True)
    return directory


def _pip(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments], check=True)


def run(service: str, origin: str, *, is_sandbox: bool, select: Sequence[str] = ()) -> list[Outcome]:
    """The outcomes of a service's tests against a server.

    Args:
        select: arguments for pytest: some of the service's files, or `-k` with an expression.
    """
    place = prepare()
    folder = f"tests/test_{service}"
    files = [f"{folder}/{name}" for name in select if name.endswith(".py")]
    files = files or [f"{folder}/{name}" for name in _ONLY.get(service, [])] or [folder]
    more = [word for word in select if not word.endswith(".py")]
    with tempfile.TemporaryDirectory() as made:
        outcomes = Path(made, "outcomes")
        environment = {
            **os.environ,
            "TEST_SERVER_MODE": "true",
            "TEST_SERVER_MODE_ENDPOINT": origin,
            "MOTO_SUITES_OUTCOMES": str(outcomes),
            "MOTO_SUITES_SANDBOX": origin if is_sandbox else "",
            "AWS_DEFAULT_REGION": "us-east-1",
            "PYTHONPATH": os.pathsep.join(map(str, (place, place / "also", HERE, ROOT))),
        }
        # They are within this project, and are not its tests.
        apart = ["-c", os.devnull, f"--rootdir={place}", f"--confcutdir={place}"]
        plugins = ["-p", "plugin", "-p", "no:cacheprovider", "-p", "no:django", "-p", "no:playwright"]
        more += [f"--ignore={folder}/{name}" for name in left_out(service)]
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                *apart,
                *plugins,
                "-q",
                "--tb=no",
                "--no-header",
                "--no-summary",
                *files,
                *more,
            ],
            cwd=place,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,  # some fail: which, and why, is what is asked for
        )
        if not outcomes.exists():
            raise SystemExit(f"No test of {service} was run.\n{done.stdout}")
        return [Outcome(**json.loads(line)) for line in outcomes.read_text().splitlines()]


def judge(service: str, outcomes: Sequence[Outcome], *, whole: bool) -> tuple[Counter[Difference], list[str]]:
    """How many tests each difference explains, and sentences about what is not as it should be."""
    known = differences(service)
    explained: Counter[Difference] = Counter()
    wrong = [] if outcomes else [f"No test of {service} was run."]
    for outcome in outcomes:
        if outcome.outcome != "failed":
            continue
        reason = next((one for one in known if one.explains(outcome)), None)
        if reason is None:
            wrong.append(f"{outcome.name} fails without a reason: {outcome.said}")
        else:
            explained[reason] += 1
    if whole:
        wrong += [f"Nothing fails because of: {one.what}" for one in known if one not in explained]
    return explained, wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python scripts/moto_suites", description=__doc__)
    parser.add_argument("services", nargs="*", metavar="service", help=f"of {', '.join(SERVICES)}; by default all")
    parser.add_argument("--select", action="append", default=[], help="a file of the service, or what pytest takes")
    parser.add_argument("--moto", action="store_true", help="against moto's own server, and show what fails there")
    parser.add_argument("--markdown", action="store_true", help="print the table of differences")
    options = parser.parse_args()
    failed = False
    for service in options.services or SERVICES:
        if service not in SERVICES:
            parser.error(f"{service} is none of {', '.join(SERVICES)}")
        failed |= _shown(service, options)
    return int(failed)


def _shown(service: str, options: argparse.Namespace) -> bool:
    with tempfile.TemporaryDirectory() as directory:
        serving = servers.moto() if options.moto else servers.sandbox(Path(directory))
        with serving as server:
            origin = f"http://127.0.0.1:{server.port}"
            outcomes = run(service, origin, is_sandbox=not options.moto, select=options.select)
    counts = Counter(outcome.outcome for outcome in outcomes)
    print(f"{service}: {counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    if options.moto:
        print("\n".join(f"  {one.name}: {one.said}" for one in outcomes if one.outcome == "failed"))
        return False
    explained, wrong = judge(service, outcomes, whole=not options.select)
    for one, count in explained.items():
        print(f"| {one.what} | {count} | {one.why} |" if options.markdown else f"  {count:4} {one.what}: {one.why}")
    print("".join(f"  ! {sentence}\n" for sentence in wrong), end="")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
