"""How people get into a class: by its code, by their return code, or because a trainer lets them back in.

Seats are given out by inserting: the lowest number that seems free, and if somebody else was faster the database says
so and the next one is tried. Nothing is counted. A class lets one in after the other, so that a name is compared with
all that are there.
"""

import re
import secrets
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import SEAT, User
from training.models import (
    Cohort,
    CohortState,
    Membership,
    NameStyle,
    ReturnRequest,
    Role,
    SandboxAccount,
    SeatName,
)
from training.models.cohorts import MOST_NAMES, NAME_LENGTH
from training.services import codes
from training.services.errors import Full, NameTaken, NoSuchCode, NotOpen, Refused
from training.services.pseudonyms import new_pseudonym
from training.services.sandbox_accounts import want_accounts
from training.services.versions import touch

_MOST_WAITING = 3  # browsers for one name: whoever drops a cookie is another browser
# Letters without ink, by which nobody could be called or clicked; and more marks on one letter than any script has.
_UNSEEN = re.compile(
    "[\u115f\u1160\u2800\u3164\uffa0]|[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{5}"
)
_SAME_FORM = timedelta(minutes=1)  # in which a browser that joins again has pressed the button twice


def cohort_of_code(text: str) -> Cohort:
    """The class of a join code, however it was typed.

    Raises:
        NoSuchCode
    """
    code = codes.normalised(text)
    if len(code) != codes.JOIN_LENGTH:
        raise NoSuchCode
    cohort = Cohort.objects.filter(join_digest=codes.join_digest(code)).first()
    if cohort is None:
        raise NoSuchCode
    return cohort


def check_open(cohort: Cohort) -> None:
    """Pass for a class that takes people in now.

    Raises:
        NotOpen: with the reason.
    """
    now = timezone.now()
    if cohort.state == CohortState.DRAFT:
        raise NotOpen("This class has not been opened yet. Try again when the trainer says so.")
    if cohort.state != CohortState.OPEN or (cohort.ends_at is not None and cohort.ends_at <= now):
        raise NotOpen(
            "This class has ended, so nobody can join it any more. People who were in it come back with their "
            "return code."
        )
    if not cohort.join_open or (cohort.join_expires_at is not None and cohort.join_expires_at <= now):
        raise NotOpen("Joining is closed for now. Ask the trainer to open it again.")


def clean_names(given: Sequence[str]) -> list[str]:
    """Up to three names, without blanks around and between.

    Raises:
        Refused: none, too many, too long, twice the same, or with characters that no name has.
    """
    names = [found for text in given if (found := " ".join(text.split()))]
    if not names:
        raise Refused("Enter a name by which others in the room know you.")
    if len(names) > MOST_NAMES:
        raise Refused(f"At most {MOST_NAMES} people can share a seat.")
    if any(len(name) > NAME_LENGTH for name in names):
        raise Refused(f"A name has at most {NAME_LENGTH} characters here.")
    if not all(name.isprintable() and not _UNSEEN.search(unicodedata.normalize("NFD", name)) for name in names):
        raise Refused("The name has characters that cannot be shown.")
    if len({name.casefold() for name in names}) != len(names):
        raise Refused("Two of the names are the same.")
    return names


def join(
    cohort: Cohort, names: Sequence[str], *, again: bool = False, people: int = 1, visitor: UUID | None = None
) -> SeatName:
    """Take a seat under these names, with an account of the site that is made for it; returns the first name's row.

    One after the other: two who come at once under one name are two, and one who presses the button twice is one.

    Args:
        visitor: of the browser that joins. One that has just joined gets the seat that it has.
        again: somebody of that name is here, and this is another person: the name gets a number.
        people: how many share the seat, where names are made up.

    Raises:
        NotOpen, Full, NameTaken, Refused
    """
    check_open(cohort)
    made_up = cohort.names == NameStyle.PSEUDONYM
    names = [] if made_up else clean_names(names)
    with transaction.atomic():
        Cohort.objects.select_for_update().get(pk=cohort.pk)
        if found := _joined_just_now(cohort, visitor):
            return found
        if not made_up:
            names = _free_names(cohort, names, again=again)
        for seat in _seats(cohort):
            try:
                with transaction.atomic():
                    return _take(cohort, seat, names, made_up=made_up, people=people, visitor=visitor)
            except IntegrityError:
                continue  # somebody with an account of the site was faster
    raise Full(cohort.seats)


def _joined_just_now(cohort: Cohort, visitor: UUID | None) -> SeatName | None:
    """The first name of the seat that this browser took a moment ago, by the same form."""
    if visitor is None:
        return None
    seats = Membership.objects.filter(cohort=cohort, joined_by=visitor, joined_at__gt=timezone.now() - _SAME_FORM)
    return SeatName.objects.filter(membership__in=seats, position=1).select_related("membership__user").first()


