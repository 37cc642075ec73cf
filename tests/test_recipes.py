"""CONTRIBUTING's recipes: how many files a thing takes is counted here, for one that is there already."""

import re
import subprocess

import pytest

from tests import ROOT

_LEFT_OUT = ("tests/", "docs/", "benchmarks/", "CHANGELOG.md", "CONTRIBUTING.md", "README.md")


def files_that_say(pattern: str, *below: str) -> set[str]:
    """The files of the project that match, its tests and prose about it left out."""
    found = subprocess.run(["git", "grep", "-lE", pattern, "--", *below], cwd=ROOT, capture_output=True, text=True)
    return {line for line in found.stdout.splitlines() if not line.startswith(_LEFT_OUT)}


def test_an_operation_of_the_sandbox_is_a_handler_and_a_line_in_the_table() -> None:
    room = "sandbox/aws/cognito_identity"
    assert files_that_say(r"\bunlink_developer_identity\b|UnlinkDeveloperIdentity", "sandbox") == {
        f"{room}/operations.py",
        f"{room}/developer_operations.py",
    }


def test_a_sample_call_is_one_file() -> None:
    assert files_that_say(r'"write-own-note"', "lessons", "flows", "providers", "templates") == {
        "lessons/sample_calls/own.py"
    }


def test_a_first_step_is_one_entry() -> None:
    assert files_that_say(r'"own-role"') == {"lessons/first_steps.py"}


def test_a_flow_is_a_tuple_of_steps_and_its_lesson() -> None:
    assert files_that_say(r'"developer-basic"', "*.py", "templates") == {"flows/exchange/steps.py", "lessons/flows.py"}


def test_a_step_is_one_entry_and_the_lesson_of_its_operation() -> None:
    assert files_that_say(r'"get-open-id-token"', "*.py", "templates") == {"flows/exchange/steps.py"}


def test_an_exercise_is_a_folder_and_its_place() -> None:
    said = files_that_say("mine-and-everybodys|mine_and_everybodys")
    assert {path for path in said if not path.startswith("exercises/mine_and_everybodys/")} == {
        "exercises/presets.toml"
    }


def test_a_setting_is_read_in_one_file_and_used_where_it_counts() -> None:
    used = "accounts/views.py"
    assert files_that_say(r"\bSIGN_UP_OPEN\b") == {"cognitodemo/settings.py", ".env.example", used}


def test_what_the_sandbox_stores_is_declared_once() -> None:
    """A table's columns stand in its declaration, and in the steps that changed them."""
    found = subprocess.run(
        ["git", "grep", "-ohE", r"CREATE TABLE IF NOT EXISTS \w+", "--", "sandbox"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    ).stdout.split()
    tables = [word for word in found if word not in ("CREATE", "TABLE", "IF", "NOT", "EXISTS")]
    assert len(tables) > 10
    assert len(tables) == len(set(tables))


def test_a_page_is_a_file_of_its_own_its_address_and_its_template() -> None:
    assert files_that_say(r"\blearn_flows\b", "flows") == {
        "flows/pages/learn/views.py",
        "flows/urls.py",
    }
    assert (ROOT / "templates" / "flows" / "learn_flows.html").is_file()


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`([a-z_]+/[a-z_0-9./]+\.py)`", (ROOT / "CONTRIBUTING.md").read_text())))
)
def test_every_file_that_the_guide_names_is_there(path: str) -> None:
    assert (ROOT / path).is_file()
