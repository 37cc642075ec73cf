"""`requirements.txt` holds nothing that the project does not use."""

import ast
import re
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from tests import ROOT

NOT_INSTALLED_FOR = {"benchmarks", "tests"}  # they may use what requirements-dev.txt adds
# Requirements that no line of ours imports, and why they are there all the same.
LOADED_OTHERWISE = {
    "openpyxl": "tablib writes XLSX with it",
    "psycopg": "Django loads it where DATABASE_URL names PostgreSQL",
    "tablib": "django-import-export writes files with it",
    "uvloop": "uvicorn takes it for its event loop where it is there",
    "whitenoise": "an application and a middleware, named in the settings",
}


def required() -> list[str]:
    """The distributions of requirements.txt, in small letters and with hyphens."""
    lines = (line.partition("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines())
    return [re.split(r"[\[=;]", line)[0].strip().lower().replace("_", "-") for line in lines if line]


def test_each_requirement_is_imported_or_has_a_reason() -> None:
    modules: dict[str, set[str]] = {}
    for module, distributions in packages_distributions().items():
        for distribution in distributions:
            modules.setdefault(distribution.lower().replace("_", "-"), set()).add(module)
    imported = {name for file in sources() for name in imports(file)}
    idle = {distribution for distribution in required() if not modules[distribution] & imported}
    assert idle == set(LOADED_OTHERWISE)


def sources() -> Iterator[Path]:
    """The files of the application and of the sandbox."""
    for package in ROOT.glob("*/__init__.py"):
        if package.parent.name not in NOT_INSTALLED_FOR:
            yield from package.parent.rglob("*.py")


def imports(file: Path) -> Iterator[str]:
    """The packages that a file imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module).partition(".")[0]
