"""What `manage.py class` writes into `.env`, and what it leaves alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from cognitodemo import class_settings, envfile
from cognitodemo.class_settings import about_address
from tests import ROOT

ALL = "0.0.0.0"  # noqa: S104 - a class is to reach the machine
WANTED = class_settings.wanted_settings("192.168.1.5", 8000, "test")


def test_the_own_lines_of_the_file_win_and_stay(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# mine\nSANDBOX_SECRET_ACCESS_KEY='kept as it is'\nRUNS_PER_MINUTE=7\n")
    class_settings.write(file, WANTED, {"WEB_HOST"})
    again = class_settings.wanted_settings("10.0.0.7", 8000, "something long")
    class_settings.write(file, again, {"WEB_HOST"})
    assert envfile.read_env_file(file) == {
        "SANDBOX_SECRET_ACCESS_KEY": "kept as it is",
        "RUNS_PER_MINUTE": "7",
        "PUBLIC_URL": "http://10.0.0.7:8000",
        "SANDBOX_PUBLIC_URL": "http://10.0.0.7:8000",
        "SANDBOX_HOST": ALL,
    }
    assert file.read_text().startswith("# mine\n")
    assert file.read_text().count(class_settings.BEGIN) == 1


def test_a_known_secret_is_replaced_and_another_one_is_kept() -> None:
    assert len(WANTED["SANDBOX_SECRET_ACCESS_KEY"]) >= 40
    kept = class_settings.wanted_settings("192.168.1.5", 8000, "something long")
    assert kept["SANDBOX_SECRET_ACCESS_KEY"] == "something long"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "public", "host"),
    [
        ("192.168.1.5", "http://192.168.1.5:8000", ALL),
        ("https://lab.example.org/", "https://lab.example.org", ALL),
        ("127.0.0.1", "http://127.0.0.1:8000", "127.0.0.1"),
    ],
)
def test_the_address_is_where_browsers_go(address: str, public: str, host: str) -> None:
    wanted = class_settings.wanted_settings(address, 8000, "")
    assert (wanted["PUBLIC_URL"], wanted["SANDBOX_PUBLIC_URL"], wanted["WEB_HOST"]) == (public, public, host)


def test_the_address_of_a_room_that_was_left_is_known_and_one_that_somebody_has_set_is_theirs(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    assert class_settings.left_behind(file, []) == ""
    class_settings.write(file, WANTED, ())
    assert class_settings.left_behind(file, ["10.0.0.7"]) == "192.168.1.5"
    assert class_settings.left_behind(file, ["10.0.0.7", "192.168.1.5"]) == ""
    file.write_text("PUBLIC_URL=http://192.168.1.5:8000\n")
    class_settings.write(file, WANTED, ())
    assert class_settings.left_behind(file, []) == ""
    for address in ("https://lab.example.org", "127.0.0.1"):
        class_settings.write(named := tmp_path / address[:5], class_settings.wanted_settings(address, 8000, ""), ())
        assert class_settings.left_behind(named, []) == ""


# --- The machine's address -------------------------------------------------------------------------------------------

_ASK = "from cognitodemo.class_settings import own_address, own_addresses; print(own_address(), *own_addresses())"


def addresses_with(*cards: tuple[str, str]) -> list[str]:
    """What a machine says whose only cards are these, each (name, address), and which has no route to elsewhere."""
    lines = ["ip link set lo up"]
    for number, (name, address) in enumerate(cards):
        lines += [
            f"ip link add {name} type veth peer name other{number}",
            f"ip addr add {address} dev {name}",
            f"ip link set {name} up",
            f"ip link set other{number} up",
        ]
    script = "set -e\n" + "\n".join(lines) + f'\nexec {sys.executable} -c "{_ASK}"'
    done = subprocess.run(
        ["unshare", "--map-root-user", "--net", "sh", "-c", script],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"no network of its own can be made here: {done.stderr.strip()[-200:]}")
    return done.stdout.split()


def test_a_machine_in_no_network_has_no_address_but_loopback() -> None:
    assert addresses_with() == ["127.0.0.1"]


def test_a_laptop_that_is_the_hotspot_itself_is_found_though_no_route_leads_on() -> None:
    assert addresses_with(("wlan0", "10.42.0.1/24")) == ["10.42.0.1"] * 2
    both = addresses_with(("docker0", "172.17.0.1/16"), ("eth0", "169.254.3.4/16"), ("wlan0", "192.168.7.1/24"))
    assert both == ["192.168.7.1", "192.168.7.1", "169.254.3.4"], "no container's, and one without DHCP last"


@pytest.mark.parametrize(
    ("public", "found", "said"),
    [
        ("http://127.0.0.1:8000", [], "This machine is in no network"),
        ("http://127.0.0.1:8000", ["10.42.0.1"], "with --address 10.42.0.1."),
        ("http://10.42.0.1:8000", ["10.42.0.1", "10.8.0.2"], "this machine has --address 10.8.0.2 as well."),
        ("http://10.42.0.1:8000", ["10.42.0.1"], ""),
        ("https://lab.example.org", ["10.42.0.1", "10.8.0.2"], ""),
    ],
)
def test_the_command_says_of_its_address_what_a_trainer_has_to_know(public: str, found: list[str], said: str) -> None:
    told = about_address(public, found, "the same command")
    assert said in told
    assert bool(said) == bool(told)
