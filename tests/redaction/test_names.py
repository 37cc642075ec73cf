"""Which names stand for a secret: the same in a sign-in and in a call to AWS, but for a few everyday words."""

import pytest

from redaction.names import kind_in_sign_in, kind_of


@pytest.mark.parametrize(
    ("name", "in_a_call", "in_a_sign_in", "in_an_address"),
    [
        ("access_token", "access token", "access token", "access token"),
        ("AccessToken", "access token", "access token", "access token"),
        ("set-cookie", "cookie", "cookie", "cookie"),
        ("code", "", "authorization code", "authorization code"),
        ("state", "", "", "state"),
        ("RelayState", "", "", "RelayState"),
        ("State", "", "", "state"),
        ("client_id", "", "", ""),
    ],
)
def test_kinds(name: str, in_a_call: str, in_a_sign_in: str, in_an_address: str) -> None:
    assert kind_of((name,)) == in_a_call
    assert kind_in_sign_in(name) == in_a_sign_in
    assert kind_in_sign_in(name, in_address=True) == in_an_address
