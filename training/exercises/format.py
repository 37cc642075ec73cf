"""What stands in an exercise.toml, and its reading: unknown keys are mistakes, and each sentence says what is wrong."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from training.exercises.paths import BadPath, Path

SCHEMA = 1
MOST_PROBES = 8
MOST_HINTS = 3

USER_POOLS = "cognito-idp"  # the service
OPPONENT = "opponent"  # the second account that some exercises have, and its pool of the exercise
_LONGEST_KEY = 40  # of a pool, as addresses and rows have it

On = Literal["any_run", "last_run", "runs", "probe", "state", "question"]
Operator = Literal["eq", "ne", "has", "some", "none", "ge", "le", "startswith", "in"]

# What is judged of what the learner has done stays done. How things stand is judged anew until all of it is right.
SEEN: frozenset[str] = frozenset({"any_run", "last_run", "runs", "question"})
_ONS = ("any_run", "last_run", "runs", "probe", "state", "question")
_OPERATORS = ("eq", "ne", "has", "some", "none", "ge", "le", "startswith", "in")
_WITHOUT_VALUE = ("some", "none")
_SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_LONGEST_SLUG = 40


def opponents_key(key: str) -> str:
    """What the pages call a pool of the second account, by its key there: no other pool of one person has that key."""
    return f"{OPPONENT}-{key}"[:_LONGEST_KEY]


def is_opponents(pool: str) -> bool:
    """Whether a probe or a run names a pool of the second account."""
    return pool.partition("-")[0] == OPPONENT


class BadExercise(ValueError):
    """The exercise is not as the format describes it; the text says where and why, for its author."""


@dataclass(frozen=True, slots=True)
class Use:
    """A call that a probe makes with the credentials it was given; `{identity_id}` and the like are filled in."""

    service: str
    operation: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Probe:
    """One exchange that the system makes at the learner's account, to see how things stand.

    Attributes:
        access: `guest` or `authenticated`.
        flow: `enhanced` or `basic`.
        pool: whose identity asks: the exercise's own (empty), another of the account's by its key, or `opponent`: the
            exercise's pool in the second account, and `opponent-lab` one that this account has from the start.
        role: name of the role that is asked for: RoleArn in the basic flow, CustomRoleArn in the enhanced one.
        provider, person, claims: who signs in, and what the stand-in says about them instead of what it would say.
        client, password: with them the person signs in by API at the exercise's own user pool, of which the client is.
        before: calls to the user pool that the person makes with their access token before the exchange, for which they
            then sign in once more. What these change of the person's attributes is put back.
    """

    id: str
    title: str
    access: Literal["guest", "authenticated"] = "guest"
    flow: Literal["enhanced", "basic"] = "enhanced"
    pool: str = ""
    role: str = ""
    provider: str = ""
    person: str = ""
    claims: Mapping[str, Any] = field(default_factory=dict)
    client: str = ""
    password: str = field(default="", repr=False)
    before: tuple[Use, ...] = ()
    uses: tuple[Use, ...] = ()


@dataclass(frozen=True, slots=True)
class ExerciseCheck:
    """One thing that has to be so.

    Attributes:
        on: what it looks at: a trace of any run of the learner's, of the last one, all of them as a list, a probe's
            trace, the account's state; or a question that has been answered.
        where: for runs, which of them count.
        todo, done: the sentence while it is missing, and afterwards.
        show: the calls that prove it, as a path; by default what `path` finds, where that is calls.
        needs: ids of checks without which this one proves nothing yet.
        options, answer, because: of a question: what can be chosen, the number of the right one, and why.
    """

    id: str
    on: On
    todo: str
    done: str
    path: Path | None = None
    op: Operator = "some"
    value: Any = None
    where: Path | None = None
    show: Path | None = None
    probe: str = ""
    needs: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    answer: int = 0
    because: str = ""

    @property
    def stays(self) -> bool:
        """Whether it is done for good once it was seen."""
        return self.on in SEEN


@dataclass(frozen=True, slots=True)
class Environment:
    """What set_up makes, as the learner is told.

    Attributes:
        guest_role, user_role: names of the roles of the exercise's pool.
        roles, buckets, tables: what else belongs to the exercise, with those two.
        people: who can sign in, as keys of the cast.
        user_pool: name of the exercise's own user pool, where it has one.
        opponent: whether it needs a second account. What set_up makes there has names that are listed here as well.
    """

    guest_role: str = ""
    user_role: str = ""
    roles: tuple[str, ...] = ()
    buckets: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    user_pool: str = ""
    opponent: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise as its exercise.toml describes it."""

    slug: str
    version: int
    title: str
    summary: str
    level: int
    minutes: int
    modes: tuple[str, ...]
    concepts: tuple[str, ...]
    requires: tuple[str, ...]
    sources: tuple[str, ...]
    environment: Environment
    probes: tuple[Probe, ...]
    checks: tuple[ExerciseCheck, ...]

    @property
    def questions(self) -> tuple[ExerciseCheck, ...]:
        return tuple(check for check in self.checks if check.on == "question")

    def check(self, id: str) -> ExerciseCheck:
        """The check of that id.

        Raises:
            KeyError: there is none.
        """
        return next((check for check in self.checks if check.id == id), None) or _missing(id)

    def works_in(self, mode: str) -> bool:
        """Whether it can be done in `sandbox` or `aws` mode."""
        return mode in self.modes


