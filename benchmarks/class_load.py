"""A room full of people at the application: do all get in, are they answered in time, and what does it cost?

`python -m benchmarks --only class` measures it with both databases. What is measured here are no ratios but promises,
in seconds, so the load of the machine stands beside each figure: where others use the processors, measure again.
"""

import math
import os
import re
import statistics
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from benchmarks.class_room import Answer, Learner, Room, Served, open_room, postgres, served

DATABASES = ("sqlite", "postgresql")
EXERCISE = "trust-clinic"  # of all exercises the one with the most probes: seven exchanges, six of them signed in
NEWS_SECONDS, BOARD_SECONDS = 15.0, 5.0
_PROBES_SECONDS = 120.0
_SETTLE_SECONDS = 60.0
_ACCOUNT = re.compile(r"\b\d{12}\b")


@dataclass(frozen=True)
class Size:
    """How much of it. `seconds`: in which everybody joins, or runs and checks. `quiet`: of polling without a change.

    `wreck`: of how many things one learner makes too many, of each kind.
    """

    learners: int = 60
    seconds: float = 10.0
    quiet: float = 300.0
    boards: int = 4
    wreck: int = 300


@dataclass(frozen=True, slots=True)
class Figure:
    """One promise. `value` is what was measured, in the words of the table; `load`, how busy the machine was."""

    what: str
    target: str
    value: str
    kept: bool
    load: str


@dataclass
class Machine:
    """How busy the machine was during a part."""

    words: str = ""


@contextmanager
def watched(site: Served) -> Iterator[Machine]:
    """What others used of the processors while the block ran: neither the site nor this program."""
    found = Machine()
    begun, busy, ours = time.monotonic(), _busy_seconds(), _own_seconds(site)
    yield found
    seconds = time.monotonic() - begun
    others = max(0.0, (_busy_seconds() - busy) - (_own_seconds(site) - ours)) / seconds
    found.words = f"load {os.getloadavg()[0]:.1f}; others used {others:.1f} of {os.cpu_count()} processors"


def class_load(directory: Path, size: Size, databases: Sequence[str]) -> None:
    """Measure with each database, and print one table."""
    tables: dict[str, list[Figure]] = {}
    for database in databases:
        print(f"\nA class of {size.learners} with {database}")
        home = directory / database
        if database == "postgresql":
            with postgres(home / "server") as url:
                tables[database] = measure(home / "site", size, url)
        else:
            tables[database] = measure(home / "site", size)
    _print_table(tables)


def measure(directory: Path, size: Size, database_url: str = "") -> list[Figure]:
    """All parts, one after the other, with one class.

    Raises:
        AssertionError: somebody saw what is another's, got no seat, or got an error.
    """
    figures: list[Figure] = []
    with served(directory, database_url) as site:
        room = open_room(site, size.learners)
        learners = [room.learner(number) for number in range(size.learners)]
        for part in (joins, runs_and_checks, quiet, wreck):
            found = part(room, learners, size)
            for figure in found:
                print(f"  {'ok  ' if figure.kept else 'MISS'} {figure.what}: {figure.value}   ({figure.load})")
            figures += found
        assert site.problems() == []
    return figures


# --- Everybody joins --------------------------------------------------------------------------------------------------


def joins(room: Room, learners: Sequence[Learner], size: Size) -> list[Figure]:
    """All of them within `seconds`, from one address: the page of the link, a name, the seat's own page."""

    def join(learner: Learner) -> None:
        browser = learner.browser
        browser.get(f"/join/{room.code}/", "join page")
        browser.files()
        seat = browser.post(f"/join/{room.code}/", "join", name=learner.name)
        browser.files()
        learner.account = seat.found(r"Account <code>(\d{12})</code>")

    mark = room.heard.mark
    with watched(room.served) as machine:
        _evenly(learners, join, size.seconds)
    answers = room.heard.since(mark)
    _all_well(answers)
    joined = [one for one in answers if one.what == "join"]
    seats = {one.page.found(r"Seat (\d+) ·") for one in joined}
    assert len(seats) == len({learner.account for learner in learners}) == len(learners), "a seat is taken twice"
    roster = room.trainer.get(f"/class/{room.public_id}/", "other page").text
    assert f"{len(learners)} of {len(learners)} seats" in roster
    late = room.learner(len(learners)).browser
    late.get(f"/join/{room.code}/", "other page")
    refused = late.post(f"/join/{room.code}/", "other page", name="Too late")
    assert refused.status == 409
    assert f"All {len(learners)} seats of this class are taken" in refused.text
    return [
        _p95(
            f"{len(learners)} joins in {size.seconds:.0f} s, each until the seat’s page is there", joined, 0.5, machine
        ),
        _p95("their pages and files", [one for one in answers if one.what != "join"], 0.5, machine),
    ]


