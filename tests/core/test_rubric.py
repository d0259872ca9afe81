from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_interviewer.core.prompts import load_prompt
from mock_interviewer.core.questions import Aim, Kind
from mock_interviewer.core.rubric import Rubric, load_rubric
from mock_interviewer.core.transcript import Role
from mock_interviewer.errors import DataFileError
from mock_interviewer.grading.checklist import label_names

SHIPPED = load_rubric()
STAR = ("situation", "task", "action", "result")
BEHAVIOURS = ("listening", "validation", "personalisation", "advocacy", "resolution")

CLARITY: dict[str, Any] = {
    "id": "clarity",
    "name": "Clarity",
    "about": "Whether one can follow.",
    "levels": {1: "One is lost.", 3: "One gets the gist.", 4: "One can follow."},
    "words": {1: "dark", 2: "dim", 3: "grey", 4: "clear"},
    "next_step": {1: "Slow down.", 2: "Explain one word.", 3: "Say who did what."},
    "items": [
        {"id": "gist", "text": "Can one tell what it is about?", "needed_for": 3},
        {"id": "plain", "text": "Is it in plain words?", "needed_for": 4, "aim": "action"},
    ],
}
WARMTH: dict[str, Any] = {
    **copy.deepcopy(CLARITY),
    "id": "warmth",
    "items": [{"id": "kind_word", "text": "Is there a kind word?", "needed_for": 2}],
}
SMALL: dict[str, Any] = {
    "id": "small",
    "version": 1,
    "title": "A small rubric",
    "rules": ["Only what is written counts."],
    "aims": {"action": "what was done"},
    "criteria": [CLARITY, WARMTH],
    "scores": [{"id": "manner", "name": "Manner", "mean_of": ["clarity"], "with_it": ["warmth"]}],
}

Change = Callable[[dict[str, Any]], object]


def read(folder: Path, change: Change = lambda data: None) -> Rubric:
    data = copy.deepcopy(SMALL)
    change(data)
    path = folder / "small.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return load_rubric(path)


def first(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = data["criteria"][0]
    return found


def test_a_rubric_of_ones_own_is_read(tmp_path: Path) -> None:
    rubric = read(tmp_path, lambda data: data.update(graded_role="interviewer"))
    assert rubric.graded_role is Role.INTERVIEWER
    clarity = rubric.criterion("clarity")
    assert (clarity.lowest, clarity.highest, list(clarity.scale)) == (1, 4, [1, 2, 3, 4])


def test_a_level_between_two_anchors_is_told_by_both(tmp_path: Path) -> None:
    clarity = read(tmp_path).criterion("clarity")
    assert clarity.anchor(3) == "One gets the gist."
    assert clarity.anchor(2) == ("Between level 1 (One is lost) and level 3 (One gets the gist).")


def test_an_unknown_criterion_is_a_key_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        read(tmp_path).criterion("courage")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda d: first(d)["words"].pop(2),
            "clarity: words: expected one for each of [1, 2, 3, 4], got [1, 3, 4]",
        ),
        (lambda d: first(d)["words"].update({5: "too clear"}), "clarity: words: expected one"),
        (
            lambda d: first(d)["next_step"].pop(2),
            "clarity: next_step: expected one for each of [1, 2, 3]",
        ),
        (lambda d: first(d)["next_step"].update({4: "No more."}), "clarity: next_step: expected"),
        (lambda d: first(d)["levels"].clear(), "criteria.0.levels"),
        (
            lambda d: first(d)["items"][0].update(needed_for=1),
            "items: gist: needed_for: expected a level above 1 and up to 4, got 1",
        ),
        (lambda d: first(d)["items"][0].update(needed_for=5), "gist: needed_for: expected a level"),
        (lambda d: first(d).update(items=[]), "criteria.0.items"),
        (lambda d: first(d).update(id="warmth"), "criteria: used more than once: warmth"),
        (lambda d: first(d)["items"][0].update(id="kind_word"), "items: used more than once: kind"),
        (
            lambda d: first(d)["items"][0].update(aim="action"),
            "items' aims: used more than once: action",
        ),
        (
            lambda d: first(d)["items"][0].update(aim="result"),
            "aims: say what a probe is about for: result",
        ),
        (lambda d: first(d)["items"][0].update(aim="weather"), "criteria.0.items.0.aim"),
        (lambda d: first(d).update(applies={"opinion": "sometimes"}), "criteria.0.applies.opinion"),
        (lambda d: first(d).update(id="Clear sight"), "criteria.0.id"),
        (
            lambda d: d["scores"][0].update(mean_of=["courage"]),
            "scores: manner: no such criteria: courage",
        ),
        (
            lambda d: d["scores"][0].update(with_it=["courage"]),
            "scores: manner: no such criteria: courage",
        ),
        (lambda d: d["scores"][0].update(mean_of=[]), "scores.0.mean_of"),
        (lambda d: d.update(version=0), "version"),
        (lambda d: d.update(criteria=[]), "criteria"),
        (lambda d: d.update(rules=[]), "rules"),
        (lambda d: d.update(id="Small One"), "id"),
    ],
)
def test_a_rubric_that_does_not_hold_together_is_refused(
    tmp_path: Path, change: Change, said: str
) -> None:
    with pytest.raises(DataFileError) as caught:
        read(tmp_path, change)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(title="A smaller rubric"),
        lambda d: d.update(graded_role="interviewer"),
        lambda d: first(d)["levels"].update({4: "One sees it."}),
        lambda d: first(d)["items"][0].update(needed_for=2),
        lambda d: d["scores"][0].update(with_it=[]),
        lambda d: d["rules"].append("Length does not count."),
    ],
)
def test_the_digest_changes_with_anything_in_the_rubric(tmp_path: Path, change: Change) -> None:
    assert read(tmp_path).digest == read(tmp_path).digest
    assert read(tmp_path, change).digest != read(tmp_path).digest


