"""The rows of user pools and what is done with them, without the API above."""

import base64
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest

from sandbox.core.clock import Clock
from sandbox.core.config import SandboxConfig
from sandbox.core.errors import AwsError
from sandbox.core.instance import Instance
from sandbox.user_pools import codes, grants, groups, mailbox, passwords, sign_up, srp, tokens
from sandbox.user_pools.clients import Client, create_client
from sandbox.user_pools.keys import public_key
from sandbox.user_pools.pools import UserPool, create_pool, find_pool
from sandbox.user_pools.schema import SCHEMA
from sandbox.user_pools.users import CONFIRMED, User, create_user, delete_user, find_user
from tests.sandbox.user_pools.srp_client import SrpClient

ACCOUNT, REGION, PASSWORD = "000000000000", "eu-central-1", "Right-Pass-1!"


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    made = Instance(SandboxConfig(tmp_path / "sandbox.sqlite3"), (SCHEMA, *_key_schema()))
    yield made
    made.close()


def _key_schema() -> tuple[str, ...]:
    from sandbox.core.signing_keys import SCHEMA as keys

    return (keys,)


@pytest.fixture
def connection(instance: Instance) -> sqlite3.Connection:
    return instance.store.connection


@pytest.fixture
def pool(connection: sqlite3.Connection) -> UserPool:
    return create_pool(
        connection,
        ACCOUNT,
        REGION,
        {"PoolName": "p", "AutoVerifiedAttributes": ["email"], "AliasAttributes": ["email"]},
    )


@pytest.fixture
def client(connection: sqlite3.Connection, pool: UserPool) -> Client:
    return create_client(connection, pool, {"ClientName": "c", "PreventUserExistenceErrors": "ENABLED"})


@pytest.fixture
def ana(connection: sqlite3.Connection, pool: UserPool) -> User:
    user = create_user(
        connection, pool, "Ana", {"email": "ana@acme.example", "email_verified": "true"}, status=CONFIRMED
    )
    return passwords.set_password(connection, user, PASSWORD, status=CONFIRMED)


def refused(*codes_: str) -> pytest.RaisesExc[AwsError]:
    return pytest.raises(AwsError, check=lambda error: error.code in codes_)


def test_ids_have_the_shape_of_cognitos(pool: UserPool, client: Client) -> None:
    assert pool.pool_id.startswith(f"{REGION}_")
    assert len(pool.pool_id.partition("_")[2]) == 9
    assert len(client.client_id) == 26
    assert client.client_id.isalnum()


@pytest.mark.parametrize("password", [PASSWORD, "right-pass-1!", "", "Ünïcode-1!"])
def test_srp_agrees_with_the_clients_arithmetic_for_the_right_password_only(password: str) -> None:
    pool_id, user = "us-east-1_AbCdEfGhI", "ana"
    kept = srp.make_verifier(pool_id, user, PASSWORD)
    b, public = srp.begin(kept)
    client = SrpClient(pool_id)
    given = {"SALT": srp.salt_text(kept), "SRP_B": f"{public:x}", "USER_ID_FOR_SRP": user, "SECRET_BLOCK": "YmxvY2s="}
    answer = client.answers(given, password)
    expected = srp.signature(
        kept,
        client.large,
        b,
        public,
        pool_id=pool_id,
        username=user,
        block=b"block",
        timestamp=answer["TIMESTAMP"],
    )
    assert (answer["PASSWORD_CLAIM_SIGNATURE"] == base64.b64encode(expected).decode()) is (password == PASSWORD)


@pytest.mark.parametrize("multiple", [0, 1, 2])
def test_srp_takes_no_multiple_of_n(multiple: int) -> None:
    assert srp.public_value(f"{multiple * srp.N:x}") is None
    assert srp.public_value(f"{multiple * srp.N + 1:x}") is not None or multiple == 2


@pytest.mark.parametrize("text", ["", "xyz", "-5", "0x12", "1" * 3000, "1_0", " 12"])
def test_srp_takes_nothing_but_hexadecimal_digits(text: str) -> None:
    assert srp.public_value(text) is None