# --- Everybody runs and checks ----------------------------------------------------------------------------------------


def runs_and_checks(room: Room, learners: Sequence[Learner], size: Size) -> list[Figure]:
    """A guest's run of three calls each, then *Check my work*, whose probes are awaited as the page does."""

    def prepare(learner: Learner) -> None:
        browser = learner.browser
        browser.get(f"/exercises/{EXERCISE}/", "other page")
        browser.post(f"/exercises/{EXERCISE}/begin/", "other page")
        # Whoever has changed something is probed, whatever else is done.
        for value in ("off", "on"):
            browser.get(f"/pools/{EXERCISE}/switches/", "other page")
            browser.post(f"/pools/{EXERCISE}/change/", "other page", what="classic", tab="switches", value=value)

    with ThreadPoolExecutor(4) as few:
        list(few.map(prepare, learners))
    probed: list[float] = []
    runs: dict[str, str] = {}

    def work(learner: Learner) -> None:
        browser = learner.browser
        browser.get(f"/demo/?access=guest&flow=basic&pool={EXERCISE}", "page")
        run = browser.post(
            "/runs/", "run", access="guest", flow="basic", provider="guest", pool=EXERCISE, pace="all"
        )  # fmt: skip
        runs[learner.name] = run.path
        browser.get(f"/exercises/{EXERCISE}/", "page")
        begun = time.monotonic()
        page = browser.post(f"/exercises/{EXERCISE}/check/", "check")
        while page.status == 204 or "is testing your account" in page.text:
            assert time.monotonic() - begun < _PROBES_SECONDS, "the probes do not end"
            time.sleep(1.0)
            page = browser.get(f"/exercises/{EXERCISE}/", "page", swaps="checks")
        probed.append(time.monotonic() - begun)

    mark = room.heard.mark
    with watched(room.served) as machine:
        used = room.served.processor_seconds()
        _evenly(learners, work, size.seconds)
        spent = {name: now - used[name] for name, now in room.served.processor_seconds().items()}
    answers = room.heard.since(mark)
    _all_well(answers)
    _nobody_sees_anothers(answers, learners)
    _runs_are_their_own(learners, runs)
    checks = [one for one in answers if one.what == "check"]
    each = ", ".join(f"{name} {seconds / len(learners):.2f} s" for name, seconds in spent.items())
    return [
        _p95(f"{len(learners)} runs and checks in {size.seconds:.0f} s: a page", answers, 1.0, machine),
        _p95("of these, a run until its page is there", [one for one in answers if one.what == "run"], 1.0, machine),
        _p95("of these, a check until it answers", checks, 1.0, machine),
        Figure(
            "its seven probes are done",
            "all ≤ 5 s",
            f"slowest {max(probed):.2f} s, p95 {_quantile(probed):.2f} s (processor for each learner: {each})",
            max(probed) <= 5.0,
            machine.words,
        ),
    ]


# --- Nothing happens --------------------------------------------------------------------------------------------------


def _changes_of(room: Room, board: Any) -> str:
    """Where a board that was opened now asks what has changed."""
    page = board.get(f"/class/{room.public_id}/board/", "other page")
    token = page.found(r'id="board-since" name="since" value="([^"]+)"')
    return f"/class/{room.public_id}/board/changes/?since={token}"


def _await_quiet(room: Room) -> None:
    """What runs and checks leave to do beside requests takes longer where others use the machine, too."""
    end = time.monotonic() + _SETTLE_SECONDS
    while time.monotonic() < end:
        changes = _changes_of(room, room.trainer)
        time.sleep(3.0)
        if room.trainer.get(changes, "other page", swaps="class-news").status == 204:
            return


