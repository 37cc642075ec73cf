"""Changes in one's own account: each a real call of its administrator's, with what was there before and after.

A run of the flow `configure` holds one change: it reads, changes, and reads again. What was read stands in the run's
parameters (`before`, `after`), so that it can be shown, checked and set back.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from accounts.owners import Owner
from flows.exchange import clients, own_accounts
from flows.exchange.context import TemporaryCredentials
from flows.exchange.pools import Pool
from flows.models import Outcome, Run
from flows.services.by_hand import ADMINISTRATOR, CONFIGURE, ByHand, Stopped, by_hand
from flows.services.change_kinds import CHANGED, CLOCK, HIDDEN, ChangeKind, SendCall, State
from flows.services.errors import ChoiceRefused
from flows.services.made_kinds import MADE

Edit = Callable[[State], State]

KINDS: dict[str, ChangeKind] = {kind.key: kind for kind in (*CHANGED, *MADE)}
_READ_BEFORE, _CHANGE, _READ_AFTER = "read-before", "change", "read-after"


def pool_change(
    *,
    owner: Owner,
    pool: Pool,
    kind: str,
    target: Sequence[str],
    edit: Edit,
    title: str,
    sets_back: Run | None = None,
) -> Run:
    """Change one thing in the account of `pool`, for whoever has it; the run, however it ended.

    Args:
        edit: from the state that is found to the one that shall be.
        title: what the change does, for people: `Guest access switched off`.

    Raises:
        ChoiceRefused: the account is not theirs to change, it is like that already, or `edit` says so.
    """
    credentials = administrator(owner, pool)
    chosen = KINDS[kind]
    parameters: dict[str, Any] = {"kind": kind, "target": list(target), "title": title}
    if sets_back is not None:
        parameters["sets_back"] = sets_back.short_code
    refused: ChoiceRefused | None = None
    with by_hand(owner=owner, pool=pool, flow=CONFIGURE, access=ADMINISTRATOR, parameters=parameters) as hand:
        hand.journal.redactor.know(credentials.secret_access_key, "secret key")
        before = chosen.read(_sender(hand, pool, credentials, _READ_BEFORE), pool, target)
        try:
            wanted = edit(json.loads(json.dumps(before)))
            if wanted == before:
                raise ChoiceRefused("It is like that already, so nothing was changed.")
        except ChoiceRefused as problem:
            # Nothing was changed: the run does not stay.
            refused = problem
            Run.objects.filter(pk=hand.run.pk).delete()
            raise Stopped from None
        parameters["before"] = chosen.keep(before)
        Run.objects.filter(pk=hand.run.pk).update(parameters=parameters)
        chosen.write(_sender(hand, pool, credentials, _CHANGE), pool, target, before, wanted)
        parameters["after"] = chosen.keep(chosen.read(_sender(hand, pool, credentials, _READ_AFTER), pool, target))
        hand.end(Outcome.SUCCEEDED, parameters=parameters)
    if refused is not None:
        raise refused
    return hand.run


def pool_set_back(*, owner: Owner, pool: Pool, run: Run) -> Run:
    """Undo a change: what it changed is made as it was before; what others changed since stays.

    Raises:
        ChoiceRefused: the run is no change that was made, or what was there before is not known.
    """
    parameters = run.parameters
    if not can_be_set_back(run) or run.pool_id != pool.pool_id:
        raise ChoiceRefused("This change cannot be set back.")
    before, after = parameters["before"], parameters["after"]
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]

    def edit(current: State) -> State:
        wanted = {name: value for name, value in current.items() if name not in changed or name in before}
        for name in changed:
            if name in before:
                wanted[name] = _restored(before[name], current.get(name))
        return wanted

    return pool_change(
        owner=owner,
        pool=pool,
        kind=parameters["kind"],
        target=KINDS[parameters["kind"]].back(parameters["target"], before),
        edit=edit,
        title=f"Set back: {parameters['title']}"[:200],
        sets_back=run,
    )


def can_be_set_back(run: Run) -> bool:
    """Whether the run is a change of which everything is known that setting back takes."""
    before, after = run.parameters.get("before"), run.parameters.get("after")
    return bool(
        run.flow == CONFIGURE
        and run.outcome == Outcome.SUCCEEDED
        and run.parameters.get("kind") in KINDS
        and isinstance(before, dict)
        and isinstance(after, dict)
        and before != after
        # A deleted person's password was kept nowhere, nor a document that was too large.
        and not (run.parameters["kind"] == "person" and before.get("Exists"))
        and not (before.get("Exists") and HIDDEN in before.values())
    )


def administrator(owner: Owner, pool: Pool) -> TemporaryCredentials:
    """The key of the administrator of the pool's account, for whoever may change that.

    Raises:
        ChoiceRefused: they may not.
        NotDone: the sandbox does not answer.
    """
    own = next((one for one in own_accounts.accounts_of(owner) if one.account_id == pool.account_id), None)
    if own is None:
        raise ChoiceRefused("This identity pool is not in an account of yours, so you cannot change it.")
    if not own.writable:
        raise ChoiceRefused("This account can only be read now.")
    return own_accounts.administrator_of(owner, pool.account_id)


def _sender(hand: ByHand, pool: Pool, credentials: TemporaryCredentials, step: str) -> SendCall:
    def send(service: str, operation: str, /, **params: Any) -> Mapping[str, Any]:
        if service == "sandbox":
            method, path = CLOCK[operation]
            return hand.ask(operation, method, path, params, credentials, step=step)
        client = clients.client_for(service, pool.region, credentials, pool.account_id)
        answer = hand.send(client, operation, params, step=step)
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    return send


def _restored(before: Any, current: Any) -> Any:
    """What was before, with what was not kept taken from what is there now.

    Raises:
        ChoiceRefused: it is not there any more.
    """
    if before == HIDDEN or (isinstance(before, str) and before.endswith(HIDDEN)):
        if not isinstance(current, str):
            raise ChoiceRefused("What was there before holds a secret, which is not kept. Enter it again.")
        return current
    if isinstance(before, dict):
        held = current if isinstance(current, dict) else {}
        return {name: _restored(value, held.get(name)) for name, value in before.items()}
    return before
