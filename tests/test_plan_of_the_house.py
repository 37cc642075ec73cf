"""CONTRIBUTING's picture, tables and sentences about packages say what the contracts of `make lint` say."""

import re
import tomllib
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from tests import ROOT

GUIDE = (ROOT / "CONTRIBUTING.md").read_text()
LINTER: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS: list[dict[str, Any]] = LINTER["contracts"]
PACKAGES = set(LINTER["root_packages"])
(HOUSE,) = (contract for contract in CONTRACTS if contract["type"] == "layers" and "containers" not in contract)
LAYERS = [set(re.findall(r"\w+", layer)) for layer in HOUSE["layers"]]  # the roof first
GROUND = LAYERS[-2] | LAYERS[-1]


def rows() -> dict[str, str]:
    """The table of packages: what each may import, as it is written."""
    return dict(re.findall(r"^\| `(\w+)/` \| .+ \| (.+) \|$", GUIDE, re.MULTILINE))


def named(text: str) -> set[str]:
    """The packages that a cell of the table stands for."""
    if text.startswith("everything but the sandbox"):
        return PACKAGES - {"sandbox", "exercises", "cognitodemo"}
    allowed, _, but = text.partition(" but ")
    found = {name.partition(".")[0] for name in re.findall(r"`([\w.]+)`", allowed)}
    ground = GROUND - set(re.findall(r"`(\w+)`", but)) if "the ground" in allowed else set()
    return found | ground


def allowed(package: str) -> set[str]:
    """The packages that the contracts let one import."""
    own = next((number for number, layer in enumerate(LAYERS) if package in layer), None)
    below = PACKAGES - {package} if own is None else set().union(*LAYERS[own + 1 :])
    for contract in CONTRACTS:
        if contract["type"] == "forbidden" and package in contract["source_modules"]:
            left = {edge.partition(" -> ")[2].partition(".")[0] for edge in contract.get("ignore_imports", ())}
            below -= set(contract["forbidden_modules"]) - (left if package == "exercises" else set())
    return below


def test_each_package_has_a_row() -> None:
    assert set(rows()) == PACKAGES


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_a_row_says_what_the_contracts_let_a_package_import(package: str) -> None:
    assert named(rows()[package]) == allowed(package)


def test_the_picture_has_the_packages_on_their_floors() -> None:
    picture = GUIDE.partition("```\n  roof")[2].partition("```")[0]
    floors = [set(re.findall(r"(?:^|  )(\w+)(?=  |$)", line)) & PACKAGES for line in picture.splitlines()]
    stacked = [floor for floor in floors if floor and "sandbox" not in floor]
    assert stacked[0] == LAYERS[0]
    assert stacked[1] | stacked[2] == LAYERS[1]
    assert stacked[3:-1] == LAYERS[2:-2]
    assert stacked[-1] == GROUND


def test_arrows_that_the_guide_draws_go_the_way_of_the_contracts() -> None:
    """`a → b → c` and `a > b > c`, with what stands side by side between commas."""
    drawn = 0
    for package, chain in re.findall(r"[Ii]nside\s+`([\w/]+)`:?\s*(?:the\s+arrows\s+go\s+)?`([^`]+ → [^`]+)`", GUIDE):
        floors = [re.findall(r"\w+", floor) for floor in chain.split("→")]
        (contract,) = (each for each in CONTRACTS if each.get("containers") == [package.replace("/", ".")])
        rank = {name: number for number, layer in enumerate(contract["layers"]) for name in re.findall(r"\w+", layer)}
        places = [[rank[name] for name in floor] for floor in floors]
        assert all(max(upper) <= min(lower) for upper, lower in pairwise(places)), chain
        drawn += 1
    assert drawn >= 5


def test_each_package_has_a_room_of_tests() -> None:
    assert {package for package in PACKAGES if not list((ROOT / "tests" / package).rglob("test_*.py"))} == set()


def test_the_name_of_a_test_file_stands_once() -> None:
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py") if "node_modules" not in path.parts)
    assert [name for name, number in names.items() if number > 1] == []