def quiet(room: Room, learners: Sequence[Learner], size: Size) -> list[Figure]:
    """Open pages that ask for news, of learners and of trainers, while nothing changes."""
    asked: list[tuple[Any, str, float]] = []
    boards = [room.trainer] + [_another(room) for _ in range(size.boards - 1)]
    _await_quiet(room)
    for learner in learners:
        news = learner.browser.get(f"/class/{room.public_id}/news/", "poll", swaps="class-news")
        asked.append((learner.browser, f"/class/{room.public_id}/news/?since={_since(news.text)}", NEWS_SECONDS))
    for board in boards:
        asked.append((board, _changes_of(room, board), BOARD_SECONDS))
    end = time.monotonic() + size.quiet

    def poll(one: tuple[Any, str, float]) -> None:
        browser, path, every = one
        while time.monotonic() + every <= end:
            time.sleep(every)
            browser.get(path, "poll", swaps="class-news")

    mark = room.heard.mark
    with watched(room.served) as machine:
        used, begun = room.served.processor_seconds(), time.monotonic()
        # As in a room, where nobody's page was opened at the same moment.
        _evenly(asked, poll, min(NEWS_SECONDS, size.quiet / 2))
        seconds = time.monotonic() - begun
        spent = {name: now - used[name] for name, now in room.served.processor_seconds().items()}
    polls = [one for one in room.heard.since(mark) if one.what == "poll"]
    changed = [one for one in polls if one.page.status != 204]
    assert changed == [], f"{changed[0].page.path} answered {changed[0].page.status} while nothing changed"
    share = sum(spent.values()) / seconds
    words = ", ".join(f"{name} {each / seconds:.1%}" for name, each in spent.items())
    return [
        Figure(
            f"{len(learners)} learners and {len(boards)} boards ask for {size.quiet:.0f} s",
            "≤ 5 % of a core",
            f"{share:.1%} ({words}; {len(polls) / seconds:.1f} answers a second)",
            share <= 0.05,
            machine.words,
        )
    ]


def _another(room: Room) -> Any:
    """One more browser of the trainer."""
    more = room.learner(0).browser
    more.__dict__.update(_cookies=dict(room.trainer.__dict__["_cookies"]))
    return more


def _since(text: str) -> str:
    found = re.search(r'id="news-since" name="since" value="([^"]+)"', text)
    assert found is not None
    return found[1]


# --- One of them wrecks their account ---------------------------------------------------------------------------------


def wreck(room: Room, learners: Sequence[Learner], size: Size) -> list[Figure]:
    """The first learner deletes all there is and makes too much of everything; then resets, while others work."""
    vandal, others = learners[0], learners[1:]
    before = {learner.name: _working_run(learner) for learner in others[:4]}
    with watched(room.served) as machine, _busy(others) as waits:
        _vandalise(vandal, size.wreck)
        made = len(waits)
        page = vandal.browser.get(f"/class/account/reset/?account={vandal.account}", "other page")
        reset = vandal.browser.post(page.path, "reset", account=vandal.account, what="environment")
        time.sleep(2.0)
    assert reset.status == 200
    assert "has been reset" in reset.text, "the account was not reset"
    for learner in others[:4]:  # what they had is still good
        used = learner.browser.post(f"{before[learner.name]}use/", "other page", sample="who-am-i")
        assert "GetCallerIdentity" in used.text
        assert learner.account in used.text
    _whole_again(vandal)
    after = waits[made:] or waits
    return [
        Figure(
            "reset of an account that was emptied, and filled again with too much",
            "≤ 1 s",
            f"{reset.first_seconds:.2f} s",
            reset.first_seconds <= 1.0,
            machine.words,
        ),
        Figure(
            "others’ runs meanwhile",
            "all succeed, longest ≤ 1 s",
            f"{len(waits)} runs, longest {max(waits):.2f} s (during the reset {max(after):.2f} s)",
            max(waits) <= 1.0,
            machine.words,
        ),
    ]


