"""How an answer could be told next time, put together from the candidate's own sentences.

Where a model's own retelling cannot be trusted, nothing is written for the candidate: the sentences
that carry the situation, task, action and result are put in that order, and a cue in square
brackets stands where one is missing. So nothing can be invented.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from mock_interviewer.core.grade import Rating
from mock_interviewer.core.rubric import Criterion, Rubric
from mock_interviewer.core.transcript import Sentence

MOST_CUES = 2
"""For an answer that is no story: advice on everything at once helps nobody."""


def composed(ratings: Mapping[str, Rating], rubric: Rubric, numbered: Sequence[Sentence]) -> str:
    """The candidate's own sentences in a better order, with cues for what is missing.

    A story is put in the order of the first score's criteria. Where those do not apply (a role
    play, an opinion) the telling sentences keep their order, and the cues follow.
    """
    story, *others = rubric.scores or (None,)
    if story is None:
        return ""
    if all(ratings[name].level is not None for name in story.mean_of):
        return _story(story.mean_of, ratings, rubric, numbered)
    for score in others:
        if all(ratings[name].level is not None for name in score.mean_of):
            return _reply((*score.mean_of, *score.with_it), ratings, rubric, numbered)
    return ""


def _story(
    names: Sequence[str],
    ratings: Mapping[str, Rating],
    rubric: Rubric,
    numbered: Sequence[Sentence],
) -> str:
    texts = _texts(numbered)
    parts: list[str] = []
    told: set[str] = set()
    for name in names:
        rating, criterion = ratings[name], rubric.criterion(name)
        if rating.level is not None and rating.level > criterion.lowest:
            for evidence in rating.evidence:
                if texts[evidence.sentence] not in told:
                    parts.append(texts[evidence.sentence])
                    told.add(texts[evidence.sentence])
        if rating.level is not None and rating.level < criterion.highest - 1:
            parts.append(_cue(criterion, rating.level))
    return " ".join(parts) if told else ""


def _reply(
    names: Sequence[str],
    ratings: Mapping[str, Rating],
    rubric: Rubric,
    numbered: Sequence[Sentence],
) -> str:
    texts = _texts(numbered)
    cited = sorted({evidence.sentence for name in names for evidence in ratings[name].evidence})
    told = dict.fromkeys(texts[number] for number in cited)
    cues = [
        _cue(rubric.criterion(name), level)
        for name in names
        if (level := ratings[name].level) is not None and level < rubric.criterion(name).highest
    ]
    return " ".join([*told, *cues[:MOST_CUES]]) if told else ""


def _texts(numbered: Sequence[Sentence]) -> dict[int, str]:
    return {sentence.number: " ".join(sentence.text.split()) for sentence in numbered}


def _cue(criterion: Criterion, level: int) -> str:
    return f"[{criterion.name}: {criterion.next_step[level]}]"


_SENTENCE_START = re.compile(r"[.!?…:\n]|,\s*[\"'“‘]")


def invents_nothing(retelling: str, answer: str) -> bool:
    """Whether every number and name in a model's retelling stands in the answer, too.

    Cues in square brackets are left out. A word counts as a name if it is capitalised inside a
    sentence.
    """
    told = re.sub(r"\[[^\]]*\]", " ", retelling)
    known = set(re.findall(r"\w+", answer.lower()))
    numbers = re.findall(r"\d+", told)
    names = [name for name in _inside_sentences(told) if name[0].isupper() and name != "I"]
    return all(number in known for number in numbers) and all(
        name.lower() in known for name in names
    )


def _inside_sentences(text: str) -> Iterator[str]:
    """The words that begin no sentence."""
    end = 0
    for word in re.finditer(r"\w+", text):
        if end and not _SENTENCE_START.search(text[end : word.start()]):
            yield word.group()
        end = word.end()
