"""People with accounts, and one who has something to lose: Ada, whose texts carry marks."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from mock_interviewer.core.drills import Written
from mock_interviewer.core.findings import Findings
from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.core.observation import Behaviour, Exchange, Observation, Seen
from mock_interviewer.service import passwords
from mock_interviewer.service.access import Person, Role
from mock_interviewer.service.program import Program
from mock_interviewer.settings import load_settings
from mock_interviewer.storage.role_plays import RolePlays
from tests.interviews import grade, question, turn

PASSWORD = "correct horse battery"
TURN, DRAFT, GRADE, ASKED = "Xturn7fQ", "Xdraft7fQ", "Xgrade7fQ", "Xasked7fQ"
LINE = "Xline7fQ"
REPLY = "Xreply7fQ"
MARKS = (TURN, DRAFT, GRADE, ASKED, LINE, REPLY)
ROLES = {
    "Ada": Role.CANDIDATE,
    "fellow": Role.CANDIDATE,
    "stranger": Role.CANDIDATE,
    "coach": Role.COACH,
    "other coach": Role.COACH,
    "admin": Role.ADMIN,
}
GROUPS = {"A": ("Ada", "fellow", "coach", "admin"), "B": ("stranger", "other coach")}


@dataclass
class World:
    """The program with its people. `finished`, `open`, and `attempt` at `drill`, are Ada's."""

    program: Program
    data: Path
    people: dict[str, Person] = field(default_factory=dict)
    finished: str = ""
    open: str = ""
    invitation: str = ""
    """The link's token of one that Ada's coach sent."""
    assignment: str = ""
    """What Ada's coach gave her; the finished interview is not on it."""
    review: int = 0
    """What the coach has written on the finished one, while it was shared with them."""
    drill: str = ""
    attempt: int = 0
    role_play: str = ""
    """Of Ada's, with one reply that was answered; `ended_role_play` is over."""
    ended_role_play: str = ""

    def cookie(self, name: str) -> str:
        """A new login, as a browser sends it."""
        login = self.program.people.accounts.log_in(name, PASSWORD, "192.0.2.1")
        return f"mock_interviewer_login={login.token}"

    def stored(self) -> dict[str, list[Any]]:
        """All that is Ada's, and all that is nobody's own, as it is in the database."""
        mine = f"('{self.finished}', '{self.open}')"
        played = f"('{self.role_play}', '{self.ended_role_play}')"
        found = {}
        with closing(sqlite3.connect(self.data / "interviews.sqlite3")) as raw:
            tables = [
                row[0] for row in raw.execute("select name from sqlite_master where type = 'table'")
            ]
            for table in sorted(tables):
                columns = [row[1] for row in raw.execute(f"pragma table_info('{table}')")]
                if table in ("logins", "login_attempts") or not columns:
                    continue
                which = "1"
                if table == "invitations":
                    which = f"label = 'For {ASKED}'"
                elif table == "assignments":
                    which = f"id = '{self.assignment}'"
                elif table == "interviews":
                    which = f"candidate_id = '{self.people['Ada'].id}'"
                elif table == "drill_attempts":
                    which = f"person_id = '{self.people['Ada'].id}'"
                elif table == "role_plays":
                    which = f"candidate_id = '{self.people['Ada'].id}'"
                elif table == "role_play_exchanges":
                    which = f"role_play_id in {played}"
                elif "interview_id" in columns:
                    which = f"interview_id in {mine}"
                query = f"select * from {table!r} where {which}"  # noqa: S608
                found[table] = sorted(raw.execute(query).fetchall(), key=repr)
        return found


