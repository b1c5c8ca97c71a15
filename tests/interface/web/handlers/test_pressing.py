"""What Generate asks for, and what stands under the box before it is pressed."""

import itertools
from typing import cast

import pytest

from fooo.interface.web.handlers import Handlers
from fooo.request import Request, read_request
from tests.interface.web.handlers.presses import EN, draw, previewed, session, shows, value


def test_a_page_that_was_open_when_the_server_started_again_still_draws(handlers: Handlers) -> None:
    handlers.pressing.press(shows(handlers, "a boat", base=None), session())
    job = handlers.context.program.jobs()[-1]
    assert (job.plan.request.prompt, job.plan.shots[0].steps) == ("a boat", 30)
    list(job.events())


def test_a_page_that_lost_what_lies_below_goes_on_from_what_was_asked_last(handlers: Handlers) -> None:
    other = read_request({"preset": "pocket", "sampling": {"sharpness": 3.0}})
    for base in (other, None):
        handlers.pressing.press(shows(handlers, "a boat", base), session())
        job = handlers.context.program.jobs()[-1]
        list(job.events())
        assert job.plan.request.sampling.sharpness == 3


def test_words_beyond_the_model_are_told_and_no_control_is_marked(handlers: Handlers) -> None:
    updates = handlers.pressing.press(shows(handlers, "a zyxomma", handlers.context.start), session())
    list(handlers.context.program.jobs()[-1].events())
    notice = str(updates[handlers.context.parts.notice])
    assert "The pocket model has not learnt &quot;zyxomma&quot; yet" in notice
    assert 'class="notice calm" role="status"' in notice
    assert "wrong" not in str(updates)
    assert len(handlers.context.program.jobs()[-1].pictures) == 1


@pytest.mark.parametrize("prompt", ["", "  "])
def test_an_empty_box_draws_and_nothing_is_told(handlers: Handlers, prompt: str) -> None:
    updates = handlers.pressing.press(shows(handlers, prompt, handlers.context.start), session())
    list(handlers.context.program.jobs()[-1].events())
    assert handlers.context.parts.notice not in updates
    assert len(handlers.context.program.jobs()[-1].pictures) == 1


@pytest.mark.parametrize("seed", ["7", "-1", ""])
def test_the_words_that_are_shown_are_the_words_that_are_drawn(handlers: Handlers, seed: str) -> None:
    values = {"sampling.seed": seed, "styles": ["Random Style"], "preset": "default", "expansion": "rich"}
    inputs = shows(handlers, "a {red|blue|green} {house|tree}", Request(preset="default"), values)
    shown = previewed(handlers, inputs)
    handlers.pressing.press(inputs, session())
    job = handlers.context.program.jobs()[-1]
    list(job.events())
    texts = job.pictures[0].record.shot.texts
    assert shown == texts.positive
    assert {span.source.value for span in texts.positive_spans} >= {"user", "style"}


def test_the_seed_of_the_next_press_is_drawn_when_one_is_pressed(handlers: Handlers) -> None:
    seeds = itertools.count(101)
    handlers.context.program.draw_seed = lambda: next(seeds)
    arrived = handlers.arriving.arrive(session())
    shown = value(arrived, handlers, "sampling.seed")
    updates = handlers.pressing.press(
        shows(handlers, "a boat", handlers.context.start, {"sampling.seed": shown}), session()
    )
    job = handlers.context.program.jobs()[-1]
    list(job.events())
    assert str(job.plan.shots[0].seed) == shown
    next_seeds = {value(updates, handlers, "sampling.seed"), str(updates[handlers.context.parts.spare_seed])}
    assert len(next_seeds - {shown, str(arrived[handlers.context.parts.spare_seed])}) == 2


