"""An exercise without Python: built by hand in two accounts, saved as a file, and set up from it elsewhere."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from flows.exchange.sandbox_requests import ask
from sandbox.testing import RunningSandbox
from tests.forgotten import forget_exercises
from training.exercises import building, catalogue
from training.exercises.format import BadExercise, Environment
from training.exercises.states import read_state
from training.services.exercise_cycle import prove
from training.services.exercise_validation import mistakes
from training.services.exercise_work import set_up
from training.services.grounds import Ground
from training.services.saved_states import NotSaved, state_saved

SLUG = "next-door"
SIGNED_IN = ("sts:AssumeRoleWithWebIdentity", "sts:TagSession")
ENVIRONMENT = Environment(
    guest_role="NextDoorGuest",
    user_role="NextDoorUser",
    buckets=("next-door",),
    tables=("NextDoorOrders",),
    opponent=True,
)
EXERCISE = """
schema = 1
slug = "next-door"
version = 1
title = "Next door"
summary = "Somebody from next door has a key"
level = 1
minutes = 5
mode = ["sandbox"]

[environment]
guest_role = "NextDoorGuest"
user_role = "NextDoorUser"
buckets = ["next-door"]
tables = ["NextDoorOrders"]
opponent = true

[[probe]]
id = "guest"
title = "A guest reads"
[[probe.use]]
service = "s3"
operation = "GetObject"
params = { Bucket = "next-door", Key = "menu.txt" }
[[probe.use]]
service = "dynamodb"
operation = "Scan"
params = { TableName = "NextDoorOrders" }

[[probe]]
id = "own"
title = "Bo asks for his role"
access = "authenticated"
flow = "basic"
provider = "google"
person = "bo"
role = "NextDoorUser"

[[probe]]
id = "stranger"
title = "Bo of next door asks for it"
access = "authenticated"
flow = "basic"
provider = "google"
person = "bo"
pool = "opponent"
role = "NextDoorUser"

[[check]]
id = "guess"
on = "question"
todo = "Who has the key?"
done = "Said."
options = ["Nobody", "Next door"]
answer = 2
because = "The trust policy names their pool."

[[check]]
id = "stranger-in"
on = "any_run"
where = "account_id=='{opponent_account_id}'"
path = "calls[?operation=='AssumeRoleWithWebIdentity' && status==`200`]"
todo = "Come in from next door."
done = "You did."

[[check]]
id = "stranger-out"
on = "probe"
probe = "stranger"
path = "calls[].decisions[?code=='trust.aud' && verdict=='deny'][]"
needs = ["stranger-in"]
todo = "They still have it."
done = "They have it no more."

[[check]]
id = "own-in"
on = "probe"
probe = "own"
path = "outcome"
op = "eq"
value = "succeeded"
needs = ["stranger-in"]
todo = "Your own people have none."
done = "They have one."

[[check]]
id = "guests-read"
on = "probe"
probe = "guest"
path = "calls[?operation=='GetObject' && status==`200`] && calls[?operation=='Scan' && status==`200`]"
needs = ["stranger-in"]
todo = "Guests cannot read any more."
done = "Guests read."
"""
SEEN = """
[[{step}]]
answer = { question = "guess", option = 2 }
[[{step}]]
[{step}.run]
access = "authenticated"
flow = "basic"
provider = "google"
person = "bo"
pool = "opponent"
role = "NextDoorUser"
"""
TRUST = """
[[{step}]]
[{step}.request]
service = "iam"
operation = "UpdateAssumeRolePolicy"
[{step}.request.params]
RoleName = "NextDoorUser"
PolicyDocument = '''{document}'''
"""


def trusting(*pools: str) -> str:
    document = building.trust("POOLS", "authenticated", actions=SIGNED_IN)
    return json.dumps(document).replace('"POOLS"', json.dumps(list(pools)))


def folder(directory: Path, state: str, **more: str) -> Path:
    """The exercise's folder, all data."""
    path = directory / "next_door"
    (path / "hints").mkdir(parents=True)
    fixes = {
        "own-pool-added": ("stranger-out", trusting("{opponent_pool_id}", "{pool_id}")),
        "nobody-trusted": ("own-in", trusting("{region}:nobody")),
    }
    told = ""
    for name, (leaves, document) in fixes.items():
        steps = SEEN + TRUST.replace("{document}", document)
        told += f'[[fix]]\nid = "{name}"\nleaves = ["{leaves}"]\n' + steps.replace("{step}", "fix.step")
    solved = SEEN + TRUST.replace("{document}", trusting("{pool_id}"))
    files = {
        "exercise.toml": EXERCISE,
        "set_up.toml": 'state = "state.json"\n',
        "state.json": state,
        "solve.toml": solved.replace("{step}", "step"),
        "wrong_fixes.toml": told,
        **dict.fromkeys(("brief.md", "solution.md", "design.md", *(f"hints/{n}.md" for n in (1, 2, 3))), "text"),
        **more,
    }
    for name, text in files.items():
        (path / name).write_text(text)
    return path


