"""The report's figures, worked out by hand, and what is shown where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from mock_interviewer.core.findings import NO_OPPORTUNITY
from mock_interviewer.core.grade import Evidence, Grade, Rating, Usage
from mock_interviewer.core.interview import Mode, Turn, TurnKind
from mock_interviewer.core.price import Price
from mock_interviewer.core.questions import Question
from mock_interviewer.core.transcript import Role
from mock_interviewer.service import reports
from mock_interviewer.service.bars import NOT_GRADED
from mock_interviewer.service.reports import Report
from mock_interviewer.storage.records import AnswerState, StoredAnswer, StoredInterview
from tests.interviews import grade, question, turn
from tests.toy_rubric import RUBRIC

# The toy rubric: STAR is the mean of story and end, empathy is heart, with care beside it.
QUESTIONS = (question("one"), question("two"), question("three"))
TEXT = "In May I helped. She was glad!"


def interview(
    turns: Sequence[Turn], questions: Sequence[Question] = QUESTIONS, **more: Any
) -> StoredInterview:
    fields: dict[str, Any] = {
        "id": "i1",
        "candidate_id": "ada",
        "created_at": datetime(2026, 11, 1, tzinfo=UTC),
        "mode": Mode.PRACTICE,
        "trade": "retail",
        "questions": tuple(questions),
        "turns": tuple(turns),
        "draft": "",
        "usage": Usage(),
    }
    return StoredInterview(**{**fields, **more})


def told(*places: tuple[int, int], closed: bool = True) -> list[Turn]:
    """Turns in which these questions were asked and answered."""
    turns: list[Turn] = []
    for place, attempt in places:
        turns.append(turn(len(turns), TurnKind.QUESTION, "Tell me.", place, attempt))
        turns.append(turn(len(turns), TurnKind.ANSWER, TEXT, place, attempt))
    last = places[-1] if places else (0, 0)
    if closed:
        turns.append(turn(len(turns), TurnKind.CLOSING, "Thank you.", *last))
    return turns


def answer(
    place: int,
    given: Grade | None,
    attempt: int = 0,
    state: AnswerState | None = None,
    reason: str = "",
) -> StoredAnswer:
    state = state or (AnswerState.GRADED if given else AnswerState.WAITING)
    return StoredAnswer(place * 10 + attempt, "i1", place, attempt, state, reason, 0, given)


def levels(story: int | None, end: int | None, heart: int | None, care: int = 1) -> Grade:
    return grade({"story": story, "end": end, "heart": heart, "care": care})


def report(
    *answers: StoredAnswer,
    turns: Sequence[Turn] | None = None,
    questions: Sequence[Question] = QUESTIONS,
    price: Price | None = None,
    **more: Any,
) -> Report:
    if turns is None:
        turns = told(*[(a.question, a.attempt) for a in answers])
    return reports.make(interview(turns, questions, **more), answers, RUBRIC, price)


def figures(found: Report) -> tuple[float | None, list[float | None]]:
    """Overall, and the scores of the sections."""
    return found.overall.value, [section.score.value for section in found.sections]


# Figures


def test_figures_are_means_over_the_graded_answers() -> None:
    found = report(answer(0, levels(4, 3, 5)), answer(1, levels(2, 1, 2)))
    # STAR: (4 + 3) / 2 = 3.5 and (2 + 1) / 2 = 1.5, mean 2.5. Empathy: 5 and 2, mean 3.5.
    # Overall: (3.5 + 5) / 2 = 4.25 and (1.5 + 2) / 2 = 1.75, mean 3.
    assert figures(found) == (3.0, [2.5, 3.5])
    assert found.counted == "2 of 2 answers"
    star, empathy = found.sections
    assert [(bar.name, bar.value) for bar in star.criteria] == [("Story", 3.0), ("End", 2.0)]
    # Empathy is one rating's mean: it is its own bar, and care is shown with it.
    assert [(bar.name, bar.value) for bar in empathy.criteria] == [("Care", 1.0)]


def test_a_retry_is_shown_beside_the_first_attempt_and_counts_for_nothing() -> None:
    found = report(answer(0, levels(2, 2, 2)), answer(0, levels(5, 5, 5), attempt=1))
    assert figures(found) == (2.0, [2.0, 2.0])
    assert found.counted == "1 of 1 answers"
    assert [(view.attempt, view.overall.value) for view in found.answers] == [(0, 2.0), (1, 5.0)]


def test_answers_without_a_grade_are_counted_and_left_out_of_the_means() -> None:
    found = report(
        answer(0, levels(4, 4, 4)),
        answer(1, None),
        answer(2, None, state=AnswerState.UNGRADED, reason="the model declined to answer"),
    )
    assert figures(found) == (4.0, [4.0, 4.0])
    assert found.counted == "1 of 3 answers"
    assert (found.waiting, found.ungraded) == (1, 1)
    assert found.answers[2].reason == "the model declined to answer"
    assert found.answers[2].ratings == ()


def test_a_grade_by_another_rubric_than_the_one_in_use_is_told_and_counts_for_nothing() -> None:
    other = grade({"warmth": 4})
    report = reports.make(interview(told((0, 0))), [answer(0, other)], RUBRIC)
    (view,) = report.answers
    assert (view.grade, view.ratings) == (None, ())
    assert view.state is AnswerState.UNGRADED
    assert "another rubric" in view.reason
    assert report.counted == "0 of 1 answers"
    # Trying again would not help: it has its grade.
    assert report.ungraded == 0


def test_nothing_graded_has_no_figures_and_says_so() -> None:
    found = report(answer(0, None))
    assert figures(found) == (None, [None, None])
    assert {bar.note for bar in (found.overall, found.sections[0].score)} == {NOT_GRADED}
    assert (found.overall.word, found.overall.share) == ("", 0.0)
    assert found.counted == "0 of 1 answers"


def test_a_question_counts_only_for_the_scores_that_it_calls_for() -> None:
    questions = (
        question("one", calls_for=["star"]),
        question("two", calls_for=["empathy"]),
        question("three"),
    )
    found = report(
        answer(0, levels(5, 3, 1)),
        answer(1, levels(1, 1, 3)),
        answer(2, levels(3, 3, 5)),
        questions=questions,
    )
    # STAR of one and three: 4 and 3, mean 3.5. Empathy of two and three: 3 and 5, mean 4.
    # Overall: 4, 3, and (3 + 5) / 2 = 4; mean 11 / 3.
    assert figures(found) == (pytest.approx(11 / 3), [3.5, 4.0])
    # What is rated and not called for is still shown, as no opportunity.
    story, _, heart, care = found.answers[0].ratings
    assert (story.counts, heart.counts, care.counts) == (True, False, False)
    assert (heart.bar.note, heart.bar.value) == (NO_OPPORTUNITY, 1.0)
    assert story.bar.note == ""


def test_a_rating_that_does_not_apply_is_left_out() -> None:
    found = report(answer(0, levels(None, None, 4)), answer(1, levels(3, 5, 2)))
    # STAR only of the second: 4. Empathy of both: 3. Overall needs both scores: the second, 3.
    assert figures(found) == (3.0, [4.0, 3.0])
    assert found.answers[0].overall.value is None
    story = found.answers[0].ratings[0]
    assert (story.bar.value, story.bar.word, story.anchor) == (None, "", "")


def test_a_score_that_nothing_called_for_is_no_opportunity() -> None:
    questions = (question("one", calls_for=["star"]),)
    found = report(answer(0, levels(4, 4, 4)), questions=questions)
    assert [(s.score.value, s.score.note) for s in found.sections] == [
        (4.0, ""),
        (None, NO_OPPORTUNITY),
    ]
    assert found.sections[1].criteria[0].note == NO_OPPORTUNITY


@pytest.mark.parametrize(
    ("level", "share", "word"),
    [
        # On the scale from 1 to 5: (level - 1) / 4, with words from 0.2, 0.45, 0.7 and 0.9 on.
        (1, 0.0, "to be built"),
        (2, 0.25, "beginning"),
        (3, 0.5, "solid"),
        (4, 0.75, "strong"),
        (5, 1.0, "excellent"),
    ],
)
def test_a_bar_has_a_share_and_a_word(level: int, share: float, word: str) -> None:
    bar = report(answer(0, levels(level, level, level))).overall
    assert (bar.lowest, bar.highest) == (1, 5)
    assert (bar.share, bar.word) == (share, word)


def test_a_rating_shows_its_word_and_its_anchor() -> None:
    story, _, _, care = report(answer(0, levels(4, 1, 1, care=2))).answers[0].ratings
    assert (story.bar.word, story.bar.share) == ("much", 0.75)
    assert story.anchor == "Between level 3 (Something) and level 5 (Everything)."
    assert (story.next_anchor, care.next_anchor) == ("Everything.", "")
    assert (care.bar.word, care.bar.share, care.anchor) == ("done", 1.0, "Done.")


# Texts


def test_sentences_are_marked_with_what_they_are_evidence_for() -> None:
    first = Evidence(sentence=1, quote="In May I helped.")
    second = Evidence(sentence=2, quote="She was glad!")
    given = grade({}).model_copy(
        update={
            "ratings": {
                "story": Rating(level=3, evidence=(first,)),
                "end": Rating(level=3, evidence=(first, second)),
                "heart": Rating(level=1),
                "care": Rating(level=1, evidence=(second,)),  # not among the marks that are shown
            }
        }
    )
    (view,) = report(answer(0, given)).answers
    assert [turn.role for turn in view.turns] == [Role.CANDIDATE]
    pieces = view.turns[0].pieces
    assert [(piece.text, piece.number, piece.marks) for piece in pieces] == [
        ("In May I helped.", 1, ("story", "end")),
        (" ", None, ()),
        ("She was glad!", 2, ("end",)),
    ]


@pytest.mark.parametrize("text", [TEXT, "  Well.\n\n- So, yes \n", "no full stop", "\n\n"])
def test_the_pieces_of_a_turn_are_its_text_but_for_white_space_around_it(text: str) -> None:
    turns = [
        turn(0, TurnKind.QUESTION, "Tell me."),
        turn(1, TurnKind.ANSWER, "First of all, I helped."),
        turn(2, TurnKind.PROBE, "How? When? Why?"),
        turn(3, TurnKind.ANSWER, f"So. {text}"),
        turn(4, TurnKind.CLOSING, "Thanks."),
    ]
    (view,) = report(answer(0, levels(1, 1, 1)), turns=turns).answers
    texts = ["".join(piece.text for piece in t.pieces) for t in view.turns]
    assert texts == ["First of all, I helped.", "How? When? Why?", f"So. {text}".rstrip()]
    # The interviewer's words are never citable.
    assert [piece.number for piece in view.turns[1].pieces] == [None]


def test_questions_left_without_an_answer_are_named_and_the_open_one_is_not() -> None:
    turns = [
        turn(0, TurnKind.QUESTION, "Q", 0),
        turn(1, TurnKind.SKIP, "", 0),
        turn(2, TurnKind.QUESTION, "Q", 1),
        turn(3, TurnKind.ANSWER, TEXT, 1),
        turn(4, TurnKind.WRAP, "Done.", 1),
        turn(5, TurnKind.NEXT, "", 1),
        turn(6, TurnKind.QUESTION, "Q", 2),
    ]
    found = report(answer(1, None), turns=turns)
    assert [q.id for q in found.unanswered] == ["one"]
    assert not found.finished
    ended = [*turns, turn(7, TurnKind.END, "", 2), turn(8, TurnKind.CLOSING, "Thanks.", 2)]
    found = report(answer(1, None), turns=ended)
    assert [q.id for q in found.unanswered] == ["one", "three"]
    assert found.finished


def test_an_interview_without_answers_has_an_empty_report() -> None:
    found = report(turns=[turn(0, TurnKind.QUESTION, "Q")])
    assert (found.answers, found.counted, found.stamps) == ((), "0 of 0 answers", ())
    assert found.unanswered == ()


@pytest.mark.parametrize(("mode", "expected"), [(Mode.PRACTICE, True), (Mode.INTERVIEW, False)])
def test_model_answers_are_for_practice(mode: Mode, expected: bool) -> None:
    assert report(answer(0, None), mode=mode).practice is expected


def test_the_retelling_stands_with_its_answer() -> None:
    given = levels(3, 3, 3).model_copy(update={"next_time": "In May I helped."})
    assert report(answer(0, given)).answers[0].next_time == "In May I helped."


# What graded it, and what it cost


def test_each_way_of_grading_is_told_once() -> None:
    other = grade({"story": 1, "end": 1, "heart": 1, "care": 1}).model_copy()
    stamp = other.stamp.model_copy(update={"model": "another", "prompts": {"a": "1", "b": "2"}})
    found = report(
        answer(0, levels(3, 3, 3)),
        answer(1, levels(4, 4, 4)),
        answer(2, other.model_copy(update={"stamp": stamp})),
    )
    assert found.stamps == (
        "Graded by toy, strategy levels, calibration none needed; rubric toy 1 (abc); "
        "prompts levels 1 (def); program 1.",
        "Graded by another, strategy levels, calibration none needed; rubric toy 1 (abc); "
        "prompts a 1, b 2; program 1.",
    )


def test_tokens_of_the_conversation_and_of_all_grades_are_added_up() -> None:
    spent = {"story": 1, "end": 1, "heart": 1, "care": 1}
    found = report(
        answer(0, grade(spent, usage=Usage(prompt=1000, cached=400, completion=50))),
        answer(0, grade(spent, usage=Usage(prompt=100, cached=0, completion=5)), attempt=1),
        usage=Usage(prompt=10, cached=4, completion=1),
        price=Price(prompt=2.0, cached=0.5, completion=10.0),
    )
    assert found.usage == Usage(prompt=1110, cached=404, completion=56)
    # (706 * 2 + 404 * 0.5 + 56 * 10) / 1e6 = (1412 + 202 + 560) / 1e6
    assert found.cost == pytest.approx(0.002174)


def test_without_a_price_there_is_no_cost() -> None:
    assert report(answer(0, None)).cost is None
    assert reports.cost(Usage(prompt=5), None) is None


def test_feedback_to_one_answer_is_its_part_of_the_report() -> None:
    given = answer(0, levels(4, 3, 5))
    whole = report(given)
    alone = reports.answer_view(interview(told((0, 0))), given, RUBRIC)
    assert alone == whole.answers[0]