@contextmanager
def _busy(learners: Sequence[Learner]) -> Iterator[list[float]]:
    """Meanwhile others make runs, two a second, which succeed; the seconds that each took."""
    ended, waits, failed = threading.Event(), [], []

    def work() -> None:
        turn = 0
        while not ended.wait(0.5):
            try:
                learner = learners[turn % len(learners)]
                begun = time.monotonic()
                _working_run(learner)
                waits.append(time.monotonic() - begun)
                turn += 1
            except BaseException as error:  # noqa: BLE001 - raised again below, where somebody waits for it
                failed.append(error)
                return

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield waits
    finally:
        ended.set()
        thread.join()
    if failed:
        raise failed[0]


def _working_run(learner: Learner) -> str:
    """Make a guest's run that succeeds; its address."""
    if 'name="csrfmiddlewaretoken"' not in learner.browser.page.text:
        learner.browser.get("/demo/?access=guest&flow=enhanced&pool=lab", "other page")
    run = learner.browser.post(
        "/runs/", "run", access="guest", flow="enhanced", provider="guest", pool="lab", pace="all"
    )  # fmt: skip
    assert run.status == 200
    assert "/runs/" in run.path, f"no run was made: {run.path} {run.status}"
    path = "/".join(run.path.split("/")[:3]) + "/"
    assert '"outcome": "succeeded"' in learner.browser.get(f"{path}export.json", "export", swaps="none").text
    return path


def _vandalise(learner: Learner, many: int) -> None:
    browser = learner.browser
    browser.get("/class/account/", "other page")
    shown = browser.post("/class/account/", "other page", account=learner.account)
    given = dict(re.findall(r"export (\w+)=(\S+)", shown.found(r'id="key-bash">([^<]+)<')))
    session = boto3.Session(
        given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"], region_name=given["AWS_DEFAULT_REGION"]
    )

    def client(service: str) -> Any:
        return session.client(service, endpoint_url=given["AWS_ENDPOINT_URL"])

    _empty(client)
    _fill(client, many)


def _empty(client: Callable[[str], Any]) -> None:
    """Delete every pool, role, key, object, table and parameter."""
    identity, users, iam = client("cognito-identity"), client("cognito-idp"), client("iam")
    for pool in identity.list_identity_pools(MaxResults=60)["IdentityPools"]:
        identity.delete_identity_pool(IdentityPoolId=pool["IdentityPoolId"])
    for pool in users.list_user_pools(MaxResults=60)["UserPools"]:
        _try(users.delete_user_pool_domain, UserPoolId=pool["Id"], Domain=_domain(users, pool["Id"]))
        users.delete_user_pool(UserPoolId=pool["Id"])
    for role in iam.list_roles(MaxItems=1000)["Roles"]:
        name = role["RoleName"]
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=policy)
        for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
        iam.delete_role(RoleName=name)
    for provider in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=provider["Arn"])
    s3, tables, ssm = client("s3"), client("dynamodb"), client("ssm")
    for bucket in s3.list_buckets()["Buckets"]:
        for entry in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", []):
            s3.delete_object(Bucket=bucket["Name"], Key=entry["Key"])
        s3.delete_bucket(Bucket=bucket["Name"])
    for table in tables.list_tables()["TableNames"]:
        tables.delete_table(TableName=table)
    for parameter in ssm.describe_parameters()["Parameters"]:
        ssm.delete_parameter(Name=parameter["Name"])


def _domain(users: Any, pool_id: str) -> str:
    return str(users.describe_user_pool(UserPoolId=pool_id)["UserPool"].get("Domain", "none"))


def _fill(client: Callable[[str], Any], many: int) -> None:
    """Make `many` of everything, or as many as are allowed."""
    identity, users, iam = client("cognito-identity"), client("cognito-idp"), client("iam")
    s3, tables, ssm = client("s3"), client("dynamodb"), client("ssm")
    trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}]}'
    bucket = f"too-much-{time.time_ns()}"
    s3.create_bucket(Bucket=bucket)
    for turn in range(many):
        _try(identity.create_identity_pool, IdentityPoolName=f"Too {turn}", AllowUnauthenticatedIdentities=True)
        _try(users.create_user_pool, PoolName=f"Too {turn}")
        _try(iam.create_role, RoleName=f"Too{turn}", AssumeRolePolicyDocument=trust)
        _try(s3.put_object, Bucket=bucket, Key=f"{turn}", Body=b"x" * 200_000)
        _try(ssm.put_parameter, Name=f"/too/{turn}", Value="x" * 4000, Type="String")
        _try(
            tables.create_table,
            TableName=f"Too{turn}",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )


def _try(operation: Callable[..., Any], **params: Any) -> None:
    """Whether it is allowed is none of our business."""
    try:
        operation(**params)
    except ClientError:
        return


def _whole_again(learner: Learner) -> None:
    learner.browser.get("/demo/?access=guest&flow=enhanced&pool=lab", "other page")
    _working_run(learner)


# --- What the parts have in common ------------------------------------------------------------------------------------


def _evenly(things: Sequence[Any], do: Callable[[Any], None], seconds: float) -> None:
    """`do` with each of them in a thread of its own, begun evenly over `seconds`. Raises what the first one raises."""
    begun = time.monotonic() + 0.2
    failures: list[BaseException] = []

    def work(number: int, thing: Any) -> None:
        try:
            time.sleep(max(0.0, begun + number * seconds / len(things) - time.monotonic()))
            do(thing)
        except BaseException as error:  # noqa: BLE001 - a thread's failure is raised again by the caller below
            failures.append(error)

    threads = [threading.Thread(target=work, args=numbered) for numbered in enumerate(things)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def _all_well(answers: Iterable[Answer]) -> None:
    bad = [f"{one.who}: {one.page.path} {one.page.status}" for one in answers if one.page.status not in (200, 204)]
    assert bad == [], bad[:5]


def _nobody_sees_anothers(answers: Iterable[Answer], learners: Sequence[Learner]) -> None:
    """No page of anybody names another's account or name."""
    owners = {learner.account: learner.name for learner in learners}
    for one in answers:
        others = {
            owners[number] for number in _ACCOUNT.findall(one.page.text) if owners.get(number, one.who) != one.who
        }
        names = set(re.findall(r"Learner \d{3}", one.page.text)) - {one.who}
        assert not others | names, f"{one.who} sees something of {others | names} at {one.page.path}"


def _runs_are_their_own(learners: Sequence[Learner], runs: dict[str, str]) -> None:
    """Each run is one of its maker's pool, with an identity of its own, and no other opens it."""
    identities = set()
    for number, learner in enumerate(learners):
        path = "/".join(runs[learner.name].split("/")[:3])
        export = learner.browser.get(f"{path}/export.json", "export", swaps="none")
        assert '"outcome": "succeeded"' in export.text, export.text[:300]
        assert learner.account in export.text
        identities.add(export.found(r'"identity_id": "([^"]+)"'))
        neighbour = learners[(number + 1) % len(learners)]
        if neighbour is not learner:
            assert neighbour.browser.get(f"{path}/export.json", "export", swaps="none").status == 404
    assert len(identities) == len(learners)


def _p95(what: str, answers: Sequence[Answer], most: float, machine: Machine) -> Figure:
    seconds = [one.page.seconds for one in answers]
    found = _quantile(seconds)
    value = (
        f"p95 {found:.2f} s, median {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s ({len(seconds)})"
    )
    return Figure(what, f"p95 ≤ {most:.1f} s", value, found <= most, machine.words)


def _quantile(seconds: Sequence[float], part: float = 0.95) -> float:
    """The value that `part` of them do not exceed."""
    return sorted(seconds)[max(0, math.ceil(len(seconds) * part) - 1)]


def _busy_seconds() -> float:
    """Of all processors together, since the machine started; what a host took away (steal) counts as others'."""
    fields = [int(each) for each in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    user, nice, system, _, _, irq, soft, steal = fields[:8]
    return (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")


def _own_seconds(site: Served) -> float:
    times = os.times()
    return times.user + times.system + sum(site.processor_seconds().values())


def _print_table(tables: dict[str, list[Figure]]) -> None:
    names = list(tables)
    print(f"\n| what | target | {' | '.join(names)} |\n|---|---|{'---|' * len(names)}")
    for rows in zip(*tables.values(), strict=True):
        values = " | ".join(f"{'' if row.kept else '**missed** '}{row.value} ({row.load})" for row in rows)
        print(f"| {rows[0].what} | {rows[0].target} | {values} |")