def _missing(id: str) -> ExerciseCheck:
    raise KeyError(id)


def read_exercise(document: Mapping[str, Any]) -> Exercise:
    """The exercise that an exercise.toml describes.

    Raises:
        BadExercise: a member is unknown, missing or of another form, or names what is not there.
    """
    top = TomlTable(document, "exercise.toml")
    if top.integer("schema") != SCHEMA:
        raise BadExercise(f"schema: this version reads {SCHEMA}.")
    probes = tuple(probe_of(table) for table in top.tables("probe"))
    checks = tuple(_check(table) for table in top.tables("check"))
    exercise = Exercise(
        slug=top.text("slug"),
        version=top.integer("version"),
        title=top.text("title"),
        summary=top.text("summary"),
        level=top.integer("level"),
        minutes=top.integer("minutes"),
        modes=top.texts("mode"),
        concepts=top.texts("concepts", default=()),
        requires=top.texts("requires", default=()),
        sources=top.texts("sources", default=()),
        environment=_environment(top.table("environment")),
        probes=probes,
        checks=checks,
    )
    top.finished()
    _hold_together(exercise)
    return exercise


def _environment(table: "TomlTable") -> Environment:
    made = Environment(
        guest_role=table.text("guest_role", default=""),
        user_role=table.text("user_role", default=""),
        roles=table.texts("roles", default=()),
        buckets=table.texts("buckets", default=()),
        tables=table.texts("tables", default=()),
        people=table.texts("people", default=()),
        user_pool=table.text("user_pool", default=""),
        opponent=table.flag("opponent"),
        notes=table.texts("notes", default=()),
    )
    table.finished()
    return made


def use_of(table: "TomlTable") -> Use:
    """The call that a table describes.

    Raises:
        BadExercise
    """
    use = Use(table.text("service"), table.text("operation"), table.mapping("params"))
    table.finished()
    return use


