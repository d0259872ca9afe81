"""Sentence codes: from states to codes, and from codes to levels."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from mock_interviewer.core.prompts import load_prompt
from mock_interviewer.core.questions import Aim, Kind
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.core.transcript import Line, Role, sentences
from mock_interviewer.errors import DataFileError, ModelUnavailableError
from mock_interviewer.grading import coding
from mock_interviewer.grading.coding import Code, Coding, LevelHead, Signal
from mock_interviewer.grading.grader import Grader
from mock_interviewer.grading.network import Layer, Network
from mock_interviewer.grading.reading import Reader
from mock_interviewer.llm.catalogue import Strategy, load_catalogue
from mock_interviewer.llm.embedding import Embedding, Frame, embedding, packed
from tests.scripted import ScriptedChat
from tests.toy_rubric import RUBRIC

PROMPT = load_prompt("sentence")


def toy(**changes: object) -> Coding:
    """Codes that a two-number state tells apart: the first is an occasion, the second a deed."""
    data = {
        "model": "toy",
        "rubric": RUBRIC.digest,
        "prompt": PROMPT.digest,
        "made": date(2026, 11, 22),
        "fitted_on": "nothing",
        "codes": {
            "occasion": Code(
                meaning="an occasion",
                evidence_for=("story",),
                signals=(Signal.EXAMPLE, Signal.SCENE, Signal.ANSWER),
            ),
            "off_question": Code(meaning="elsewhere", signals=(Signal.OFF_QUESTION,)),
        },
        "levels": {
            criterion.id: LevelHead(
                offset=float(criterion.lowest),
                weights={"occasion": (4.0, 0.0, 0.0)},
                spread=0.6,
            )
            for criterion in RUBRIC.criteria
        },
        # A state of 1 is 10 in the hidden layer, and there 10 - 5 = 5 as log-odds: .9933.
        # Of 0 it is -5: .0067.
        "network": Network(
            means=(0.0,) * 5,
            spreads=(1.0,) * 5,
            hidden=Layer.of(10 * np.eye(5, 2), np.zeros(2)),
            output=Layer.of(np.eye(2), np.full(2, -5.0)),
        ),
    }
    return Coding.model_validate(data | changes)


class ReadingChat(ScriptedChat):
    """Finds an occasion in sentences with "Once", and nothing to the point in those with "sky"."""

    def __init__(self) -> None:
        super().__init__("none")
        self.read: list[str] = []

    def embed(self, frame: Frame, *, urgent: bool = False) -> Embedding:
        self.read.append(frame.text)
        state = [float("Once" in frame.text), float("sky" in frame.text)]
        return packed(np.array(state), tokens=5)


def reader(chat: ReadingChat) -> Reader:
    return Reader(chat, PROMPT, toy(), RUBRIC)


def numbered(*texts: str) -> tuple:  # type: ignore[type-arg]
    return sentences([Line(role=Role.CANDIDATE, text=" ".join(texts))])


def test_summaries_are_top_mean_of_two_and_at_least_one() -> None:
    shares = np.array([[0.2], [0.8], [0.5]])
    # (.8 + .5) / 2 = .65; 1 - .8 * .2 * .5 = .92.
    assert coding.summaries(shares).tolist() == [pytest.approx([0.8, 0.65, 0.92])]


@pytest.mark.parametrize(
    ("count", "expected"),
    [(1, [[1, 1, 0]]), (3, [[1, 0, 0], [0, 0, 0.5], [0, 1, 1]])],
)
def test_the_place_of_a_sentence_is_first_last_and_how_far_along(
    count: int, expected: list[list[float]]
) -> None:
    assert coding.places(count).tolist() == expected


def test_an_embedding_is_the_mean_inside_and_the_last_state() -> None:
    # Tokens: one before, two of the text, one after; the mean of the two is (2, -1).
    states = np.array([[9.0, 9.0], [1.0, 0.0], [3.0, -2.0], [100.0, 4.0]])
    found = embedding(states, before=1, after=1)
    assert found.tokens == 4
    # Roots are kept in steps of 1/127 of that of the largest, 100: within 2 %, or .1, of each.
    assert found.vector == pytest.approx([2.0, -1.0, 100.0, 4.0], abs=0.15)


def test_an_embedding_survives_a_recording() -> None:
    found = packed(np.array([1.5, -0.25, 60.0]), tokens=3)
    line = json.loads(json.dumps(found.line("k")))
    assert Embedding.of_line(line) == found


def test_a_sentence_stands_in_its_frame_on_one_line() -> None:
    found = coding.frame(PROMPT, "I rang\n her.")
    assert found.text == "I rang her."
    assert found.before.endswith('"')
    assert found.after.startswith('"')


def test_levels_and_evidence_come_from_the_likeliest_sentence() -> None:
    told = numbered("I like work.", "Once a guest had lost her key.", "That is all.")
    draft, usage = reader(ReadingChat()).draft(told)
    story = draft.findings["story"]
    # The state (1, 0) is an occasion at .9933: 1 + 4 * .9933 = 4.97, level 5.
    assert story.level == 5
    assert story.sentences == (2,)
    assert draft.tells_example
    # Three sentences of five tokens, none read before.
    assert (usage.prompt, usage.cached) == (15, 0)


def test_the_likely_range_is_the_level_give_or_take_its_spread() -> None:
    told = numbered("Once a guest had lost her key.")
    story = reader(ReadingChat()).draft(told)[0].findings["story"]
    # 4.85 - .4 = 4.45 and 4.85 + .4 = 5.25, which is off the scale.
    assert story.likely == (4, 5)


def test_a_sentence_is_read_once_for_draft_probe_and_grade() -> None:
    chat = ReadingChat()
    using = reader(chat)
    told = numbered("Once a guest had lost her key.", "I found it.")
    using.shares(told[:1])
    using.shares(told, urgent=True)
    _, usage = using.draft(told)
    assert chat.read == ["Once a guest had lost her key.", "I found it."]
    assert (usage.prompt, usage.cached) == (10, 10)


def test_reading_past_the_deadline_is_told() -> None:
    with pytest.raises(ModelUnavailableError, match="too long"):
        reader(ReadingChat()).shares(numbered("One.", "Two."), deadline=0.0)


def test_talk_of_something_else_is_no_answer() -> None:
    assert reader(ReadingChat()).draft(numbered("The sky is blue."))[0].not_an_answer
    mixed = numbered("The sky is blue.", "Once a guest had lost her key.")
    assert not reader(ReadingChat()).draft(mixed)[0].not_an_answer


@pytest.mark.parametrize(
    ("value", "spread", "expected"),
    [
        # The items are needed for 3, 4 and 5, and missing below 2.5, 3.5 and 4.5.
        (1.0, 0.5, "occasion"),  # 1 + 1.5 * .5 = 1.75
        (2.0, 0.5, "scene"),  # 2.75
        (3.0, 0.5, "stakes"),  # 3.75
        (4.0, 0.5, None),  # 4.75
        (2.0, 2.0, None),  # 5
        (2.0, 0.0, "occasion"),
    ],
)
def test_only_what_is_surely_missing_is_called_so(
    value: float, spread: float, expected: str | None
) -> None:
    found = coding.lacking(RUBRIC.criterion("story"), value, spread)
    assert (found.id if found else None) == expected


def test_advice_is_that_of_the_missing_item_and_not_above_the_level() -> None:
    nothing = numbered("Once a guest had lost her key.", "I like work.")
    found = reader(ReadingChat()).draft(nothing)[0].findings
    # At 4.97 nothing is missing, so there is no advice either.
    assert (found["story"].missing, found["story"].next_step) == ("", "")
    found = reader(ReadingChat()).draft(numbered("I like work."))[0].findings
    # 1 + 4 * .0067 = 1.03, and 1.03 + .9 < 2.5.
    assert (found["story"].missing, found["story"].next_step) == ("one occasion", "Tell one.")


def test_what_holds_nothing_at_all_is_no_answer() -> None:
    assert reader(ReadingChat()).draft(numbered("Asdf jkl."))[0].not_an_answer


def test_what_is_missing_is_sorted_by_how_much_of_it_is() -> None:
    using = reader(ReadingChat())
    nothing, _ = using.shares(numbered("I like work."))
    everything, _ = using.shares(numbered("Once a guest had lost her key."))
    assert Aim.SITUATION in using.missing(Kind.BEHAVIOURAL, nothing)
    assert using.missing(Kind.BEHAVIOURAL, everything) == []


def test_a_probe_is_worded_from_the_scene_and_the_end() -> None:
    told = numbered("I like work.", "Once a guest had lost her key.", "I am fine.", "So it was.")
    using = reader(ReadingChat())
    shares, _ = using.shares(told)
    excerpt = using.excerpt(told, shares)
    assert excerpt == ["I like work.", "Once a guest had lost her key.", "So it was."]


def test_a_coding_is_written_and_found_by_just_its_model_rubric_and_prompt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "toy.json"
    coding.write(toy(), path)
    monkeypatch.setattr(coding, "coding_file", lambda model: path)
    assert coding.find(RUBRIC, PROMPT, "toy") == toy()
    assert coding.find(load_rubric(), PROMPT, "toy") is None
    assert coding.find(RUBRIC, load_prompt("levels"), "toy") is None
    assert coding.find(RUBRIC, PROMPT, "other") is None


def test_a_damaged_coding_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "toy.json"
    path.write_text("{nope")
    monkeypatch.setattr(coding, "coding_file", lambda model: path)
    with pytest.raises(DataFileError, match=r"toy\.json: not valid JSON"):
        coding.find(RUBRIC, PROMPT, "toy")


def test_the_shipped_coding_fits_the_shipped_rubric_prompt_and_model() -> None:
    # Else it would silently not be used: `mock-interviewer calibrate --dev` makes it anew.
    name = load_catalogue().embedded.id
    found = coding.find(load_rubric(), PROMPT, name)
    assert found is not None
    assert set(found.levels) == {criterion.id for criterion in load_rubric().criteria}


def test_a_model_that_nothing_was_fitted_for_is_asked_items_and_stamped_so() -> None:
    grader = Grader(ReadingChat(), RUBRIC, Strategy.SENTENCES)
    assert grader.strategy is Strategy.CHECKLIST
    assert grader.ungraded("x").stamp.calibration == "not calibrated"