def made_account(name: str) -> str:
    """The number of an account that is nobody's."""
    return str(ask("POST", "/_sandbox/accounts", {"action": "make", "name": name}, account="")["account"])


@pytest.fixture
def built(sandbox: RunningSandbox) -> Iterator[Ground]:
    """Two accounts in which somebody built the exercise by hand."""
    numbers = [
        ask("POST", "/_sandbox/accounts", {"action": "make", "name": name}, account="")["account"]
        for name in ("a", "b")
    ]
    other = Ground(numbers[1], "us-east-1", SLUG)
    own = Ground(numbers[0], "us-east-1", SLUG, other)
    rights = [
        building.allow("s3:GetObject", "arn:aws:s3:::next-door/*"),
        building.allow("dynamodb:Scan", f"arn:aws:dynamodb:us-east-1:{own.number}:table/NextDoorOrders"),
    ]
    for ground in (own, other):
        building.make_role(ground, "NextDoorGuest", building.trust(ground.pool_id, "unauthenticated"), *rights)
        theirs = building.trust(other.pool_id, "authenticated", actions=SIGNED_IN)
        building.make_role(ground, "NextDoorUser", theirs)
        building.make_pool(ground, guest_role="NextDoorGuest", user_role="NextDoorUser")
    building.make_bucket(own, "next-door", {"menu.txt": "Soup {today}\n"})
    building.make_table(own, "NextDoorOrders", "OrderId", [{"OrderId": "1", "Dish": "Soup"}])
    own.client("iam").update_role(RoleName="NextDoorUser", MaxSessionDuration=7200)
    own.client("cognito-identity").set_principal_tag_attribute_map(
        IdentityPoolId=own.pool_id,
        IdentityProviderName="accounts.google.com",
        UseDefaults=False,
        PrincipalTags={"who": "sub"},
    )
    yield own
    for number in numbers:
        ask("POST", "/_sandbox/accounts", {"action": "remove", "account": number}, account="")


@pytest.mark.slow
def test_what_was_built_by_hand_is_saved_set_up_elsewhere_and_proven(
    built: Ground, tmp_path: Path, settings: Settings, db: None
) -> None:
    path = folder(tmp_path, '{"format": "identity-pools-lab/account-state", "version": 1}')
    settings.EXERCISE_DIRS = [str(tmp_path)]
    forget_exercises()
    said = io.StringIO()
    asked: dict[str, Any] = {"account": built.number, "opponent": built.opponent.number, "stdout": said}  # type: ignore[union-attr]
    call_command("exercises", "save", SLUG, **asked)
    text = said.getvalue()
    assert built.number not in text
    assert built.opponent.number not in text  # type: ignore[union-attr]
    assert "us-east-1" not in text
    (path / "state.json").write_text(text)
    forget_exercises()
    found = catalogue.folders()[SLUG]
    assert not found.trusted

    *seen, last = prove(found)
    assert (len(seen), last) == (4, "reset")
    call_command("exercises", "validate", SLUG, stdout=io.StringIO())

    numbers = [
        ask("POST", "/_sandbox/accounts", {"action": "make", "name": name}, account="")["account"]
        for name in ("c", "d")
    ]
    elsewhere = Ground(numbers[0], "us-east-1", SLUG, Ground(numbers[1], "us-east-1", SLUG))
    try:
        for _ in range(2):  # setting up again changes nothing
            set_up(found, elsewhere)
            assert state_saved(found, elsewhere) == text
    finally:
        for number in numbers:
            ask("POST", "/_sandbox/accounts", {"action": "remove", "account": number}, account="")


