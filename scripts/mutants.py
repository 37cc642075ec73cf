"""Mutation testing: is every decision of the code that decides held by a test?

    .venv/bin/python scripts/mutants.py                  # 40 mutants of each group of scripts/mutants.toml
    .venv/bin/python scripts/mutants.py logins --all     # every mutant of one group
    .venv/bin/python scripts/mutants.py policy --sample 100 --seed other

One mutant is one small wrong change: a comparison flipped, `and` and `or` swapped, a `not` dropped, an `if` that is
always or never taken, a bool returned the other way round, a `raise` removed. Each is made in a copy of the tree, never
in the tree itself, and its group's own tests run until one fails: killed. One that survives is a missing test, code
that decides nothing, or equivalent; the last are listed with the reason in scripts/mutants.toml and not tried again.

A mutant is chosen by a digest of the seed and of what it changes, so a change elsewhere leaves the sample as it was.
Exits 1 when a group has less than 90 % killed.
"""

import argparse
import ast
import contextlib
import hashlib
import importlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PLAN = Path(__file__).with_suffix(".toml")
ENOUGH = 0.9
# Imported once and inherited by every test run, which is forked: half of the time would go into these imports.
PRELOADED = (
    *("django.test", "boto3", "botocore.session", "lxml.etree", "xmlsec", "saml2.client", "saml2.server", "hypothesis"),
    *("moto.s3.models", "moto.dynamodb.models", "moto.iam.models", "moto.ssm.models"),
    *("joserfc.jwt", "cryptography.x509", "playwright.sync_api", "_pytest.pytester"),
)
_FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


@dataclass(frozen=True)
class Mutant:
    """One change: in the file `path`, whose bytes are `source`, those from `start` to `end` become `text`."""

    path: str
    source: bytes = field(repr=False)
    line: int
    function: str
    start: int
    end: int
    text: str
    change: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.function or '(module)'}: {self.change}"

    def applied(self) -> bytes:
        return self.source[: self.start] + self.text.encode() + self.source[self.end :]

    def rank(self, seed: str) -> str:
        return hashlib.sha256("\0".join((seed, self.path, self.function, self.change)).encode()).hexdigest()

    def is_listed(self, entry: dict[str, str]) -> bool:
        return (entry["path"], entry["change"]) == (self.path, self.change) and self.function.endswith(
            entry["function"]
        )


# --- What can be changed ----------------------------------------------------------------------------------------------


def mutants_of(path: Path) -> list[Mutant]:
    source = path.read_bytes()
    lines = [0]
    for row in source.splitlines(keepends=True):
        lines.append(lines[-1] + len(row))
    found = []
    for function, node in _walk(ast.parse(source), ""):
        for before, after in _changes(node):
            start = lines[before.lineno - 1] + before.col_offset
            end = lines[(before.end_lineno or 0) - 1] + (before.end_col_offset or 0)
            text = "pass" if isinstance(after, ast.Pass) else f"({ast.unparse(after)})"
            if isinstance(before, ast.Return):
                text = ast.unparse(after)
            change = f"{_short(ast.unparse(before))}  ->  {_short(ast.unparse(after))}"
            relative = path.relative_to(ROOT).as_posix()
            found.append(Mutant(relative, source, before.lineno, function, start, end, text, change))
    return found


def _short(text: str) -> str:
    return " ".join(text.split())


def _walk(node: ast.AST, function: str) -> Iterator[tuple[str, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.JoinedStr):
            continue  # Python 3.11 does not know where the parts of an f-string stand.
        name = function
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{function}.{child.name}".lstrip(".")
        yield name, child
        yield from _walk(child, name)


def _changes(node: ast.AST) -> Iterator[tuple[Any, ast.AST]]:
    """What is replaced, and by what."""
    match node:
        case ast.Compare(left, operators, right):
            for number, operator in enumerate(operators):
                others = [*operators[:number], _FLIPPED[type(operator)](), *operators[number + 1 :]]
                yield node, ast.Compare(left, others, right)
        case ast.BoolOp(operator, values):
            yield node, ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)
        case ast.UnaryOp(ast.Not(), operand):
            yield node, operand
        case ast.Raise():
            yield node, ast.Pass()
        case ast.Return(ast.Constant(bool() as value)):
            yield node, ast.Return(ast.Constant(not value))
        case ast.If(test) | ast.IfExp(test):
            yield test, ast.Constant(True)
            yield test, ast.Constant(False)