def test_a_user_is_found_by_name_alias_and_sub_in_any_case(
    connection: sqlite3.Connection, pool: UserPool, ana: User
) -> None:
    for name in ("ana", "ANA", "Ana@Acme.example", ana.sub):
        assert find_user(connection, pool, name) == find_user(connection, pool, "Ana")
    assert find_user(connection, pool, "bo") is None


def test_no_password_rests_in_the_file(instance: Instance, ana: User) -> None:
    instance.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert PASSWORD.encode() not in instance.store.path.read_bytes()


def test_guessing_is_paused_after_five_wrong_passwords_for_known_and_unknown_alike(
    connection: sqlite3.Connection, instance: Instance, pool: UserPool, ana: User
) -> None:
    for name in ("ana", "nobody"):
        for _ in range(5):
            with refused("NotAuthorizedException"):
                passwords.check_password(connection, pool, name, "wrong", hides_users=True)
        instance.clock.advance(ACCOUNT, -60)  # the pause lasts a second at first
        with pytest.raises(AwsError, match="Password attempts exceeded"):
            passwords.check_password(connection, pool, name, PASSWORD, hides_users=True)
        instance.clock.advance(ACCOUNT, 60)
    instance.clock.advance(ACCOUNT, 2)
    assert passwords.check_password(connection, pool, "ana", PASSWORD, hides_users=True).sub == ana.sub


def test_somebody_signs_up_confirms_and_gets_tokens(
    connection: sqlite3.Connection, pool: UserPool, client: Client
) -> None:
    attributes = [{"Name": "email", "Value": "bo@acme.example"}]
    user, delivery = sign_up.sign_up(connection, pool, client, "bo", PASSWORD, attributes)
    assert delivery == codes.Delivery("b***@a***", "EMAIL", "email")
    with refused("UserNotConfirmedException"):
        passwords.check_password(connection, pool, "bo", PASSWORD, hides_users=True)
    (message,) = mailbox.list_messages(connection, ACCOUNT)
    sign_up.confirm_sign_up(connection, pool, client, "bo", message.body[-6:])
    user = passwords.check_password(connection, pool, "bo@acme.example", PASSWORD, hides_users=True)
    staff = groups.create_group(
        connection, pool, "staff", role_arn="arn:aws:iam::000000000000:role/Staff", precedence=1
    )
    groups.add_to_group(connection, user, staff)
    grant = grants.open_grant(connection, client, user)
    minted = tokens.mint(connection, pool, client, user, grant)
    key = public_key(connection, pool, jwt.get_unverified_header(minted.id_token)["kid"])
    assert key is not None
    claims = jwt.decode(minted.id_token, key, algorithms=["RS256"], audience=client.client_id, issuer=pool.issuer)
    assert claims["email"] == "bo@acme.example"
    assert claims["email_verified"] is True
    assert claims["cognito:groups"] == ["staff"]
    assert claims["cognito:preferred_role"] == staff.role_arn
    assert claims["exp"] - claims["iat"] == 3600
    bearer = tokens.believed_access_token(connection, minted.access_token)
    assert (bearer.user.sub, bearer.grant.origin_jti) == (user.sub, claims["origin_jti"])


def test_a_code_is_good_once_and_for_five_tries(
    connection: sqlite3.Connection, pool: UserPool, client: Client, ana: User
) -> None:
    sign_up.forgot_password(connection, pool, client, "ana")
    code = mailbox.list_messages(connection, ACCOUNT)[0].body[-6:]
    wrong = "000000" if code != "000000" else "000001"
    for _ in range(5):
        with refused("CodeMismatchException"):
            sign_up.confirm_forgot_password(connection, pool, client, "ana", wrong, "Other-Pass-2!")
    with refused("LimitExceededException"):
        sign_up.confirm_forgot_password(connection, pool, client, "ana", code, "Other-Pass-2!")
    sign_up.forgot_password(connection, pool, client, "ana")
    code = mailbox.list_messages(connection, ACCOUNT)[0].body[-6:]
    sign_up.confirm_forgot_password(connection, pool, client, "ana", code, "Other-Pass-2!")
    with refused("ExpiredCodeException"):
        sign_up.confirm_forgot_password(connection, pool, client, "ana", code, "Third-Pass-3!")