def test_an_example_without_a_criterions_level_names_the_criterion(tmp_path: Path) -> None:
    def shown(data: dict[str, Any]) -> None:
        data["examples"] = [
            {"question": "Q?", "answer": "A.", "levels": {"clarity": 1}, "why": "So."}
        ]

    with pytest.raises(DataFileError, match=r"examples: 0: levels: .*missing or unknown: warmth"):
        read(tmp_path, shown)


def test_scores_are_means_on_one_scale(tmp_path: Path) -> None:
    def shorter(data: dict[str, Any]) -> None:
        data["criteria"][1] |= {
            "levels": {0: "None.", 1: "Some."},
            "words": {0: "none", 1: "some"},
            "next_step": {0: "Add one."},
            "items": [{"id": "kind_word", "text": "Is there a kind word?", "needed_for": 1}],
        }

    assert read(tmp_path, shorter).scores[0].with_it == ("warmth",)

    def mixed(data: dict[str, Any]) -> None:
        shorter(data)
        data["scores"].append({"id": "heart", "name": "Heart", "mean_of": ["warmth"]})

    with pytest.raises(DataFileError, match="one scale"):
        read(tmp_path, mixed)


# ---- the rubric that comes with the program: its numbers mean what spec/grading-scale.md says ----


def test_the_shipped_rubric_has_the_ten_ratings_in_their_order() -> None:
    assert tuple(c.id for c in SHIPPED.criteria) == (*STAR, "empathy", *BEHAVIOURS)


@pytest.mark.parametrize("name", [*STAR, "empathy"])
def test_star_and_empathy_go_from_one_to_five(name: str) -> None:
    assert list(SHIPPED.criterion(name).scale) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_the_behaviours_go_from_nought_to_two(name: str) -> None:
    assert list(SHIPPED.criterion(name).scale) == [0, 1, 2]


@pytest.mark.parametrize("name", [*STAR, "empathy", *BEHAVIOURS])
@pytest.mark.parametrize(
    ("kind", "for_star"),
    [
        (Kind.BEHAVIOURAL, "always"),
        (Kind.HYPOTHETICAL, "always"),
        (Kind.OPINION, "if_example"),
        (Kind.ROLE_PLAY, "never"),
    ],
)
def test_only_star_depends_on_the_kind_of_question(name: str, kind: Kind, for_star: str) -> None:
    applies = SHIPPED.criterion(name).applies.get(kind, "always")
    assert applies == (for_star if name in STAR else "always")


def test_the_scores_are_star_and_empathy_and_leave_the_behaviours_out_of_the_mean() -> None:
    scores = {score.id: score for score in SHIPPED.scores}
    assert set(scores) == {"star", "empathy"}
    assert scores["star"].mean_of == STAR
    assert scores["empathy"].mean_of == ("empathy",)
    assert scores["empathy"].with_it == BEHAVIOURS


@pytest.mark.parametrize("criterion", SHIPPED.criteria, ids=lambda c: c.id)
def test_the_items_lead_up_to_the_highest_level(criterion: Any) -> None:
    # Otherwise an answer that meets every item could not get the highest level.
    needed = [item.needed_for for item in criterion.items]
    assert needed == sorted(set(needed))
    assert needed[-1] == criterion.highest


def test_a_probe_can_be_aimed_by_an_item_at_all_but_the_own_part() -> None:
    # The own part is the action asked for in another way (interviewing/prober.py).
    aimed = {item.aim for c in SHIPPED.criteria for item in c.items} - {None}
    assert aimed == set(Aim) - {Aim.OWN_PART}
    assert set(SHIPPED.aims) == set(Aim)


def test_each_label_that_counts_as_evidence_is_one_that_the_prompt_defines() -> None:
    defined = set(label_names(load_prompt("labels")))
    assert {label for c in SHIPPED.criteria for label in c.labels} <= defined
    assert all(c.labels for c in SHIPPED.criteria)