# --- Running them -----------------------------------------------------------------------------------------------------


@dataclass
class Slot:
    """A copy of the tree in which one mutant at a time is tried."""

    directory: Path
    mutant: Mutant | None = None
    pid: int = 0
    deadline: float = 0.0

    @property
    def log(self) -> Path:
        return self.directory / "mutant.log"


@dataclass
class Group:
    name: str
    modules: list[str]
    tests: list[str]
    timeout: float = 300
    slow: bool = False  # whether its slow tests have to notice, too
    kills: Counter[str] = field(default_factory=Counter)

    def mutants(self) -> list[Mutant]:
        """All of them, once each: some statements occur twice in a function."""
        paths = [path for module in self.modules for path in _python_files(ROOT / module)]
        return [mutant for path in paths for mutant in mutants_of(path)]

    def ordered_tests(self) -> list[str]:
        """The files that failed most often first."""
        files = [file.relative_to(ROOT).as_posix() for test in self.tests for file in _test_files(ROOT / test)]
        return sorted(dict.fromkeys(files), key=lambda file: -self.kills[file])


def _python_files(path: Path) -> list[Path]:
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _test_files(path: Path) -> list[Path]:
    return sorted(path.rglob("test_*.py")) if path.is_dir() else [path]


_times = count(1_000_000_000)


def _write(slot: Slot, path: str, content: bytes) -> None:
    """A time of its own for every version, or Python would take the compiled file of the one before."""
    target = slot.directory / path
    target.write_bytes(content)
    moment = next(_times)
    os.utime(target, (moment, moment))


def _start(slot: Slot, group: Group, mutant: Mutant | None) -> None:
    slot.mutant, slot.deadline = mutant, time.monotonic() + group.timeout
    if mutant is not None:
        _write(slot, mutant.path, mutant.applied())
    tests = group.ordered_tests()
    slot.pid = os.fork()
    if not slot.pid:
        _run_tests(slot, tests, "" if group.slow else "not slow")


