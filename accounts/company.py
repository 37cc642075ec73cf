"""The company's sign-in, as accounts see it: whose identity is it, and which rights do its groups give?

An identity is an issuer and a subject. An e-mail address or a name in the token never finds an account: they would let
in whoever is given the address next, or types it at an issuer that does not ask.

Who may do what is in the hands of the company where a group is set for it: at each sign-in its groups give rights, and
take those that they gave before. What an account has from an administrator here stays.
"""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.db import IntegrityError
from django.db.transaction import atomic
from django.utils import timezone

from accounts.models import SEAT, CompanyIdentity, User

NEEDED = ("COMPANY_ISSUER", "COMPANY_CLIENT_ID", "COMPANY_CLIENT_SECRET")
# What a group of the company may give -> the setting that names the group. Nothing makes a superuser.
GROUP_SETTINGS: Mapping[str, str] = {
    "trainer": "COMPANY_TRAINERS",
    "reviewer": "COMPANY_REVIEWERS",
    "staff": "COMPANY_STAFF",
}
# Of those, the ones that are a group here; `staff` is a flag of the account.
_GROUPS: Mapping[str, str] = {"trainer": "Trainers", "reviewer": "Reviewers"}
# In a session that the company's sign-in opened: the address at which it signs people out there, or nothing.
SIGN_OUT_AT_COMPANY = "sign_out_at_company"
LONGEST = 255  # OpenID Connect Core 1.0, section 2: a subject has at most 255 ASCII characters
_NUMBERED = 20  # names such as ana-2 that are tried before one that cannot be guessed


class NotEntered(Exception):
    """The company knows who it is, and no account is entered all the same. Its text is meant for the person.

    Attributes:
        code: by which the history and its advice know the reason.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class CompanyPerson:
    """Who signed in at the company, by a verified ID token.

    Attributes:
        issuer: without a slash at its end, which some providers spell and some settings leave out.
        name: what the account is called that is made for them; it finds none.
        email: only to see that an account of their own may be waiting to be linked.
        rights: what their groups give, of GROUP_SETTINGS.
    """

    issuer: str
    subject: str
    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    rights: Set[str] = frozenset()


def is_set_up() -> bool:
    """Whether there is a company's sign-in."""
    return all(getattr(settings, name) for name in NEEDED)


def gives_rights_to(user: User) -> bool:
    """Whether the account has rights by the company's groups: then only the company's sign-in opens it.

    A password would open it with those rights, for weeks, and nobody would ask the company whether it still gives them.
    """
    return is_set_up() and user.company_identities.exclude(rights=[]).exists()


def account_enter(person: CompanyPerson) -> User:
    """The account of that identity, made now where the identity is new, with the rights that its groups give.

    Raises:
        NotEntered
    """
    _require_storable(person)
    with atomic():
        identity = _find(person) or _make(person)
        if not identity.user.is_active:
            text = "Your account on this site has been closed. Ask the people who run this site."
            raise NotEntered("account_inactive", text)
        _seen(identity, person)
    return identity.user


def account_link(user: User, person: CompanyPerson) -> None:
    """From now on the company's sign-in enters that account: its owner, or who runs the site, asked for it.

    Raises:
        NotEntered
    """
    _require_storable(person)
    with atomic():
        identity = _find(person)
        if identity is not None and identity.user_id != user.pk:
            text = f"This identity at {settings.COMPANY_NAME} belongs to another account of this site already."
            raise NotEntered("identity_of_another_account", text)
        if identity is None and user.company_identities.filter(issuer=person.issuer).exists():
            text = f"Your account is linked to another identity at {settings.COMPANY_NAME} already."
            raise NotEntered("account_linked_already", text)
        if identity is None:
            _identity_of(user, person)


def account_unlink(identity: CompanyIdentity) -> None:
    """The company's sign-in enters the account no more, and what its groups gave goes with it."""
    with atomic():
        _set_rights(identity, frozenset())
        identity.delete()


def _require_storable(person: CompanyPerson) -> None:
    if not person.subject or not all(
        len(value) <= LONGEST and value.isprintable() for value in (person.issuer, person.subject)
    ):
        raise NotEntered("unusable_subject", "The ID token names somebody in a way that cannot be kept.")


