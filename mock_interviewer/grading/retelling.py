"""How an answer could be told next time, put together from the candidate's own sentences.

Where a model's own retelling cannot be trusted, nothing is written for the candidate: the sentences
that carry the situation, task, action and result are put in that order, and a cue in square
brackets stands where one is missing. So nothing can be invented.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from mock_interviewer.core.grade import Rating
from mock_interviewer.core.rubric import Rubric
from mock_interviewer.core.transcript import Sentence


def composed(ratings: Mapping[str, Rating], rubric: Rubric, numbered: Sequence[Sentence]) -> str:
    """The evidence of the first score's criteria in their order, with cues for what is missing."""
    if not rubric.scores:
        return ""
    texts = {sentence.number: sentence.text for sentence in numbered}
    told: set[int] = set()
    parts: list[str] = []
    for name in _story(rubric):
        rating = ratings[name]
        if rating.level is None:
            return ""
        criterion = rubric.criterion(name)
        fresh = [e.sentence for e in rating.evidence if e.sentence not in told]
        if rating.level > criterion.lowest:
            parts.extend(" ".join(texts[number].split()) for number in fresh)
            told.update(fresh)
        if rating.level < criterion.highest - 1 and criterion.next_step.get(rating.level):
            parts.append(f"[{criterion.name}: {criterion.next_step[rating.level]}]")
    return " ".join(parts) if told else ""


def invents_nothing(retelling: str, answer: str) -> bool:
    """Whether every number and name in a model's retelling stands in the answer, too.

    Cues in square brackets are left out. A word counts as a name if it is capitalised inside a
    sentence.
    """
    told = re.sub(r"\[[^\]]*\]", " ", retelling)
    known = set(re.findall(r"\w+", answer.lower()))
    numbers = re.findall(r"\d+", told)
    names = re.findall(r"(?<=[a-z,;] )[A-Z][a-z]+", told)
    return all(number in known for number in numbers) and all(
        name.lower() in known for name in names
    )


def _story(rubric: Rubric) -> Sequence[str]:
    return rubric.scores[0].mean_of
