"""How an answer could be told next time: the candidate's own sentences, with cues where they lack.

Where a model's own retelling cannot be trusted, nothing is written for the candidate: the answer
stands as it was told, and a cue in square brackets stands where something is missing. So nothing
can be invented, and no sentence loses what it refers to.
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
    """The candidate's own sentences, with cues for what is missing.

    In a story the cues stand where the missing part belongs: after what there is of it, else after
    the part before. Where the first score does not apply (a role play, an opinion) they follow.
    Empty if there is nothing to build on, or nothing to add.
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
    if not any(_tells(ratings[name], rubric.criterion(name)) for name in names):
        return ""
    after: dict[int, list[str]] = {}
    reached = 0
    for name in names:
        rating, criterion = ratings[name], rubric.criterion(name)
        if rating.level is None:
            continue
        if _tells(rating, criterion):
            reached = max([reached, *(evidence.sentence for evidence in rating.evidence)])
        if rating.level < criterion.highest - 1 and rating.next_step:
            last = name == names[-1] and rating.level == criterion.lowest
            place = numbered[-1].number if last else reached
            after.setdefault(place, []).append(_cue(criterion, rating))
    if not after:
        return ""
    parts = after.get(0, [])
    for sentence in numbered:
        parts += [_one_line(sentence), *after.get(sentence.number, [])]
    return " ".join(parts)


def _tells(rating: Rating, criterion: Criterion) -> bool:
    return rating.level is not None and rating.level > criterion.lowest and bool(rating.evidence)


def _reply(
    names: Sequence[str],
    ratings: Mapping[str, Rating],
    rubric: Rubric,
    numbered: Sequence[Sentence],
) -> str:
    if not any(ratings[name].evidence for name in names):
        return ""
    cues = [
        _cue(criterion, ratings[name])
        for name, criterion in ((name, rubric.criterion(name)) for name in names)
        if (level := ratings[name].level) is not None
        and level < criterion.highest
        and ratings[name].next_step
    ]
    return " ".join([*map(_one_line, numbered), *cues[:MOST_CUES]]) if cues else ""


def _one_line(sentence: Sentence) -> str:
    return " ".join(sentence.text.split())


def _cue(criterion: Criterion, rating: Rating) -> str:
    return f"[{criterion.name}: {rating.next_step}]"


MOST_NEW = 0.1
"""Share of a retelling's telling words that may be new. More than that was mostly deeds and
feelings that the candidate had not told."""

MORE_OWN = 1
"""How many more words like "I" and "my" a retelling may have than the answer."""

STEM = 5

_JOINING = frozenset(
    "about after again also another around back because been before being both came case come "
    "could does doing done down each else even ever every from give given goes going gone have "
    "having here hers herself himself into itself just know made make many mean might mine more "
    "most much must myself next once only other over said same says shall should since some still "
    "such suppose take taken tell than that their them themselves then there these they this those "
    "though through till told took under until upon very want wanted went were what when where "
    "which while whom whose will with would your yours yourself".split()
)

_OWN = re.compile(r"\b(?:I|me|my|mine|myself)\b", re.IGNORECASE)
_SENTENCE_START = re.compile(r"[.!?…:\n]|,\s*[\"'“‘]")


def invents_nothing(retelling: str, answer: str) -> bool:
    """Whether a model's retelling tells only what the answer tells.

    Every number and name has to stand in the answer, and so have nearly all of the words that tell
    something; and it may say "I" hardly more often than the answer does, or what others did became
    the candidate's own. Cues in square brackets are left out. A word counts as a name if it is
    capitalised inside a sentence.
    """
    told = re.sub(r"\[[^\]]*\]", " ", retelling)
    known = set(re.findall(r"\w+", answer.lower()))
    numbers = re.findall(r"\d+", told)
    names = [name for name in _inside_sentences(told) if name[0].isupper() and name != "I"]
    words, stems = _telling_words(told), set(_telling_words(answer))
    new = sum(word not in stems for word in words)
    return (
        all(number in known for number in numbers)
        and all(name.lower() in known for name in names)
        and new <= max(1, MOST_NEW * len(words))
        and len(_OWN.findall(told)) <= len(_OWN.findall(answer)) + MORE_OWN
    )


def _telling_words(text: str) -> list[str]:
    """The beginnings of the words that tell something, so that "call" and "calling" are one."""
    found = re.findall(r"[^\W\d_]{4,}", text.lower())
    return [word[:STEM] for word in found if word not in _JOINING]


def _inside_sentences(text: str) -> Iterator[str]:
    """The words that begin no sentence."""
    end = 0
    for word in re.finditer(r"\w+", text):
        if end and not _SENTENCE_START.search(text[end : word.start()]):
            yield word.group()
        end = word.end()
