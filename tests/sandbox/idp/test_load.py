"""Many people at once: none is lost, none gets another's token, and a code is worth one token however many ask."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.idp.sign_in.people import PEOPLE
from sandbox.idp.stand_ins import STAND_INS
from tests.sandbox.idp.driver import Sign, StandIns, issuers

SLUGS = ("google", "apple", "userpool", "oidc")


@pytest.mark.slow
def test_forty_sign_ins_from_eight_threads(stand_ins: StandIns) -> None:
    def one(number: int) -> tuple[object, str]:
        slug, person = SLUGS[number % len(SLUGS)], list(PEOPLE)[number % len(PEOPLE)]
        sign = Sign(stand_ins, issuers(stand_ins)[slug])
        return sign.verified(sign.tokens(person)["id_token"])["sub"], STAND_INS[slug].subject(PEOPLE[person])

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(one, range(40)))
    assert all(got == expected for got, expected in results)


def test_a_code_in_a_race_is_worth_one_token(generic: Sign) -> None:
    code = generic.code()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: generic.exchange(code).status_code, range(8)))
    assert sorted(answers) == [200, *[400] * 7]