def _run_tests(slot: Slot, tests: list[str], marks: str) -> None:
    """In the child: the tests in the copy, and the end of the process.

    Most mutants end in the first file, and reading the others takes longer than that: it runs first, in a process of
    its own, since pytest cannot be started anew in one where it ran.
    """
    code = 3
    try:
        os.setsid()
        os.chdir(slot.directory)
        sys.path[0] = str(slot.directory)
        out = os.open(slot.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        if tests[1:] and (first := os.fork()):
            code = os.waitstatus_to_exitcode(os.waitpid(first, 0)[1]) or _pytest(tests[1:], marks)
        else:
            code = _pytest(tests[:1], marks)
    finally:
        os._exit(code)


def _pytest(tests: list[str], marks: str) -> int:
    import pytest

    return int(pytest.main([*tests, "-x", "-q", "-m", marks, "--tb=line", "-p", "no:xdist"]))


def _ended(slot: Slot) -> int | None:
    """The exit code of the tests, -1 when their time was over, None while they run."""
    pid, status = os.waitpid(slot.pid, os.WNOHANG)
    if not pid and time.monotonic() < slot.deadline:
        return None
    with contextlib.suppress(ProcessLookupError):
        os.killpg(slot.pid, signal.SIGKILL)
    if not pid:
        os.waitpid(slot.pid, 0)
        return -1
    return os.waitstatus_to_exitcode(status)


def _failed_file(slot: Slot) -> str:
    log = slot.log.read_text(errors="replace")
    lines = [line for line in log.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    return lines[0].split()[1].partition("::")[0] if lines else ""


def try_all(group: Group, mutants: Iterable[Mutant], slots: list[Slot], verbose: bool) -> tuple[int, list[Mutant]]:
    """How many were killed, and who survived."""
    waiting, killed, survivors = list(mutants), 0, []
    free, busy = list(slots), list[Slot]()
    while waiting or busy:
        while free and waiting:
            slot = free.pop()
            _start(slot, group, waiting.pop(0))
            busy.append(slot)
        time.sleep(0.05)
        for slot in [*busy]:
            code = _ended(slot)
            if code is None:
                continue
            mutant = slot.mutant
            assert mutant is not None
            if code == 0:
                survivors.append(mutant)
                print(f"survived  {mutant}", flush=True)
            else:
                killed += 1
                group.kills[_failed_file(slot)] += 1
                if verbose:
                    print(f"killed    {mutant}  by {_failed_file(slot) or code}", flush=True)
            _write(slot, mutant.path, mutant.source)
            busy.remove(slot)
            free.append(slot)
    return killed, survivors


def _healthy(group: Group, slot: Slot) -> bool:
    """Without a mutant the tests pass; this run also compiles what the others only read."""
    _start(slot, group, None)
    while (code := _ended(slot)) is None:
        time.sleep(0.05)
    if code:
        print(slot.log.read_text(errors="replace"))
        print(f"The tests of {group.name} fail without any mutant.")
    return not code


# --- The command ------------------------------------------------------------------------------------------------------


def _copy(directory: Path) -> Slot:
    git = shutil.which("git") or "git"
    listed = subprocess.run(
        [git, "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, directory / name)
    return Slot(directory)


def _arguments(names: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"one or more of: {', '.join(names)}")
    parser.add_argument("--sample", type=int, default=40, help="mutants of each group (default: %(default)s)")
    parser.add_argument("--all", action="store_true", help="all mutants instead of a sample")
    parser.add_argument("--seed", default="1", help="another one chooses another sample")
    parser.add_argument("--only", default="", help="mutants whose description contains this text")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="test runs at a time")
    parser.add_argument("--list", action="store_true", help="show the mutants and run nothing")
    parser.add_argument("--verbose", action="store_true", help="name the killed ones too")
    given = parser.parse_args()
    if unknown := set(given.groups) - set(names):
        parser.error(f"no such group: {', '.join(sorted(unknown))}")
    return given


def _chosen(group: Group, equivalent: list[dict[str, str]], given: argparse.Namespace) -> list[Mutant]:
    mutants = [
        mutant
        for mutant in group.mutants()
        if given.only in str(mutant) and not any(mutant.is_listed(entry) for entry in equivalent)
    ]
    mutants.sort(key=lambda mutant: mutant.rank(given.seed))
    return mutants if given.all else mutants[: given.sample]


def main() -> int:
    plan = tomllib.loads(PLAN.read_text())
    given = _arguments(list(plan["groups"]))
    groups = [Group(name, **plan["groups"][name]) for name in given.groups or plan["groups"]]
    chosen = {group.name: _chosen(group, plan.get("equivalent", []), given) for group in groups}
    if given.list:
        print(*(f"{name}: {mutant}" for name, mutants in chosen.items() for mutant in mutants), sep="\n")
        return 0
    os.nice(15)
    for name in PRELOADED:
        importlib.import_module(name)
    enough = True
    with tempfile.TemporaryDirectory(prefix="mutants-") as directory:
        slots = []
        for number in range(given.jobs):
            (target := Path(directory, str(number))).mkdir()
            slots.append(_copy(target))
        for group in groups:
            if not _healthy(group, slots[0]):
                return 2
            killed, survivors = try_all(group, chosen[group.name], slots, given.verbose)
            total = killed + len(survivors)
            enough &= killed >= ENOUGH * total
            print(
                f"{group.name}: {killed} of {total} killed ({killed / total:.0%})" if total else group.name, flush=True
            )
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
