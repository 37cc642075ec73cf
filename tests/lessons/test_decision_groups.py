"""The page that says why a run went as it did has a place for each decision."""

from decisioncodes import MEANINGS
from lessons.decision_groups import DECISION_GROUPS


def test_each_code_is_in_one_group() -> None:
    for code in MEANINGS:
        kind = code.partition(".")[0]
        assert [group.title for group in DECISION_GROUPS if kind in group.kinds] != [], code
        assert sum(kind in group.kinds for group in DECISION_GROUPS) == 1
