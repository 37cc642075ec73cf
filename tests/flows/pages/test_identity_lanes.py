"""The drawing of identities: where lanes begin and end, what leads into what, and what has no room."""

import itertools

from flows.pages.identity_lanes import NARROW, WIDE, Lanes, Life, Shape, Visit, drawn_lanes


def life(name: str, *places: int, **more: object) -> Life:
    visits = tuple(Visit(place, f"{place:04}", "login", f"Run {place:04}") for place in places)
    return Life(name=name, came_as="Google", visits=visits, **more)  # type: ignore[arg-type]


def drawn(*lives: Life, shape: Shape = WIDE) -> Lanes:
    found = drawn_lanes(lives, shape)
    assert found is not None
    return found


def test_a_lane_goes_from_the_first_run_to_the_last() -> None:
    one, other = drawn(life("a", 0, 2), life("b", 1)).lanes
    assert one.begins < other.begins < one.ends
    assert (other.begins, other.goes_on) == (other.ends, True)
    assert [dot.x for dot in one.dots] == [one.begins, one.ends]


def test_an_arrow_leads_up_or_down_into_what_it_was_merged_into() -> None:
    up = drawn(life("a", 0, 2), life("b", 1, merged_into="a", merged_at=2)).lanes
    assert up[1].arrow == f"M{up[0].ends} {up[1].y}V{up[0].y + 9}"
    assert (up[1].ends, up[1].goes_on) == (up[0].ends, False)
    down = drawn(life("a", 0, merged_into="b", merged_at=1), life("b", 1)).lanes
    assert down[0].arrow.endswith(f"V{down[1].y - 9}")


def test_what_went_into_one_that_is_not_drawn_just_ends() -> None:
    lane = drawn(life("a", 0, 1, merged_into="elsewhere", merged_at=1)).lanes[0]
    assert (lane.arrow, lane.goes_on) == ("", False)


def test_one_run_is_no_drawing() -> None:
    assert drawn_lanes([]) is None
    assert drawn_lanes([life("a", 0)]) is None


def test_a_hundred_guests_leave_lanes_and_numbers_out_and_say_so() -> None:
    found = drawn(*(life(f"{number}", number) for number in range(100)))
    assert (len(found.lanes), found.left_out, found.lanes[-1].name) == (14, 86, "99")
    numbers = drawn(life("a", *range(100))).ticks
    assert numbers[-1].run == "0099"
    assert all(later.x - earlier.x >= 34 for earlier, later in itertools.pairwise(numbers))


def test_it_is_told_in_sentences_as_well() -> None:
    words = drawn(life("a", 0, 2), life("b", 1, merged_into="a", merged_at=2)).words
    assert words == ("…a, Google: runs 0000, 0002.", "…b, Google: runs 0001; merged into …a.")


def test_a_narrow_drawing_fits_a_phone_with_names_above_their_lanes() -> None:
    found = drawn(life("a", 0, 2), life("b", 1, merged_into="a", merged_at=2), shape=NARROW)
    marks = [dot.x for lane in found.lanes for dot in lane.dots]
    assert (min(marks), max(marks), found.shape.width) == (18, 294, 312)
    above, below = found.lanes
    assert above.name_y < above.came_y < above.y - 6  # clear of the marks, which are 6 high
    assert above.y + 6 < below.name_y - 12  # as are the letters of the next lane's name
    assert found.base > below.y + 6
