"""What `manage.py class` writes into `.env`, and what it leaves alone."""

from pathlib import Path

import pytest

from cognitodemo import class_settings, envfile

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