def _find(person: CompanyPerson) -> CompanyIdentity | None:
    """Compared byte by byte, as databases compare these columns."""
    found = CompanyIdentity.objects.select_for_update(of=("self",)).select_related("user")
    return found.filter(issuer=person.issuer, subject=person.subject).first()


def _make(person: CompanyPerson) -> CompanyIdentity:
    """A new account without a password. Of two sign-ins of one person at once, the second enters the first's."""
    _require_no_waiting_account(person)
    for name in _names(person.name):
        try:
            with atomic():
                user = User(username=name)
                user.set_unusable_password()
                user.save(force_insert=True)
                return _identity_of(user, person)
        except IntegrityError:
            if identity := _find(person):
                return identity
    raise NotEntered("no_name", "No name could be found for a new account. Try again.")


def _require_no_waiting_account(person: CompanyPerson) -> None:
    """An account that was made here and has this address may be theirs. It is not entered by that, nor passed over."""
    if person.email and User.objects.filter(email__iexact=person.email, company_identities=None).exists():
        raise NotEntered(
            "email_in_use",
            "An account of this site has your e-mail address and is not linked to the company’s sign-in. An address "
            "does not prove that it is yours, so that it was not entered.",
        )


def _identity_of(user: User, person: CompanyPerson) -> CompanyIdentity:
    return CompanyIdentity.objects.create(user=user, issuer=person.issuer, subject=person.subject)


def _names(wanted: str) -> Iterator[str]:
    """Free names for a new account, the wanted one first."""
    name = re.sub(r"[^\w.@+-]+", ".", wanted).strip(".")[:120] or "person"
    if name.startswith(SEAT):  # those belong to seats of classes
        name = f"person-{name}"
    for number in range(1, _NUMBERED):
        candidate = name if number == 1 else f"{name}-{number}"
        if not User.objects.filter(username__iexact=candidate).exists():
            yield candidate
    yield f"{name}-{secrets.token_hex(4)}"


def _seen(identity: CompanyIdentity, person: CompanyPerson) -> None:
    _set_rights(identity, person.rights)
    identity.last_sign_in_at = timezone.now()
    identity.save(update_fields=["rights", "last_sign_in_at"])


def _set_rights(identity: CompanyIdentity, wanted: Set[str]) -> None:
    """Give what the groups give, and take what they gave once and do not give now.

    What was given by another issuer, which was the company's before, is looked at as if this one had given it.
    """
    user, others = identity.user, identity.user.company_identities.exclude(pk=identity.pk).exclude(rights=[])
    had = set(identity.rights).union(*others.values_list("rights", flat=True))
    others.update(rights=[])
    gives = {right for right in wanted if right in had or not _has_right(user, right)}
    for right in gives:
        _SWITCH.get(right, _switch_group)(user, right, True)
    for right in had - set(wanted):
        _SWITCH.get(right, _switch_group)(user, right, False)
    if gives != had:
        # A session that was opened by a password would keep the rights for weeks after the company took them.
        user.sessions_epoch += 1
        user.save(update_fields=["sessions_epoch"])
        _write_down(user, given=gives - had, taken=had - set(wanted))
    identity.rights = sorted(gives)


def _has_right(user: User, right: str) -> bool:
    return user.is_staff if right == "staff" else user.groups.filter(name=_GROUPS[right]).exists()


def _switch_staff(user: User, right: str, on: bool) -> None:
    user.is_staff = on
    user.save(update_fields=["is_staff"])


def _switch_group(user: User, right: str, on: bool) -> None:
    group, _ = Group.objects.get_or_create(name=_GROUPS[right])
    (user.groups.add if on else user.groups.remove)(group)


_SWITCH: Mapping[str, Callable[[User, str, bool], Any]] = {"staff": _switch_staff}


def _write_down(user: User, *, given: Set[str], taken: Set[str]) -> None:
    """In the account's history in the admin site."""
    parts = [f"{verb}: {', '.join(sorted(which))}" for verb, which in (("gave", given), ("took", taken)) if which]
    LogEntry.objects.log_actions(
        user.pk, [user], CHANGE, f"Groups of the company {'; '.join(parts)}.", single_object=True
    )