def join_with_account(cohort: Cohort, user: User) -> Membership:
    """Take a seat with an account of the site; who has one already keeps it.

    Raises:
        NotOpen, Full, Refused
    """
    if found := Membership.objects.filter(cohort=cohort, user=user).first():
        choose(found)
        return found
    check_open(cohort)
    name = str(user)
    if cohort.names == NameStyle.PSEUDONYM:
        name = new_pseudonym(_pseudonyms(cohort))
    else:
        (name,) = _free_names(cohort, [name[:NAME_LENGTH]], again=True)
    for seat in _seats(cohort):
        try:
            with transaction.atomic():
                return _sit_down(cohort, seat, user, name, [name], made_for_seat=False)
        except IntegrityError:
            if found := Membership.objects.filter(cohort=cohort, user=user).first():
                return found
    raise Full(cohort.seats)


def add_name(membership: Membership, text: str) -> SeatName:
    """Have one more person share the seat, with a return code of their own.

    Raises:
        Refused: the seat is full, is somebody's own account's, or the name is there.
    """
    if not membership.made_for_seat:
        raise Refused("This seat was taken with an account of the site, which nobody else can enter.")
    (name,) = clean_names([text])
    for _ in range(MOST_NAMES):  # whoever is quicker with a place leaves one less
        present = list(membership.seat_names.all())
        if len(present) >= MOST_NAMES:
            break
        if name.casefold() in {one.name.casefold() for one in present}:
            raise Refused(f"{name} is at this seat already.")
        position = min(set(range(1, MOST_NAMES + 1)) - {one.position for one in present})
        with suppress(IntegrityError), transaction.atomic():
            added = SeatName.objects.create(membership=membership, position=position, name=name)
            _rename(membership)
            touch(membership.cohort_id)
            return added
    raise Refused(f"At most {MOST_NAMES} people can share a seat.")


def seat_of_return_code(text: str) -> SeatName:
    """Whose return code this is. Codes rest nowhere, so each one that is good now is made and compared.

    Raises:
        NoSuchCode
    """
    code = codes.normalised(text)
    if len(code) != codes.RETURN_LENGTH:
        raise NoSuchCode
    names = (
        SeatName.objects.filter(membership__made_for_seat=True)
        .exclude(membership__cohort__state=CohortState.ARCHIVED)
        .only("key", "return_epoch")
    )
    for name in names.iterator(chunk_size=2000):
        if codes.is_return_code(name, code):
            return SeatName.objects.select_related("membership__user", "membership__cohort").get(pk=name.pk)
    raise NoSuchCode


def renew_return_code(name: SeatName) -> str:
    """Make a new return code, and sign every browser out of the seat; the code before opens nothing. Returns the new
    one.

    Whoever came in by the old one would read the new one on the seat's page.
    """
    with transaction.atomic():
        name.return_epoch += 1
        name.save(update_fields=["return_epoch"])
        user = name.membership.user
        if name.membership.made_for_seat:
            user.set_unusable_password()  # another one each time, and sessions are good for one password
            user.save(update_fields=["password"])
    return codes.return_code(name)


def ask_to_return(cohort: Cohort, text: str, visitor: UUID) -> ReturnRequest:
    """Ask the trainers to let this browser into the seat of that name.

    Raises:
        Refused: nobody of that name is here, the seat is an account's of the site, or enough browsers are waiting.
    """
    wanted = " ".join(text.split()).casefold()
    for name in SeatName.objects.filter(membership__cohort=cohort).select_related("membership"):
        if name.name.casefold() == wanted:
            if not name.membership.made_for_seat:
                raise Refused(f"{name.name} joined with an account of this site: sign in to it instead.")
            waiting = ReturnRequest.objects.filter(seat_name=name, state=ReturnRequest.State.WAITING)
            if waiting.exclude(visitor=visitor).count() >= _MOST_WAITING:
                raise Refused(f"Several browsers are waiting to be {name.name} already. Speak to the trainer.")
            with transaction.atomic():
                request, made = ReturnRequest.objects.get_or_create(
                    seat_name=name, visitor=visitor, state=ReturnRequest.State.WAITING
                )
                if made:
                    touch(cohort.pk)
            return request
    raise Refused(
        "Nobody of that name is in this class. Check how you wrote it the first time, or join as somebody new."
    )


def decide_return(request: ReturnRequest, user: User, *, granted: bool) -> bool:
    """Let somebody back in, or not; returns False where it was decided before."""
    state = ReturnRequest.State.GRANTED if granted else ReturnRequest.State.DENIED
    with transaction.atomic():
        waiting = ReturnRequest.objects.filter(pk=request.pk, state=ReturnRequest.State.WAITING)
        decided = waiting.update(state=state, decided_by=user, decided_at=timezone.now())
        touch(request.seat_name.membership.cohort_id)
    return bool(decided)


