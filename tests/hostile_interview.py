"""An interview in which everybody says, and every model replies, what is in `tests.hostile`."""

from __future__ import annotations

from dataclasses import dataclass

from mock_interviewer.core.grade import Evidence, Grade, Rating
from mock_interviewer.core.interview import Mode, Turn, TurnKind
from mock_interviewer.core.questions import Question
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.storage.store import Store
from tests.hostile import HOSTILE
from tests.interviews import grade, question


@dataclass(frozen=True)
class Stored:
    """Its id, and what was said in it, in order."""

    interview_id: str
    said: tuple[str, ...]


def stored(store: Store, rubric: Rubric, candidate: str = "ada") -> Stored:
    """Keep it: each text is a question, an answer, a probe, and all that a model says of it."""
    texts = list(HOSTILE.values())
    questions = [hostile_question(place, text) for place, text in enumerate(texts)]
    interview_id = store.create_interview(
        candidate_id=candidate, mode=Mode.INTERVIEW, trade="retail", questions=questions
    )
    turns: list[Turn] = []
    for place, text in enumerate(texts):
        for kind in (TurnKind.QUESTION, TurnKind.ANSWER, TurnKind.PROBE, TurnKind.ANSWER):
            turns.append(Turn(len(turns), kind, text, place))
    turns.append(Turn(len(turns), TurnKind.CLOSING, "Thank you.", len(texts) - 1))
    places = [(place, 0) for place in range(len(texts))]
    store.append(interview_id, turns, places)
    for answer, text in zip(store.answers(interview_id), texts, strict=True):
        if answer.question % 9 == 8:
            store.waiting.give_up(answer.id, text)
        else:
            store.waiting.save_grade(answer.id, hostile_grade(text, rubric))
    return Stored(interview_id, tuple(turn.text for turn in turns))


def hostile_question(place: int, text: str) -> Question:
    """A question that is what a text says."""
    plain = question(f"number-{place}")
    short = text[:600]
    answer = f"{short} And that is how it ended for both of us."  # an answer has a least length
    return plain.model_copy(update={"text": short, "hint": short, "model_answer": answer})


def hostile_grade(text: str, rubric: Rubric) -> Grade:
    """A grade whose every word is what a text says."""
    made = grade({criterion.id: criterion.lowest for criterion in rubric.criteria})
    ratings = {
        name: Rating(
            level=rating.level,
            evidence=(Evidence(sentence=1, quote=text),),
            missing=text,
            next_step=text,
        )
        for name, rating in made.ratings.items()
    }
    first = next(iter(ratings))
    ratings[first] = Rating(level=None, reason=text)
    names = ("model", "strategy", "calibration", "rubric", "package_version")
    told = {**dict.fromkeys(names, text), "prompts": {text: text}}
    stamp = made.stamp.model_copy(update=told)
    return made.model_copy(update={"ratings": ratings, "next_time": text, "stamp": stamp})
