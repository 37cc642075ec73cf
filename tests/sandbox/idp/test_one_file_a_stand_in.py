"""To add a stand-in takes one file in the sandbox, which can be read without the libraries that serve it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.core.facts import Lab
from sandbox.idp.sign_in.stand_in import StandIn
from sandbox.idp.stand_ins import STAND_INS

ROOT = Path(__file__).resolve().parents[3]
LAB = Lab("us-east-1", "000000000000", "http://127.0.0.1:4566", "http://127.0.0.1:8000", "000000000000")
# AWS itself knows public providers, user pools and SAML by name, and so does what plays AWS. The user pool and the SAML
# provider have rooms of their own besides.
AWS = ROOT / "sandbox" / "aws"
OF_ONE_FILE = [stand_in for slug, stand_in in STAND_INS.items() if slug not in ("userpool", "saml")]
LIBRARIES = {"authlib", "cryptography", "flask", "joserfc", "jwt", "lxml", "moto", "saml2", "werkzeug"}


def without_docstrings(source: str) -> str:
    return re.sub(r'""".*?"""', "", source, flags=re.DOTALL)


@pytest.mark.parametrize("stand_in", OF_ONE_FILE, ids=lambda stand_in: stand_in.slug)
def test_a_stand_in_is_named_in_its_own_file_only(stand_in: type[StandIn]) -> None:
    names = "|".join(re.escape(name) for name in (stand_in.slug, *stand_in.hosts(LAB)))
    wanted = re.compile(rf"""["'](?:{names})["']|stand_ins\.{stand_in.slug}\b""")
    found = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "sandbox").rglob("*.*")
        if path.suffix in (".py", ".html") and AWS not in path.parents
        if wanted.search(without_docstrings(path.read_text()))
    }
    assert found == {f"sandbox/idp/stand_ins/{stand_in.slug}.py"}


def test_reading_the_stand_ins_imports_none_of_their_libraries() -> None:
    program = "import sys, sandbox.idp.stand_ins; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(loaded.stdout.split()) & LIBRARIES == set()


def test_stand_ins_have_places_of_their_own() -> None:
    places = [stand_in.order for stand_in in STAND_INS.values()]
    assert places == sorted(set(places))
