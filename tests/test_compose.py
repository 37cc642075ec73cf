"""compose.yaml: of the schema, and as closed as the image allows."""

import importlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT

FILE = ROOT / "compose.yaml"
SERVICES: dict[str, Any] = importlib.import_module("yaml").safe_load(FILE.read_text())["services"]
PRODUCTION = {name for name, service in SERVICES.items() if service["profiles"] == ["production"]}
OF_COMPOSE_ALONE = {"CLASS", "SEATS", "ADDRESS", "LISTEN", "DATABASE_PASSWORD"}


def test_it_is_a_compose_file() -> None:
    program = Path(sys.executable).parent / "check-jsonschema"
    command = [str(program), "--builtin-schema", "vendor.compose-spec", str(FILE)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


def test_its_profiles_hold_what_the_readme_says() -> None:
    assert {name: service["profiles"] for name, service in SERVICES.items() if name not in PRODUCTION} == {
        "demo": ["demo"],
        "class": ["class"],
    }
    assert {"web", "sandbox", "migrate", "db", "purge"} == PRODUCTION


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_can_do_no_more_than_it_must(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


@pytest.mark.parametrize("name", SERVICES)
def test_its_ports_are_this_machines_unless_somebody_says_otherwise(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert port.startswith(("127.0.0.1:", "${LISTEN:-127.0.0.1}:"))


def test_a_service_waits_for_the_health_of_what_it_needs() -> None:
    needs = {name: service.get("depends_on", {}) for name, service in SERVICES.items()}
    assert {other: how["condition"] for other, how in needs["web"].items()} == {
        "db": "service_healthy",
        "migrate": "service_completed_successfully",
        "sandbox": "service_healthy",
    }
    # Only of what has a health check can it be said that it is well: the image brings one for the web server.
    for others in needs.values():
        for other, how in others.items():
            if how["condition"] == "service_healthy":
                assert other == "web" or "test" in SERVICES[other]["healthcheck"]


def test_the_application_shares_the_sandboxs_loopback() -> None:
    assert {SERVICES[name]["network_mode"] for name in ("web", "purge")} == {"service:sandbox"}


def test_what_it_sets_and_asks_for_are_settings() -> None:
    known = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    asked = set(re.findall(r"\$\{([A-Z_]+)", FILE.read_text()))
    assert asked - OF_COMPOSE_ALONE <= known
    assert set(SERVICES["web"]["environment"]) <= known
    readme = (ROOT / "README.md").read_text()
    assert all(f"`{name}" in readme for name in OF_COMPOSE_ALONE)


def test_what_an_administrator_sets_reaches_the_application_and_no_image() -> None:
    """The file that `--env-file` names: its values fill the places, and what has no place comes as it is."""
    settings = SERVICES["web"]["environment"]
    for name in ("DATABASE_POOL", "DATABASE_BEHIND_PGBOUNCER", "WEB_WORKERS", "WEB_THREADS", "METRICS_TOKEN"):
        assert settings[name].startswith(f"${{{name}:-")
    for name in PRODUCTION - {"db"}:
        assert SERVICES[name]["env_file"] == [{"path": "production.env", "required": False}]
        assert SERVICES[name]["environment"] == settings
    assert "--env-file production.env" in (ROOT / "README.md").read_text()
    for file in (".dockerignore", ".gitignore"):
        assert "*.env" in (ROOT / file).read_text().splitlines()


def test_its_commands_are_commands_of_the_application() -> None:
    there = {file.stem for file in ROOT.glob("*/management/commands/*.py")} | {"migrate"}
    for name in set(SERVICES) - {"db"}:
        words = [word for word in SERVICES[name]["command"] if word != "daily"]
        assert words[0] in there
