"""What an exercise.toml may say, and what a folder has to hold."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from training.exercises import catalogue
from training.exercises.catalogue import OWN, read_folder
from training.exercises.format import BadExercise, read_exercise
from training.exercises.paths import BadPath
from training.exercises.paths import Path as JsonPath
from training.exercises.prose import rendered
from training.services.exercise_validation import mistakes

SMALL = """
schema = 1
slug = "small"
version = 1
title = "Small"
summary = "One check"
level = 1
minutes = 5
mode = ["sandbox"]
[environment]
[[probe]]
id = "guest"
title = "A guest"
[[check]]
id = "seen"
on = "any_run"
path = "outcome"
op = "eq"
value = "succeeded"
todo = "Run it."
done = "Ran."
[[check]]
id = "mended"
on = "probe"
probe = "guest"
path = "calls"
needs = ["seen"]
todo = "Mend it."
done = "Mended."
"""
SIGNS_IN = """
title = "Lea"
access = "authenticated"
provider = "user-pool"
person = "lea"
client = "phone"
password = "Lea-Shift-1!"
"""


def changed(before: str, after: str) -> dict[str, Any]:
    assert before in SMALL
    return tomllib.loads(SMALL.replace(before, after))


def test_every_exercise_of_the_repository_is_without_mistakes() -> None:
    assert mistakes(catalogue.folders()) == []


def test_a_member_that_the_format_does_not_know_is_a_mistake() -> None:
    with pytest.raises(BadExercise, match=r"check seen: hint: no such member"):
        read_exercise(changed('todo = "Run it."', 'todo = "Run it."\nhint = "x"'))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('op = "eq"', 'op = "equals"', "check seen: op is one of"),
        ('value = "succeeded"', "", "check seen: value goes with every operator"),
        ('path = "outcome"', 'path = "outcome["', "check seen: path cannot be parsed"),
        ('path = "outcome"', 'path = "size(calls)"', "names a function that does not exist: size"),
        ('path = "outcome"', 'path = "contains(calls)"', "gives contains 1 arguments, and it takes 2"),
        ('probe = "guest"', 'probe = "nobody"', "check mended: probe names none"),
        ('needs = ["seen"]', 'needs = ["later"]', "check mended: needs names checks that stand before it"),
        ('slug = "small"', 'slug = "Small!"', "slug: lower case letters"),
        ('mode = ["sandbox"]', 'mode = ["sandbox", "aws"]', "on AWS there are runs to look at"),
        ('title = "A guest"', 'title = "A guest"\nprovider = "google"', "and person are named for people who sign in"),
        ('title = "A guest"', 'title = "A guest"\npool = "opponent"', "probe guest: there is no second account"),
        ("[environment]", "[environment]\nopponent = true", "no probe is made from the second account"),
        ('slug = "small"', 'slug = "opponent-small"', "what pools of the second account are called"),
        (
            'title = "A guest"',
            'title = "A guest"\nclient = "phone"',
            "client is for the provider user-pool",
        ),
        ('title = "A guest"', 'title = "A guest"\npassword = "x"', "and password are for people who sign in with a cl"),
        ('title = "A guest"', SIGNS_IN, "user_pool names none"),
        ("minutes = 5", 'minutes = "five"', "minutes is not of the right form"),
        ("minutes = 5", "", "minutes is missing"),
    ],
)
def test_the_author_is_told_what_is_wrong(before: str, after: str, told: str) -> None:
    with pytest.raises(BadExercise, match=told):
        read_exercise(changed(before, after))


def test_a_path_may_not_be_longer_than_it_can_be_read() -> None:
    with pytest.raises(BadPath, match="longer than 500"):
        JsonPath("a" * 501)


def folder_with(tmp_path: Path, **files: str) -> Path:
    folder = tmp_path / "small"
    (folder / "hints").mkdir(parents=True)
    texts = {"exercise.toml": SMALL, "brief.md": "b", "solution.md": "s", "design.md": "d"}
    for name, text in {**texts, **{f"hints/{number}.md": "h" for number in (1, 2, 3)}, **files}.items():
        if text:
            (folder / name).write_text(text)
    return folder


def test_a_folder_without_a_solution_is_no_exercise(tmp_path: Path) -> None:
    with pytest.raises(BadExercise, match=r"small: small/solution\.md is missing"):
        read_folder(folder_with(tmp_path, **{"solution.md": ""}), trusted=True)


def test_python_from_elsewhere_is_refused_and_never_run(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    folder = folder_with(tmp_path, **{"set_up.py": f"open({str(ran)!r}, 'w')"})
    with pytest.raises(BadExercise, match=r"set_up\.py: Python of a folder from elsewhere is not run"):
        read_folder(folder, trusted=False)
    assert not ran.exists()


def test_exercises_of_another_directory_stand_beside_ours(tmp_path: Path, settings: Settings) -> None:
    folder_with(tmp_path)
    settings.EXERCISE_DIRS = [str(tmp_path)]
    found = catalogue.folders()
    assert "small" in found
    assert not found["small"].trusted
    assert found["ready"].path == OWN / "ready"


def test_the_digest_is_another_one_when_a_text_is(tmp_path: Path) -> None:
    first = read_folder(folder_with(tmp_path / "a"), trusted=True).digest
    again = read_folder(folder_with(tmp_path / "b"), trusted=True).digest
    other = read_folder(folder_with(tmp_path / "c", **{"brief.md": "another"}), trusted=True).digest
    assert first == again != other


def test_html_in_texts_is_shown_and_not_obeyed() -> None:
    html = rendered(
        "<script>alert(1)</script> [x](javascript:alert(1)) **{account_id}**",
        {"account_id": "111122223333"},
    )
    assert "<script" not in html
    assert "href" not in html
    assert "<strong>111122223333</strong>" in html