def test_a_code_expires(
    connection: sqlite3.Connection, instance: Instance, pool: UserPool, client: Client, ana: User
) -> None:
    sign_up.forgot_password(connection, pool, client, "ana")
    code = mailbox.list_messages(connection, ACCOUNT)[0].body[-6:]
    instance.clock.advance(ACCOUNT, 3601)
    with refused("ExpiredCodeException"):
        sign_up.confirm_forgot_password(connection, pool, client, "ana", code, "Other-Pass-2!")


def test_a_name_that_nobody_has_is_asked_for_a_code_like_everybodys(
    connection: sqlite3.Connection, pool: UserPool, client: Client, ana: User
) -> None:
    seen = []
    for name in ("ana", "nobody"):
        delivery = sign_up.forgot_password(connection, pool, client, name)
        heard = []
        for _ in range(6):
            with pytest.raises(AwsError) as refusal:
                sign_up.confirm_forgot_password(connection, pool, client, name, "wrong!", "Other-Pass-2!")
            heard.append(str(refusal.value))
        seen.append((delivery.medium, delivery.attribute, len(delivery.destination), heard))
    assert seen[0] == seen[1]
    assert len(mailbox.list_messages(connection, ACCOUNT)) == 1


def test_a_refresh_token_is_its_clients_and_ends_with_the_sign_in(
    connection: sqlite3.Connection, pool: UserPool, client: Client, ana: User
) -> None:
    other = create_client(connection, pool, {"ClientName": "other"})
    grant = grants.open_grant(connection, client, ana)
    token = grants.new_refresh_token(connection, client, grant)
    assert grants.use_refresh_token(connection, client, token).grant == grant
    with pytest.raises(AwsError, match="Invalid Refresh Token"):
        grants.use_refresh_token(connection, other, token)
    assert grants.token_state(connection, pool.pool_id, ana.sub, grant.origin_jti) == "valid"
    grants.sign_out_everywhere(connection, ana)
    assert grants.token_state(connection, pool.pool_id, ana.sub, grant.origin_jti) == "signed out"
    with pytest.raises(AwsError, match="revoked"):
        grants.use_refresh_token(connection, client, token)
    again = grants.open_grant(connection, client, ana)
    assert grants.token_state(connection, pool.pool_id, ana.sub, again.origin_jti) == "valid"
    delete_user(connection, ana)
    assert grants.token_state(connection, pool.pool_id, ana.sub, again.origin_jti) == "deleted"


def test_rotation_takes_a_refresh_token_out_after_its_grace(
    connection: sqlite3.Connection, instance: Instance, pool: UserPool, ana: User
) -> None:
    rotation = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 10}
    client = create_client(connection, pool, {"ClientName": "r", "RefreshTokenRotation": rotation})
    first = grants.new_refresh_token(connection, client, grants.open_grant(connection, client, ana))
    second = grants.use_refresh_token(connection, client, first).refresh_token
    assert second
    assert second != first
    assert grants.use_refresh_token(connection, client, first).refresh_token
    instance.clock.advance(ACCOUNT, 11)
    with refused("RefreshTokenReuseException"):
        grants.use_refresh_token(connection, client, first)
    assert grants.use_refresh_token(connection, client, second).refresh_token


def test_tokens_follow_the_accounts_clock(
    connection: sqlite3.Connection, instance: Instance, pool: UserPool, client: Client, ana: User
) -> None:
    minted = tokens.mint(connection, pool, client, ana, grants.open_grant(connection, client, ana))
    clock: Clock = instance.clock
    clock.advance(ACCOUNT, 3601)
    with pytest.raises(AwsError, match="Access Token has expired"):
        tokens.believed_access_token(connection, minted.access_token)
    with pytest.raises(AwsError, match="Invalid Access Token"):
        tokens.believed_access_token(connection, minted.id_token)


def test_a_pool_that_is_gone_believes_nothing(connection: sqlite3.Connection, pool: UserPool) -> None:
    assert find_pool(connection, "us-east-1_Nothing01") is None
    with pytest.raises(AwsError, match="Invalid Access Token"):
        tokens.believed_access_token(connection, "a.b.c")


def test_a_public_value_is_g_to_the_power_of_the_secret() -> None:
    nothing = srp.Verifier(b"salt", b"")  # of which B = k * v + g ^ b keeps g ^ b alone
    for _ in range(20):
        secret, public = srp.begin(nothing)
        assert public == pow(srp.G, secret, srp.N)
