"""Names that nothing of the product uses: `.venv/bin/python scripts/dead_code.py`, a part of `make lint`.

Tests do not count. A name at the top of a module is used where that module says it, or where another imports it. Of
what is inside classes, vulture finds the names that occur nowhere else; what a library's class has too is an override.
Templates, and strings that can be a name, count as uses. What others call by its name stands in `dead_code.toml`.
"""

import ast
import importlib
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from enum import Enum
from fnmatch import fnmatch
from functools import cache
from operator import attrgetter
from pathlib import Path

import django
from django.conf import global_settings
from vulture import Vulture
from vulture.core import Item

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PACKAGES = sorted({file.parent.name for file in ROOT.glob("*/__init__.py")} - {"tests"})
ROOMS = [*PACKAGES, "exercises", "scripts", "manage.py"]
TEMPLATES = ("templates/**/*", "*/templates/**/*", "sandbox/**/templates/*")
ALLOWED: dict[str, list[str]] = tomllib.loads((ROOT / "scripts" / "dead_code.toml").read_text())
# Decorators that keep what they are given.
_KEEPS = re.compile(r"register|receiver|fixture|\bfilter\b|_tag\b|errorhandler|\.route\b")
_SETTINGS = "django.conf.settings."


def main() -> int:
    """Print what nobody uses.

    Returns:
        The exit code: 1 where there is something.
    """
    os.environ |= {"ENV_FILE": os.devnull, "DJANGO_SETTINGS_MODULE": "cognitodemo.settings"}
    django.setup()
    found = [*unused_in_modules(), *unused_in_classes()]
    for line in found:
        sys.stdout.write(f"{line}\n")
    return int(bool(found))


def unused_in_modules() -> Iterator[str]:
    """Functions, classes and variables at the top of a module that no module uses."""
    used = {name for file in [*files(), *ROOT.glob("*/migrations/*.py")] for name in uses(file)}
    for file in files():
        for name, line in definitions(tree_of(file)):
            full = f"{module_of(file)}.{name}"
            if not {full, f"*.{name}"} & used and not is_allowed(full):
                yield f"{file.relative_to(ROOT)}:{line}: {name}"


def definitions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """What a module defines at its top, with the line, but for what is handed to a decorator that keeps it."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if not any(_KEEPS.search(ast.unparse(decorator)) for decorator in node.decorator_list):
                yield node.name, node.lineno
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from ((target.id, node.lineno) for target in targets if isinstance(target, ast.Name))


@cache
def uses(file: Path) -> frozenset[str]:
    """What a file uses, each as `module.name`; `*.name` where a string names it."""
    return frozenset(_uses(module_of(file), nodes_of(file)))


def _uses(module: str, nodes: list[ast.AST]) -> Iterator[str]:
    known: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            known |= {alias.asname: alias.name for alias in node.names if alias.asname}
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield f"{module}.{node.id}"
        elif isinstance(node, ast.Attribute):
            first, _, rest = dotted(node).partition(".")
            name = f"{known.get(first, first)}.{rest}"
            yield f"cognitodemo.settings.{rest}" if name.startswith(_SETTINGS) else name
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from (f"*.{name}" for name in re.findall(r"(?:^|[.:])(\w+)$", node.value))


def dotted(node: ast.expr) -> str:
    """`a.b.c` as it is written; what is not a name at its beginning is left out."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def unused_in_classes() -> Iterator[str]:
    """Methods, properties and variables of classes whose name nothing says."""
    vulture = Vulture()
    vulture.scavenge([str(ROOT / room) for room in ROOMS], exclude=["*/migrations/*"])
    vulture.used_names.update(words_of_templates(), words_in_code())
    for item in vulture.get_unused_code(min_confidence=60):
        if item.typ not in ("method", "property", "variable") or item.confidence == 100:  # an argument
            continue
        module, owner = module_of(item.filename), class_around(item)
        if owner and not is_allowed(f"{module}.{owner}.{item.name}") and not is_override(module, owner, item.name):
            yield f"{item.filename.relative_to(ROOT)}:{item.first_lineno}: {owner}.{item.name}"


def class_around(item: Item) -> str:
    """The class in which something is defined, `Outer.Inner` where it stands in another; empty where there is none."""
    path: list[str] = []
    nodes = tree_of(item.filename).body
    while around := [node for node in nodes if isinstance(node, ast.ClassDef) and _is_in(item, node)]:
        path.append(around[0].name)
        nodes = around[0].body
    return ".".join(path)


def _is_in(item: Item, node: ast.ClassDef) -> bool:
    return bool(node.lineno < item.first_lineno <= (node.end_lineno or 0))


def is_override(module: str, owner: str, name: str) -> bool:
    """Whether a class that is not ours, from which this one inherits, has that name; members of an enumeration may be
    met by their values."""
    bases = attrgetter(owner)(importlib.import_module(module)).__mro__
    return Enum in bases or any(name in vars(base) for base in bases if base.__module__.split(".")[0] not in PACKAGES)


def is_allowed(name: str) -> bool:
    """Whether somebody else says the name: Django a setting of its own, or who is named in `dead_code.toml`."""
    if name.startswith("cognitodemo.settings."):
        return name.rpartition(".")[2] in vars(global_settings) or _is_listed(name)
    return _is_listed(name)


def _is_listed(name: str) -> bool:
    return any(fnmatch(name, pattern) for patterns in ALLOWED.values() for pattern in patterns)


@cache
def files() -> list[Path]:
    """The Python files of the product, of its benchmarks and of its scripts, but for migrations."""
    found = [file for room in ROOMS for file in ((ROOT / room).rglob("*") if (ROOT / room).is_dir() else [ROOT / room])]
    return [file for file in found if is_python(file) and "migrations" not in file.parts]


def is_python(file: Path) -> bool:
    if file.suffix or not file.is_file():
        return file.suffix == ".py"
    return file.read_bytes().partition(b"\n")[0].endswith(b"python")


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_bytes())


@cache
def nodes_of(file: Path) -> list[ast.AST]:
    return list(ast.walk(tree_of(file)))


def module_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def words_of_templates() -> set[str]:
    """Every word in a tag or a variable of a template."""
    pages = {page for pattern in TEMPLATES for page in ROOT.glob(pattern) if page.suffix in (".html", ".txt", ".svg")}
    tags = (tag for page in pages for tag in re.findall(r"\{[{%].*?[%}]\}", page.read_text(), re.DOTALL))
    return {word for tag in tags for word in re.findall(r"\w+", tag)}


def words_in_code() -> Iterator[str]:
    """Names that strings say, and those of the arguments of calls: a row's columns."""
    for file in files():
        yield from (name.removeprefix("*.") for name in uses(file) if name.startswith("*."))
        yield from (node.arg for node in nodes_of(file) if isinstance(node, ast.keyword) and node.arg)


if __name__ == "__main__":
    sys.exit(main())