def test_a_page_that_is_pressed_again_before_it_hears_of_its_next_seed_draws_no_twin(handlers: Handlers) -> None:
    seeds = itertools.count(101)
    handlers.context.program.draw_seed = lambda: next(seeds)
    inputs = shows(handlers, "a boat", handlers.context.start, {"sampling.seed": "9"})
    for _ in range(3):
        handlers.pressing.press(inputs, session())
    jobs = handlers.context.program.jobs()
    list(jobs[-1].events())
    drawn = [job.plan.shots[0].seed for job in jobs]
    assert drawn[0] == 9, "the one that is shown"
    assert len(set(drawn)) == 3


@pytest.mark.parametrize("shown", ["-1", ""])
def test_a_seed_that_is_left_open_makes_no_twins_either(handlers: Handlers, shown: str) -> None:
    seeds = itertools.count(101)
    handlers.context.program.draw_seed = lambda: next(seeds)
    inputs = shows(handlers, "a boat", handlers.context.start, {"sampling.seed": shown})
    inputs[handlers.context.parts.random_seed] = False
    for _ in range(3):
        handlers.pressing.press(inputs, session())
    jobs = handlers.context.program.jobs()
    list(jobs[-1].events())
    assert len({job.plan.shots[0].seed for job in jobs}) == 3


def test_a_seed_that_a_person_fixed_is_drawn_as_often_as_they_press(handlers: Handlers) -> None:
    inputs = shows(handlers, "a boat", handlers.context.start, {"sampling.seed": "5"})
    inputs[handlers.context.parts.random_seed] = False
    for _ in range(2):
        handlers.pressing.press(inputs, session())
    jobs = handlers.context.program.jobs()
    list(jobs[-1].events())
    assert [job.plan.shots[0].seed for job in jobs] == [5, 5]


def test_a_press_that_was_refused_leaves_its_seed_to_the_next_one(handlers: Handlers) -> None:
    seed = {"sampling.seed": "9"}
    refused = shows(handlers, "a boat", handlers.context.start, {**seed, "preset": "gone"})
    handlers.pressing.press(refused, session())
    assert not handlers.context.program.jobs()
    handlers.pressing.press(shows(handlers, "a boat", handlers.context.start, seed), session())
    job = handlers.context.program.jobs()[-1]
    list(job.events())
    assert job.plan.shots[0].seed == 9


def test_chinese_words_are_told_under_the_box_before_the_press_and_not_after_it(handlers: Handlers) -> None:
    inputs = shows(handlers, "一只猫，卡通", handlers.context.start)
    line = str(handlers.pressing.preview(inputs, session())[handlers.context.parts.final])
    said = line[line.index("<p") : line.index("</p>")]
    assert "reads English only: write &quot;cat&quot; for &quot;猫&quot;" in said
    assert 'data-words="cat, cartoon"' in said
    assert EN("as_typed") not in said
    updates = handlers.pressing.press(inputs, session())
    list(handlers.context.program.jobs()[-1].events())
    assert handlers.context.parts.notice not in updates


def test_chinese_words_that_nobody_can_put_into_english_are_told_without_a_button(handlers: Handlers) -> None:
    inputs = shows(handlers, "宇航员", handlers.context.start)
    line = str(handlers.pressing.preview(inputs, session())[handlers.context.parts.final])
    said = line[line.index("<p") : line.index("</p>")]
    assert "has not learnt &quot;宇航员&quot;" in said
    assert 'data-do="english"' not in said


def test_a_fixed_seed_stays(handlers: Handlers) -> None:
    inputs = shows(handlers, "a boat", handlers.context.start, {"sampling.seed": "5"})
    inputs[handlers.context.parts.random_seed] = False
    updates = handlers.pressing.press(inputs, session())
    list(handlers.context.program.jobs()[-1].events())
    assert "value" not in cast(dict[str, object], updates[handlers.context.parts.controls["sampling.seed"]])


def test_exactly_my_words_adds_nothing_to_them(handlers: Handlers) -> None:
    values = {"exactly": True, "styles": ["Sticker"], "preset": "default", "expansion": "rich"}
    inputs = shows(handlers, "a house", Request(preset="default"), values)
    assert previewed(handlers, inputs) == EN("as_typed")
    handlers.pressing.press(inputs, session())
    job = handlers.context.program.jobs()[-1]
    list(job.events())
    assert job.plan.shots[0].texts.positive == "a house"