@contextmanager
def world(data: Path, model_url: str = "http://127.0.0.1:9/v1") -> Iterator[World]:
    """Make the people, and Ada's interviews: one that is finished and graded, one that is open."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", hasher)
        patch.setattr(passwords, "_NOBODYS", hasher.hash("nobody's password"))
        environ = {
            "MOCK_INTERVIEWER_DATA": str(data),
            "MOCK_INTERVIEWER_MODEL": "scripted",
            "MOCK_INTERVIEWER_STRATEGY": "levels",
            "OPENAI_BASE_URL": model_url,
        }
        program = Program(load_settings(environ))
        made = World(program, data)
        for name, role in ROLES.items():
            made.people[name] = program.people.accounts.add(name, role, PASSWORD)
        for group, members in GROUPS.items():
            program.people.groups.add(group)
            for member in members:
                program.people.groups.join(group, member)
        program.accounts_on = True
        made.finished, made.open = (_interview(made, ends) for ends in (True, False))
        made.invitation, made.assignment = _sent_by_the_coach(made)
        made.review = _review(made)
        made.drill = next(d.id for d in program.drills.bank.drills if isinstance(d, Written))
        line = f"I can hear that {LINE} was hard for you."
        made.attempt = program.drills.send(made.people["Ada"], made.drill, line)
        made.role_play, made.ended_role_play = (_role_play(made, ends) for ends in (False, True))
        yield made


def _role_play(world: World, ends: bool) -> str:
    playing, ada = world.program.role_playing, world.people["Ada"]
    role_plays = RolePlays(world.program.store.sessions)
    role_play = playing.begin(ada, playing.scenarios[0].id)
    reply = f"I can hear that {REPLY} was hard for you."
    role_plays.reply(role_play, 1, reply)
    seen = {Behaviour.VALIDATION: Seen(level=1, sentences=(1,))}
    observation = Observation(behaviours=seen, observer="cues")
    exchange = Exchange(reply=reply, observation=observation, said=f"It was. {REPLY}, too.")
    role_plays.answer(role_play, 1, exchange, ends=ends)
    if ends:
        role_plays.give_up(role_play, f"It refused {REPLY}.")
    return role_play


def _review(world: World) -> int:
    ada, coach = world.people["Ada"], world.people["coach"]
    world.program.people.groups.share(ada, world.finished, True)
    reviewing = world.program.desk.reviewing
    review = reviewing.open(coach, world.finished, blind=False).answers[0].review
    reviewing.save(coach, review.id, review.version, Findings(comment=f"{GRADE} is well seen."))
    world.program.people.groups.share(ada, world.finished, False)
    return review.id


def _sent_by_the_coach(world: World) -> tuple[str, str]:
    program, coach = world.program, world.people["coach"]
    (group,) = program.desk.assignments.groups(coach)
    made = program.desk.invitations.invite(coach, group.id, label=f"For {ASKED}")
    given = program.desk.assignments.give(
        coach,
        [program.bank.questions[0].id],
        candidate_id=world.people["Ada"].id,
        title=f"About {ASKED}",
    )
    return made.token, given.id


def _interview(world: World, ends: bool) -> str:
    store = world.program.store
    interview_id = store.create_interview(
        candidate_id=world.people["Ada"].id,
        mode=Mode.PRACTICE,
        trade="retail",
        questions=[question(text=f"Tell me about {ASKED}.") for _ in range(2)],
    )
    said = f"I called {TURN} back. She was glad that the parcel had come."
    turns = [
        turn(0, TurnKind.QUESTION, f"Tell me about {ASKED}."),
        turn(1, TurnKind.ANSWER, said),
        turn(2, TurnKind.END if ends else TurnKind.WRAP, "" if ends else "Thank you."),
    ]
    if ends:
        turns.append(turn(3, TurnKind.CLOSING, "Thank you."))
    store.append(interview_id, turns, [(0, 0)])
    (answer,) = store.answers(interview_id)
    criteria = world.program.rubric.criteria
    given = grade({criterion.id: max(criterion.words) for criterion in criteria})
    ratings = {
        name: rating.model_copy(update={"next_step": f"Say what {GRADE} felt."})
        for name, rating in given.ratings.items()
    }
    store.waiting.save_grade(answer.id, given.model_copy(update={"ratings": ratings}))
    store.save_draft(interview_id, f"And then {DRAFT}")
    return interview_id
