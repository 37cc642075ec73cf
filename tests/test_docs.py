"""Settings, `.env.example` and README say the same."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

from django.core.management import CommandError, get_commands, load_command_class

from providers.registry import PROVIDERS
from tests import ROOT

SETTING = re.compile(
    r"""\benv\.(?:text|listed|some_of|flag|number|url|one_of|networks|addresses_of|database|cache|range_of)\(\s*"([A-Z][A-Z0-9_]+)"""
)


# Read by the AWS SDK, `requests` and httpget themselves, from the environment or from `.env`.
WAY_OUT = ("HTTPS_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE")


def names_in_settings() -> set[str]:
    own = SETTING.findall((ROOT / "cognitodemo" / "settings.py").read_text())
    return {*own, *(name for provider in PROVIDERS.values() for name in provider.setting_names)}


def test_every_setting_stands_in_env_example() -> None:
    known = set(re.findall(r"\b[A-Z][A-Z0-9_]{3,}\b", (ROOT / ".env.example").read_text()))
    assert names_in_settings() - known == set()


def test_every_setting_stands_in_the_readme_or_a_provider_page() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    known = set(re.findall(r"`([A-Z][A-Z0-9_]{3,})`", "".join(page.read_text() for page in pages)))
    assert names_in_settings() - known == set()


def test_env_example_sets_nothing_so_that_a_copy_works() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    assert [line for line in lines if line.strip() and not line.startswith("#")] == []


def test_env_example_names_no_setting_that_does_not_exist() -> None:
    offered = set(re.findall(r"^# ([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    # AWS_PROFILE and its like are read by the SDK as well; they are still named in settings.
    assert offered - names_in_settings() - {"ENV_FILE", *WAY_OUT} == set()


def test_the_way_out_of_a_company_is_offered_and_taken_from_the_file(tmp_path: Path) -> None:
    """tests/flows/test_through_a_proxy.py and tests/operations/test_commands_through_a_proxy.py go it."""
    text, readme = (ROOT / ".env.example").read_text(), (ROOT / "README.md").read_text()
    guide = (ROOT / "docs" / "aws-setup.md").read_text()
    for name in WAY_OUT:
        assert f"\n# {name}=" in text
        assert f"`{name}`" in readme
        assert f"\n{name}=" in guide
    file = tmp_path / ".env"
    file.write_text("\n".join(line[2:] for line in text.splitlines() if line[2:].startswith(WAY_OUT)))
    program = "from cognitodemo import settings; from requests.utils import get_environ_proxies as proxies; "
    program += "print(proxies('https://sts.amazonaws.com'), proxies('https://idp.internal.example.org'))"
    environment = {"PATH": os.environ["PATH"], "ENV_FILE": str(file), "DATA_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True)
    found = "{'https': 'http://user:password@proxy.example.org:3128', 'no': '169.254.169.254,.internal.example.org'}"
    assert done.stdout == f"{found} {{}}\n", done


def test_relative_links_in_the_docs_lead_somewhere() -> None:
    broken = []
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text()):
            if not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []


def test_every_message_that_the_readme_explains_is_one_that_the_product_gives() -> None:
    sources = [ROOT / "Makefile", ROOT / "manage.py"]
    sources += [*(ROOT / "sandbox").rglob("*.py"), *(ROOT / "cognitodemo").rglob("*.py")]
    text = "".join(source.read_text() for source in sources)
    table = (ROOT / "README.md").read_text().partition("| you see |")[2].partition("\n\n")[0]
    messages = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    unknown = [
        message
        for message in messages
        # What varies is an ellipsis, a number or the kind of a policy; the rest stands in the source letter by letter.
        for piece in re.split(r"\.\.\.|\d[\d.]*|\bsession\b", message)
        if len(piece.strip()) > 3 and piece.strip() not in text
    ]
    assert len(messages) > 10
    assert unknown == []


def test_only_the_settings_readers_look_into_the_environment() -> None:
    rooms = (
        *("accounts", "cognitodemo", "flows", "lessons", "operations", "providers", "redaction"),
        *("sandbox", "vault", "web"),
    )
    # What follows a quotation mark is a program that is shown, and not run.
    sources = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in sources
        if re.search(r"(?<!['\"])\bos\.(?:environ(?!\.setdefault\(\"DJANGO_SETTINGS_MODULE)|getenv)", path.read_text())
    }
    assert readers == {"cognitodemo/env.py"}


def _commands_of_ours() -> list[tuple[str, list[str]]]:
    """Each `manage.py` command that a page tells to type, with where it stands: its words, as a shell hands them on."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    found = []
    for page in pages:
        for block in re.findall(r"^```\w*\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                if typed := re.match(r"(?:[A-Z_]+=\S* )*\S*python manage\.py (\w.*)", line.strip()):
                    words = shlex.split(re.split(r" [&|>] ?", typed[1])[0], comments=True)
                    found.append((page.relative_to(ROOT).as_posix(), words))
    return found


def test_every_command_of_ours_that_a_page_tells_is_one_with_these_arguments() -> None:
    """What each does is another test's; this one notices an option that has another name now."""
    typed, known = _commands_of_ours(), get_commands()
    assert len(typed) > 20
    wrong = []
    for page, (name, *arguments) in typed:
        try:
            load_command_class(known[name], name).create_parser("manage.py", name).parse_args(arguments)
        except (KeyError, CommandError) as refused:
            wrong.append(f"{page}: {name} {' '.join(arguments)}: {refused}")
    assert wrong == []


def test_one_version_is_the_next_release() -> None:
    """pyproject.toml says it; tests/test_image.py compares the image's label. Later than what is upgraded from."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    headings = re.findall(r"^## ([\d.]+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == version
    kept = tomllib.loads((ROOT / "tests" / "kept" / "versions.toml").read_text())
    assert max(tuple(map(int, name.split("."))) for name in kept) < tuple(map(int, version.split(".")))