def test_what_cannot_be_drawn_is_told_under_the_box_while_it_is_typed(handlers: Handlers) -> None:
    assert "there is no 'Stickr'" in previewed(
        handlers, shows(handlers, "a <style:Stickr> cat", handlers.context.start)
    )
    wrong = shows(handlers, "a cat", handlers.context.start, {"sampling.seed": "seven"})
    assert previewed(handlers, wrong).startswith("Seed: 'seven' is not a whole number")


def test_one_press_may_ask_for_several_jobs_in_order(handlers: Handlers) -> None:
    inputs = shows(handlers, "a cat\n---\na dog\n---\na bird", handlers.context.start, {"output.count": 2})
    assert "all 6" in str(handlers.pressing.preview(inputs, session())[handlers.context.parts.final])
    handlers.pressing.press(inputs, session())
    jobs = handlers.context.program.jobs()
    for job in jobs:
        list(job.events())
    assert [job.plan.request.prompt for job in jobs] == ["a cat", "a dog", "a bird"]


def test_where_one_of_several_jobs_is_wrong_none_is_begun(handlers: Handlers) -> None:
    updates = handlers.pressing.press(
        shows(handlers, "a cat\n---\na <style:Stickr> dog", handlers.context.start), session()
    )
    assert "there is no &#x27;Stickr&#x27;" in str(updates[handlers.context.parts.notice])
    assert handlers.context.program.jobs() == ()


def test_the_words_of_hundreds_of_jobs_are_not_all_planned_at_each_pause(handlers: Handlers) -> None:
    inputs = shows(handlers, "\n---\n".join(f"cat {number}" for number in range(500)), handlers.context.start)
    html = str(handlers.pressing.preview(inputs, session())[handlers.context.parts.final])
    assert "all 500" in html
    assert "and 476 more pictures" in html


def test_an_open_bracket_is_told_as_a_calm_note(handlers: Handlers) -> None:
    updates = handlers.pressing.press(shows(handlers, "a ((cat", handlers.context.start), session())
    list(handlers.context.program.jobs()[-1].events())
    assert "is never closed" in str(updates[handlers.context.parts.notice])
    assert 'class="notice calm"' in str(updates[handlers.context.parts.notice])


def test_how_long_it_will_take_stands_under_the_button_once_it_is_known(handlers: Handlers) -> None:
    asked = shows(handlers, "a cat", handlers.context.start)
    assert "about" not in str(handlers.pressing.preview(asked, session())[handlers.context.parts.final])
    draw(handlers, "a cat")
    assert "<small>about 1 s</small>" in str(handlers.pressing.preview(asked, session())[handlers.context.parts.final])


def test_pressed_to_draw_again_and_again_each_job_follows_the_last_until_it_is_pressed_once_more(
    handlers: Handlers,
) -> None:
    program, chip = handlers.context.program, handlers.context.parts.repeat
    shown = shows(handlers, "slow", handlers.context.start)
    assert 'aria-pressed="true"' in str(handlers.pressing.press_again(shown, session())[chip])
    list(program.jobs()[0].events())
    assert 'aria-pressed="false"' in str(handlers.pressing.press_again(shown, session())[chip])
    for job in program.jobs():
        list(job.events())
    assert {job.plan.request.prompt for job in program.jobs()} == {"slow"}
    assert not program.repeats.is_on("")


def test_several_jobs_at_once_cannot_be_drawn_again_and_again(handlers: Handlers) -> None:
    updates = handlers.pressing.press_again(shows(handlers, "a cat\n---\na dog", handlers.context.start), session())
    assert "holds 2 jobs" in str(updates[handlers.context.parts.notice])
    assert handlers.context.program.jobs() == ()
