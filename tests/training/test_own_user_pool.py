"""An exercise with a user pool of its own: made anew as it was, probed by sign-ins with a password, and left alone."""

import json
import re

import pytest

from accounts.owners import Owner
from flows.exchange.pools import pool_for
from flows.models import Run
from flows.services import call_send, runs_write
from sandbox.testing import RunningSandbox
from tests.training.test_attempts import begin
from training.exercises import catalogue, user_pools
from training.models import Attempt, AttemptState, CheckResult
from training.services import attempts, checking, cli_calls
from training.services.attempts import ground_of
from training.services.errors import Refused
from training.services.exercise_work import clear, set_up
from training.services.grounds import Ground
from training.services.probing import probe_all
from training.services.saved_states import NotSaved, state_saved

SLUG = "promote-yourself"
PASSWORDS = ("Lea-Shift-1!", "Noa-Shift-2!", "Mina-Shift-3!")
TIER = [{"Name": "custom:tier", "Value": "lead"}]


@pytest.fixture
def attempt(sandbox: RunningSandbox, visitor: Owner, transactional_db: None) -> Attempt:
    return begin(visitor, SLUG)


def done(attempt: Attempt) -> set[str]:
    return set(CheckResult.objects.filter(attempt=attempt, done=True).values_list("check_id", flat=True))


def tiers(ground: Ground) -> dict[str, str]:
    pool_id = user_pools.find(ground, SLUG)
    return {who: user_pools.attributes_of(ground, pool_id, who)["custom:tier"] for who in ("lea", "noa", "mina")}


def test_a_probe_signs_in_changes_something_and_puts_it_back(attempt: Attempt, visitor: Owner) -> None:
    ground, exercise = ground_of(attempt), catalogue.folders()[SLUG].exercise
    probes = [probe for probe in exercise.probes if probe.id == "noa-phone"]
    (run,) = runs_write(probe_all(owner=visitor, ground=ground, exercise=exercise, probes=probes))
    calls = list(run.calls.all())
    assert [call.operation for call in calls] == [
        *("InitiateAuth", "UpdateUserAttributes", "InitiateAuth"),
        *("GetId", "GetCredentialsForIdentity", "GetObject"),
    ]
    assert {call.status for call in calls} == {200}
    assert tiers(ground) == {"lea": "member", "noa": "member", "mina": "lead"}
    clients = user_pools.clients_of(ground, user_pools.find(ground, SLUG))
    assert calls[0].request_params["ClientId"] == clients["phone"]
    stored = json.dumps([call.details() for call in calls], default=str, ensure_ascii=False)
    assert not re.search(r"eyJ[\w-]{8,}\.[\w-]{8,}", stored)
    assert not any(password in stored for password in PASSWORDS)
    assert not any(call.scrubbed for call in calls)
    assert calls[1].request_params["UserAttributes"][0]["Name"] == "custom:tier"
    assert any(token["claims"].get("custom:tier") == "lead" for token in calls[4].tokens)


def test_set_up_brings_clients_people_and_groups_back(attempt: Attempt) -> None:
    ground, folder = ground_of(attempt), catalogue.folders()[SLUG]
    pool_id = user_pools.find(ground, SLUG)
    before, cognito = user_pools.clients_of(ground, pool_id), ground.client("cognito-idp")
    cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="a third door")
    cognito.create_group(UserPoolId=pool_id, GroupName="leads")
    cognito.admin_update_user_attributes(UserPoolId=pool_id, Username="lea", UserAttributes=TIER)
    cognito.admin_disable_user(UserPoolId=pool_id, Username="noa")
    cognito.admin_delete_user(UserPoolId=pool_id, Username="mina")
    set_up(folder, ground)
    assert user_pools.find(ground, SLUG) == pool_id
    assert user_pools.clients_of(ground, pool_id) == before
    assert cognito.list_groups(UserPoolId=pool_id)["Groups"] == []
    assert tiers(ground) == {"lea": "member", "noa": "member", "mina": "lead"}
    assert cognito.admin_get_user(UserPoolId=pool_id, Username="noa")["Enabled"]
    clear(folder, ground)
    assert user_pools.find(ground, SLUG) == ""


def test_what_is_gone_is_said_by_its_name(attempt: Attempt) -> None:
    ground = ground_of(attempt)
    pool_id = user_pools.find(ground, SLUG)
    phone = user_pools.clients_of(ground, pool_id)["phone"]
    ground.client("cognito-idp").delete_user_pool_client(UserPoolId=pool_id, ClientId=phone)
    with pytest.raises(Refused, match="The app client phone is gone"):
        checking.probes_make(attempt=attempt)
    ground.client("cognito-idp").delete_user_pool(UserPoolId=pool_id)
    with pytest.raises(Refused, match="The user pool promote-yourself is gone"):
        checking.probes_make(attempt=attempt)