def use_return(request: ReturnRequest) -> bool:
    """Take a grant, once."""
    granted = ReturnRequest.objects.filter(pk=request.pk, state=ReturnRequest.State.GRANTED)
    return bool(granted.update(state=ReturnRequest.State.USED))


def choose(membership: Membership) -> None:
    """Work in this class from now on."""
    membership.chosen_at = timezone.now()
    membership.save(update_fields=["chosen_at"])


def renew_join_code(cohort: Cohort) -> None:
    """Make a new join code and link; those before open nothing."""
    while True:
        cohort.join_epoch += 1
        if _keep_digest(cohort):
            return


def keep_join_code(cohort: Cohort) -> None:
    """Write down the digest of the class's code where it is missing, or was made with another secret key."""
    if cohort.join_digest != codes.join_digest(codes.join_code(cohort)) and not _keep_digest(cohort):
        renew_join_code(cohort)


def _keep_digest(cohort: Cohort) -> bool:
    """Whether the code is nobody else's."""
    cohort.join_digest = codes.join_digest(codes.join_code(cohort))
    try:
        with transaction.atomic():
            cohort.save(update_fields=["join_epoch", "join_digest"])
            touch(cohort)
    except IntegrityError:
        return False
    return True


def _seats(cohort: Cohort) -> Sequence[int]:
    """The seats that seem free, the lowest first; each is looked up when it is tried."""
    taken = set(Membership.objects.filter(cohort=cohort, seat__isnull=False).values_list("seat", flat=True))
    return [seat for seat in range(1, cohort.seats + 1) if seat not in taken]


def _take(
    cohort: Cohort, seat: int, names: Sequence[str], *, made_up: bool, people: int, visitor: UUID | None
) -> SeatName:
    if made_up:
        pseudonym = new_pseudonym(_pseudonyms(cohort))
        parts = min(max(people, 1), MOST_NAMES)
        names = [pseudonym] if parts == 1 else [f"{pseudonym} {number}" for number in range(1, parts + 1)]
    user = User(username=f"{SEAT}{secrets.token_hex(8)}", first_name=", ".join(names)[:150])
    user.set_unusable_password()
    user.save()
    shown = pseudonym if made_up else ", ".join(names)
    membership = _sit_down(cohort, seat, user, shown, names, made_for_seat=True, visitor=visitor)
    return SeatName.objects.select_related("membership__user").get(membership=membership, position=1)


def _sit_down(
    cohort: Cohort,
    seat: int,
    user: User,
    shown: str,
    names: Sequence[str],
    *,
    made_for_seat: bool,
    visitor: UUID | None = None,
) -> Membership:
    membership = Membership.objects.create(
        cohort=cohort,
        user=user,
        role=Role.LEARNER,
        seat=seat,
        display_name=shown[:200],
        pseudonym=shown[:40] if cohort.names == NameStyle.PSEUDONYM else "",
        made_for_seat=made_for_seat,
        joined_by=visitor,
        last_seen_at=timezone.now(),
    )
    SeatName.objects.bulk_create(
        SeatName(membership=membership, position=position, name=name) for position, name in enumerate(names, 1)
    )
    accounts = SandboxAccount.objects.filter(cohort=cohort, seat=seat)
    if not accounts.update(membership=membership):
        want_accounts(cohort, [seat])
    touch(cohort.pk)
    return membership


def _rename(membership: Membership) -> None:
    names = list(membership.seat_names.values_list("name", flat=True))
    if not membership.pseudonym:
        membership.display_name = ", ".join(names)[:200]
        membership.save(update_fields=["display_name"])
        User.objects.filter(pk=membership.user_id).update(first_name=membership.display_name[:150])


def _free_names(cohort: Cohort, names: list[str], *, again: bool) -> list[str]:
    """The names as they can be in this class.

    Raises:
        NameTaken: one of them is there, and `again` does not say that this is another person.
    """
    present = {
        name.casefold() for name in SeatName.objects.filter(membership__cohort=cohort).values_list("name", flat=True)
    }
    found = []
    for name in names:
        if name.casefold() in present and not again:
            raise NameTaken(name)
        numbered, number = name, 2
        while numbered.casefold() in present:
            numbered, number = f"{name[: NAME_LENGTH - 6]} ({number})", number + 1
        found.append(numbered)
    return found


def _pseudonyms(cohort: Cohort) -> set[str]:
    return set(Membership.objects.filter(cohort=cohort).exclude(pseudonym="").values_list("pseudonym", flat=True))
