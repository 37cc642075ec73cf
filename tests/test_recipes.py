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