def probe_of(table: "TomlTable") -> Probe:
    """The exchange that a table describes.

    Raises:
        BadExercise
    """
    probe = Probe(
        id=table.text("id"),
        title=table.text("title"),
        access=cast(Literal["guest", "authenticated"], table.one_of("access", ("guest", "authenticated"), "guest")),
        flow=cast(Literal["enhanced", "basic"], table.one_of("flow", ("enhanced", "basic"), "enhanced")),
        pool=table.text("pool", default=""),
        role=table.text("role", default=""),
        provider=table.text("provider", default=""),
        person=table.text("person", default=""),
        claims=table.mapping("claims"),
        client=table.text("client", default=""),
        password=table.text("password", default=""),
        before=tuple(_own_call(each) for each in table.tables("before")),
        uses=tuple(use_of(each) for each in table.tables("use")),
    )
    table.finished()
    signs_in = probe.access == "authenticated"
    if signs_in != bool(probe.provider) or signs_in != bool(probe.person):
        raise table.wrong("provider", "and person are named for people who sign in, and for no guest")
    if probe.client and (probe.provider != "user-pool" or not probe.password or probe.pool or probe.claims):
        raise table.wrong("client", "is for the provider user-pool, with a password, without pool and claims")
    if (probe.before or probe.password) and not probe.client:
        raise table.wrong("before", "and password are for people who sign in with a client")
    return probe


def _own_call(table: "TomlTable") -> Use:
    """A call that somebody makes about themselves; their access token is put in."""
    call = Use(USER_POOLS, table.text("operation"), table.mapping("params"))
    table.finished()
    return call


def _check(table: "TomlTable") -> ExerciseCheck:
    on = cast(On, table.one_of("on", _ONS))
    is_question = on == "question"
    op = cast(Operator, table.one_of("op", _OPERATORS, "some"))
    check = ExerciseCheck(
        id=table.text("id"),
        on=on,
        todo=table.text("todo"),
        done=table.text("done"),
        path=None if is_question else table.path("path"),
        op=op,
        value=table.anything("value"),
        where=table.path("where", optional=True),
        show=table.path("show", optional=True),
        probe=table.text("probe", default=""),
        needs=table.texts("needs", default=()),
        options=table.texts("options", default=()),
        answer=table.integer("answer", default=0),
        because=table.text("because", default=""),
    )
    table.finished()
    if not is_question and (check.value is None) != (op in _WITHOUT_VALUE):
        raise table.wrong("value", f"goes with every operator but {' and '.join(_WITHOUT_VALUE)}")
    if check.where is not None and on not in ("any_run", "last_run"):
        raise table.wrong("where", "chooses among runs")
    if is_question != bool(check.options) or (is_question and not 1 <= check.answer <= len(check.options)):
        raise table.wrong("options", "and the number of the answer belong to a question")
    return check


def _hold_together(exercise: Exercise) -> None:
    """What one member says of another is so."""
    if not _SLUG.fullmatch(exercise.slug) or len(exercise.slug) > _LONGEST_SLUG:
        raise BadExercise("slug: lower case letters, digits and single hyphens, at most 40.")
    if not set(exercise.modes) <= {"sandbox", "aws"} or "sandbox" not in exercise.modes:
        raise BadExercise("mode: sandbox, and aws where it works on a configured pool as well.")
    if exercise.minutes < 1 or exercise.version < 1 or not 0 <= exercise.level <= 3:
        raise BadExercise("version and minutes are at least 1, level is 0 to 3.")
    if len(exercise.probes) > MOST_PROBES:
        raise BadExercise(f"probe: at most {MOST_PROBES}.")
    if not exercise.checks:
        raise BadExercise("check: there is none, so it could never be solved.")
    _unique("probe", [probe.id for probe in exercise.probes])
    ids = [check.id for check in exercise.checks]
    _unique("check", ids)
    probes = {probe.id for probe in exercise.probes}
    for number, check in enumerate(exercise.checks):
        if (check.on == "probe") != bool(check.probe) or (check.probe and check.probe not in probes):
            raise BadExercise(f"check {check.id}: probe names none of the exercise's probes.")
        if not set(check.needs) <= set(ids[:number]):
            raise BadExercise(f"check {check.id}: needs names checks that stand before it.")
        if "aws" in exercise.modes and check.on in ("probe", "state"):
            raise BadExercise(f"check {check.id}: on AWS there are runs to look at, and nothing else.")
    if unused := probes - {check.probe for check in exercise.checks}:
        raise BadExercise(f"probe {unused.pop()}: no check looks at it.")
    if not exercise.environment.user_pool and any(probe.client for probe in exercise.probes):
        raise BadExercise("environment: a probe signs in at the exercise's user pool, and user_pool names none.")
    _opponent(exercise)