def test_a_saved_state_has_no_place_for_it(attempt: Attempt) -> None:
    with pytest.raises(NotSaved, match="user pool"):
        state_saved(catalogue.folders()[SLUG], ground_of(attempt))


@pytest.mark.slow
def test_it_is_solved_for_somebody(attempt: Attempt) -> None:
    verdicts = checking.attempt_solve(attempt=attempt)
    assert [verdict.check.id for verdict in verdicts if not verdict.done] == []
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.SOLVED


@pytest.mark.slow
def test_the_whole_attack_by_cli_counts(attempt: Attempt, sandbox: RunningSandbox) -> None:
    """Calls that nobody signs are in the list of the account whose user pool they name."""
    ground = ground_of(attempt)
    website = user_pools.clients_of(ground, user_pools.find(ground, SLUG))["website"]
    idp, identity = sandbox.anonymous("cognito-idp"), sandbox.anonymous("cognito-identity")

    def sign_in() -> dict[str, str]:
        told = {"USERNAME": "lea", "PASSWORD": PASSWORDS[0]}
        answer = idp.initiate_auth(AuthFlow="USER_PASSWORD_AUTH", ClientId=website, AuthParameters=told)
        return dict(answer["AuthenticationResult"])

    idp.update_user_attributes(AccessToken=sign_in()["AccessToken"], UserAttributes=TIER)
    logins = {user_pools.provider_name(ground, user_pools.find(ground, SLUG)): sign_in()["IdToken"]}
    who = identity.get_id(IdentityPoolId=ground.pool_id, Logins=logins)["IdentityId"]
    keys = identity.get_credentials_for_identity(IdentityId=who, Logins=logins)["Credentials"]
    s3 = sandbox.client("s3", access_key=keys["AccessKeyId"], secret_key=keys["SecretKey"], token=keys["SessionToken"])
    assert b"Mina" in s3.get_object(Bucket=SLUG, Key="salaries.csv")["Body"].read()
    assert attempt.account is not None
    cli_calls.fetch(attempt.account)
    checking.attempt_check(attempt=attempt)
    assert done(attempt) == {"promoted", "better-role", "salaries-read"}
    assert not Run.objects.filter(calls__scrubbed=True).exists()


@pytest.mark.slow
def test_a_rule_on_a_group_is_as_good(attempt: Attempt, visitor: Owner) -> None:
    """No user can put themselves into one."""
    checking.attempt_solve(attempt=attempt)
    attempts.attempt_set_up(attempt=attempt, again=True)
    ground = ground_of(attempt)
    pool_id, cognito = user_pools.find(ground, SLUG), ground.client("cognito-identity")
    named = {"UserPoolId": pool_id, "GroupName": "leads"}
    ground.client("cognito-idp").create_group(**named)
    ground.client("cognito-idp").admin_add_user_to_group(**named, Username="mina")
    chosen = cognito.get_identity_pool_roles(IdentityPoolId=ground.pool_id)
    for mapping in chosen["RoleMappings"].values():
        (rule,) = mapping["RulesConfiguration"]["Rules"]
        rule |= {"Claim": "cognito:groups", "MatchType": "Contains", "Value": "leads"}
    cognito.set_identity_pool_roles(
        IdentityPoolId=ground.pool_id, Roles=chosen["Roles"], RoleMappings=chosen["RoleMappings"]
    )
    Attempt.objects.filter(pk=attempt.pk).update(state=AttemptState.WORKING, solved_at=None)
    attempt.refresh_from_db()
    verdicts = checking.probes_make(attempt=attempt)
    assert [verdict.check.id for verdict in verdicts if not verdict.done] == []


@pytest.mark.slow
def test_an_administrators_word_is_no_promotion(attempt: Attempt, visitor: Owner) -> None:
    ground = ground_of(attempt)
    call_send(
        owner=visitor,
        pool=pool_for(visitor, SLUG),
        sender="administrator",
        service="cognito-idp",
        operation="AdminUpdateUserAttributes",
        params={"UserPoolId": user_pools.find(ground, SLUG), "Username": "lea", "UserAttributes": TIER},
    )
    checking.attempt_check(attempt=attempt)
    assert tiers(ground)["lea"] == "lead"
    assert done(attempt) == set()