@pytest.mark.slow
def test_what_such_a_file_cannot_say_is_not_saved(built: Ground, tmp_path: Path, db: None) -> None:
    state = '{"format": "identity-pools-lab/account-state", "version": 1}'
    found = catalogue.read_folder(folder(tmp_path, state), trusted=False)
    s3 = built.client("s3")
    s3.put_object(Bucket="next-door", Key="picture", Body=b"\xff\xd8")
    with pytest.raises(NotSaved, match="picture in the bucket next-door is no text"):
        state_saved(found, built)
    s3.delete_object(Bucket="next-door", Key="picture")
    built.client("iam").attach_role_policy(RoleName="NextDoorUser", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    with pytest.raises(NotSaved, match="NextDoorUser has managed policies"):
        state_saved(found, built)
    with pytest.raises(NotSaved, match="home account"):
        state_saved(found, Ground("000000000000", "us-east-1", SLUG))
    with pytest.raises(CommandError, match="--account"):
        call_command("exercises", "save", "ready")
    with pytest.raises(CommandError, match="--opponent"):
        call_command("exercises", "save", "ready", account=built.number, opponent=built.number)


def stated(**parts: Any) -> str:
    return json.dumps({"format": "identity-pools-lab/account-state", "version": 1, **parts})


GOOD_ROLE = {"trust": building.trust("{pool_id}", "unauthenticated")}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is no JSON"),
        ("[" * 3000 + "]" * 3000, "is no JSON|nested too deeply"),
        ('{"version": NaN}', "NaN is no number"),
        ('{"format": "something", "version": 1}', "format is identity-pools-lab/account-state, version 1"),
        (stated(keys={}), "keys: no such member"),
        (stated(roles={"LabGuest": GOOD_ROLE}), "roles: the environment lists no LabGuest"),
        (stated(roles={"NextDoorGuest": {}}), "NextDoorGuest: trust is missing"),
        (stated(roles={"NextDoorGuest": {"trust": {}}}), "a policy has a Statement"),
        (stated(roles={"NextDoorGuest": {**GOOD_ROLE, "attached": ["x"]}}), "attached: no such member"),
        (stated(roles={"NextDoorGuest": {**GOOD_ROLE, "session": True}}), "session is not of the right form"),
        (stated(pool={"IdentityPoolId": "us-east-1:x"}), "IdentityPoolId: no such member"),
        (stated(pool={"AllowClassicFlow": "yes"}), "AllowClassicFlow is not of the right form"),
        (stated(pool={"RoleMappings": {"x": "Token"}}), "a role mapping has members"),
        (stated(buckets={"identity-pools-lab-private": {}}), "buckets: the environment lists no"),
        (stated(buckets={"next-door": {"objects": {"a": 1}}}), "a text for each"),
        (stated(tables={"NextDoorOrders": {"key": "OrderId", "items": [{"Dish": "x"}]}}), "an item has no OrderId"),
        (stated(opponent={"roles": {"Admin": GOOD_ROLE}}), "opponent: roles: the environment lists no Admin"),
        (stated(opponent={"format": "x"}), "opponent: format: no such member"),
    ],
)
def test_a_state_holds_what_is_known_and_listed_and_nothing_else(text: str, told: str) -> None:
    with pytest.raises(BadExercise, match=told):
        read_state(text, ENVIRONMENT, "state.json")
    own = read_state(stated(roles={"NextDoorGuest": GOOD_ROLE}), ENVIRONMENT, "state.json").own
    assert own.filled({"pool_id": "us-east-1:1"}).roles["NextDoorGuest"]["trust"]["Statement"][0]["Condition"] == {
        "StringEquals": {"cognito-identity.amazonaws.com:aud": "us-east-1:1"},
        "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "unauthenticated"},
    }


@pytest.mark.parametrize("name", ["../state.json", "/etc/passwd", "hints/1.json", "State.json", "state.pickle"])
def test_set_up_names_a_file_beside_it_and_no_other(tmp_path: Path, name: str) -> None:
    path = folder(tmp_path, stated(), **{"set_up.toml": f'state = "{name}"\n'})
    with pytest.raises(BadExercise, match="names a file beside this one"):
        catalogue.read_folder(path, trusted=False)


def test_a_state_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    path = folder(tmp_path / "a", stated())
    (path / "state.json").unlink()
    (path / "state.json").symlink_to(tmp_path / "elsewhere.json")
    (tmp_path / "elsewhere.json").write_text(stated())
    with pytest.raises(BadExercise, match="a link may lead to any file"):
        catalogue.read_folder(path, trusted=False)


def test_another_state_is_another_exercise(tmp_path: Path) -> None:
    first = catalogue.read_folder(folder(tmp_path / "a", stated()), trusted=False)
    other = catalogue.read_folder(folder(tmp_path / "b", stated(pool={})), trusted=False)
    assert first.digest != other.digest


def test_what_a_step_names_has_to_exist(tmp_path: Path) -> None:
    request = '[[step]]\n[step.request]\nservice = "iam"\noperation = "OpenTheDoor"\n'
    run = '[[step]]\n[step.run]\npool = "cellar"\n'
    found = catalogue.read_folder(folder(tmp_path, stated(), **{"solve.toml": request + run}), trusted=False)
    assert mistakes({SLUG: found})[:2] == [
        "next-door: solve.toml: iam has no operation OpenTheDoor",
        "next-door: A run: there is no identity pool cellar",
    ]


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ('[[step]]\nanswer = { question = "guess", option = 9 }', "one of its options"),
        ('[[step]]\naccount = "opponent"\nanswer = { question = "guess", option = 1 }', "account is for requests"),
        ("[[step]]", "has a request, a run or an answer"),
    ],
)
def test_a_step_is_one_thing_in_one_account(tmp_path: Path, step: str, told: str) -> None:
    with pytest.raises(BadExercise, match=told):
        catalogue.read_folder(folder(tmp_path, stated(), **{"solve.toml": step}), trusted=False)
