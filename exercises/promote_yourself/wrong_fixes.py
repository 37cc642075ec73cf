"""What people do instead of saying what users may write, or besides it."""

from exercises.promote_yourself.solve import WRITABLE, limit, set_tier
from training.exercises.hands import Learner

LEAVES = {
    "rule_deleted": ["leads-still-in", "no-way-round"],
    "only_what_lea_wrote_undone": ["website-closed", "phone-closed"],
    "only_one_app_client_limited": ["phone-closed"],
    "what_lea_wrote_left": ["lea-back"],
    "nothing_to_write_but_email": ["website-name", "phone-name"],
    "tier_on_the_list": ["website-closed", "phone-closed"],
}
CLIENTS = ("website", "phone")


def rule_deleted(learner: Learner) -> None:
    """Nobody is made a lead by a rule any more: leads are not, and the basic flow, which rules close, is open."""
    account = learner.account
    cognito = account.client("cognito-identity")
    roles = cognito.get_identity_pool_roles(IdentityPoolId=account.pool_id)["Roles"]
    cognito.set_identity_pool_roles(IdentityPoolId=account.pool_id, Roles=roles)


def only_what_lea_wrote_undone(learner: Learner) -> None:
    """Until she writes it again."""
    set_tier(learner, "lea", "member")


def only_one_app_client_limited(learner: Learner) -> None:
    """Each client has a list of its own, and people are the same at all of them."""
    limit(learner, "website", WRITABLE)
    set_tier(learner, "lea", "member")


def what_lea_wrote_left(learner: Learner) -> None:
    """Nobody can do it again, and who did it is a lead."""
    for client in CLIENTS:
        limit(learner, client, WRITABLE)


def nothing_to_write_but_email(learner: Learner) -> None:
    """Safe, and nobody can correct their own name."""
    for client in CLIENTS:
        limit(learner, client, ["email"])
    set_tier(learner, "lea", "member")


def tier_on_the_list(learner: Learner) -> None:
    """A list, with what it is all about on it."""
    for client in CLIENTS:
        limit(learner, client, [*WRITABLE, "custom:tier"])
    set_tier(learner, "lea", "member")