def _opponent(exercise: Exercise) -> None:
    """A second account is asked for by who uses it, and used by who asks for it."""
    if is_opponents(exercise.slug):
        raise BadExercise(f"slug: {OPPONENT} is what pools of the second account are called.")
    probing = [probe.id for probe in exercise.probes if is_opponents(probe.pool)]
    paths = (path for check in exercise.checks for path in (check.path, check.where, check.show) if path)
    naming = any(f"{{{OPPONENT}_" in path.text for path in paths)
    if exercise.environment.opponent and exercise.modes != ("sandbox",):
        raise BadExercise("environment: on AWS there is no second account.")
    if exercise.environment.opponent and not probing and not naming:
        raise BadExercise("environment: no probe is made from the second account, and no check names it.")
    if not exercise.environment.opponent and (probing or naming):
        what = f"probe {probing[0]}" if probing else "check"
        raise BadExercise(f"{what}: there is no second account; environment has no opponent.")


def _unique(what: str, names: Sequence[str]) -> None:
    for name in names:
        if not _SLUG.fullmatch(name) or len(name) > _LONGEST_SLUG:
            raise BadExercise(f"{what} {name}: ids are lower case words with hyphens.")
        if names.count(name) > 1:
            raise BadExercise(f"{what} {name}: there are two of that id.")


class TomlTable:
    """One table of the TOML, whose members are taken one by one; what is left in the end is unknown."""

    def __init__(self, members: Mapping[str, Any], name: str) -> None:
        self._left = dict(members)
        self._name = f"{name} {members['id']}" if isinstance(members.get("id"), str) else name

    def wrong(self, member: str, why: str) -> BadExercise:
        return BadExercise(f"{self._name}: {member} {why}.")

    def finished(self) -> None:
        if self._left:
            raise BadExercise(f"{self._name}: {', '.join(self._left)}: no such member.")

    def text(self, member: str, *, default: str | None = None) -> str:
        return cast(str, self._take(member, str, default))

    def integer(self, member: str, *, default: int | None = None) -> int:
        found = self._take(member, int, default)
        if isinstance(found, bool):
            raise self.wrong(member, "is a number")
        return cast(int, found)

    def flag(self, member: str) -> bool:
        return cast(bool, self._take(member, bool, False))

    def anything(self, member: str) -> Any:
        return self._left.pop(member, None)

    def mapping(self, member: str) -> Mapping[str, Any]:
        return cast(Mapping[str, Any], self._take(member, dict, {}))

    def texts(self, member: str, *, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        found = self._take(member, list, None if default is None else list(default))
        if not all(isinstance(entry, str) and entry for entry in found):
            raise self.wrong(member, "is a list of texts")
        return tuple(found)

    def one_of(self, member: str, allowed: Sequence[str], default: str | None = None) -> str:
        found = self.text(member, default=default)
        if found not in allowed:
            raise self.wrong(member, f"is one of {', '.join(allowed)}")
        return found

    def path(self, member: str, *, optional: bool = False) -> Path | None:
        text = self.text(member, default="" if optional else None)
        try:
            return Path(text) if text else None
        except BadPath as bad:
            raise self.wrong(member, str(bad)) from None

    def table(self, member: str) -> "TomlTable":
        return TomlTable(self.mapping(member), member)

    def tables(self, member: str) -> list["TomlTable"]:
        found = self._take(member, list, [])
        if not all(isinstance(entry, dict) for entry in found):
            raise self.wrong(member, "is a list of tables")
        return [TomlTable(entry, member) for entry in found]

    def _take(self, member: str, kind: type, default: Any) -> Any:
        if member not in self._left and default is not None:
            return default
        found = self._left.pop(member, None)
        if not isinstance(found, kind) or found == "":
            raise self.wrong(member, "is missing" if found is None else f"is not of the right form ({kind.__name__})")
        return found
