"""What one person may ask for: enough for any human pace, and no more; and nothing is lost."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn

from mock_interviewer.core.interview import Mode, TurnKind
from mock_interviewer.core.rubric import load_rubric
from mock_interviewer.errors import LimitError
from mock_interviewer.grading.grader import Grader
from mock_interviewer.interviewing.prober import make_prober
from mock_interviewer.llm.catalogue import Strategy
from mock_interviewer.llm.chat import Request
from mock_interviewer.service import limits
from mock_interviewer.service.limits import Act, Limits
from mock_interviewer.service.plan import Setup
from mock_interviewer.service.practice import Practice
from mock_interviewer.storage.store import Store
from mock_interviewer.web.body_limit import BODY_BYTES, BodyLimit
from tests.scripted import ScriptedChat
from tests.service.practising import BANK, TOLD


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def chat() -> ScriptedChat:
    return ScriptedChat("none")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture
def practice(store: Store, chat: ScriptedChat, clock: Clock) -> Practice:
    """At most three open interviews and five messages a minute."""
    prober = make_prober(chat, Grader(chat, load_rubric(), Strategy.LEVELS), 8192)
    bounds = Limits(open_interviews=3, messages_a_minute=5, clock=clock)
    return Practice(store, BANK, prober, message_characters=200, limits=bounds)


def begun(practice: Practice, who: str = "ada", mode: Mode = Mode.PRACTICE) -> str:
    return practice.start(who, Setup(mode=mode))


def answer(practice: Practice, interview: str, text: str = TOLD) -> None:
    practice.send(interview, len(practice.interview(interview).turns), TurnKind.ANSWER, text)
    list(practice.reply(interview))


def end(practice: Practice, interview: str) -> None:
    practice.send(interview, len(practice.interview(interview).turns), TurnKind.END)
    list(practice.reply(interview))


def test_somebody_with_as_many_open_interviews_is_told_what_to_do(practice: Practice) -> None:
    first, *_ = [begun(practice) for _ in range(3)]
    with pytest.raises(LimitError, match=r"3 interviews that are still open\. Finish one"):
        begun(practice)
    begun(practice, "bob")
    end(practice, first)
    begun(practice)


def test_interviews_begun_in_an_hour_are_counted(practice: Practice, clock: Clock) -> None:
    for _ in range(60):
        end(practice, begun(practice))
        clock.now += 20
    with pytest.raises(LimitError, match=r"in an hour\. Try again in 40 minutes; nothing is lost"):
        begun(practice)
    begun(practice, "bob")
    clock.now = 3601
    begun(practice)


def test_messages_in_a_minute_are_counted_and_the_interview_stands(
    practice: Practice, clock: Clock
) -> None:
    interview = begun(practice)
    for _ in range(2):
        answer(practice, interview)
        practice.send(interview, len(practice.interview(interview).turns), TurnKind.NEXT)
        list(practice.reply(interview))
    answer(practice, interview)
    before = practice.interview(interview).turns
    with pytest.raises(LimitError, match=r"faster than an interview can go\. Try again in 60 s"):
        answer(practice, begun(practice))
    other = begun(practice, "bob")
    answer(practice, other)
    assert practice.interview(interview).turns == before
    clock.now += 60
    answer(practice, begun(practice))


def test_ending_an_interview_is_always_possible(practice: Practice) -> None:
    interview = begun(practice)
    for _ in range(5):
        practice.limits.count(Act.MESSAGE, "ada")
    end(practice, interview)


def test_a_hint_is_a_message(practice: Practice) -> None:
    interview = begun(practice)
    for _ in range(5):
        practice.limits.count(Act.MESSAGE, "ada")
    with pytest.raises(LimitError):
        practice.hint(interview, 1)
    assert len(practice.interview(interview).turns) == 1


def test_retries_are_counted(practice: Practice, clock: Clock) -> None:
    interview = begun(practice)
    for number in range(10):
        clock.now = number * 5.0
        practice.limits.count(Act.RETRY, "ada")
    answer(practice, interview)
    with pytest.raises(LimitError, match="asked again"):
        practice.retry(interview, 0)


def test_drafts_are_counted_at_the_pace_of_typing(practice: Practice, clock: Clock) -> None:
    interview = begun(practice)
    for number in range(50):
        practice.save_draft(interview, f"draft {number}")
    with pytest.raises(LimitError):
        practice.save_draft(interview, "one too many")
    assert practice.interview(interview).draft == "draft 49"
    clock.now += 60
    practice.save_draft(interview, "again")


def test_a_draft_is_cut_to_two_messages(practice: Practice) -> None:
    interview = begun(practice)
    practice.save_draft(interview, "x" * 100_000)
    assert len(practice.interview(interview).draft) == 400


def test_who_types_for_ten_minutes_without_a_pause_meets_no_limit() -> None:
    clock = Clock()
    bounds = Limits(clock=clock)
    while clock.now < 600:
        bounds.count(Act.DRAFT, "ada")
        clock.now += 0.4
    clock.now = 0
    for _ in range(200):
        bounds.count(Act.MESSAGE, "bob")
        clock.now += 3


def test_no_number_of_people_fills_the_memory() -> None:
    bounds = Limits()
    for number in range(limits.REMEMBERED + 500):
        bounds.count(Act.DRAFT, f"somebody {number}")
    assert bounds.remembered() == limits.REMEMBERED


def test_what_several_threads_do_at_once_is_all_counted() -> None:
    bounds = Limits(messages_a_minute=1000)
    refused: list[LimitError] = []

    def act() -> None:
        for _ in range(300):
            try:
                bounds.count(Act.MESSAGE, "ada")
            except LimitError as error:
                refused.append(error)

    threads = [threading.Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 200


# ---- another's data ----


def test_a_model_is_sent_nothing_of_another_interview(
    practice: Practice, chat: ScriptedChat, clock: Clock
) -> None:
    def told(name: str) -> str:
        return f"MARK-{name}: a guest had lost her key, and I searched the garden with her."

    people = ("ada", "bob", "eve")
    interviews = {who: begun(practice, who) for who in people}
    asked: dict[str, list[Request]] = {}
    for _ in range(2):
        for who, interview in interviews.items():
            before = len(chat.requests)
            if practice.interview(interview).turns[-1].kind is not TurnKind.QUESTION:
                practice.send(interview, len(practice.interview(interview).turns), TurnKind.NEXT)
                list(practice.reply(interview))
            answer(practice, interview, told(who))
            asked.setdefault(who, []).extend(chat.requests[before:])
    for who in people:
        sent = " ".join(m.content for r in asked[who] for m in r.messages)
        assert f"MARK-{who}" in sent
        assert not [other for other in people if other != who and f"MARK-{other}" in sent]


# ---- the size of a request ----


async def echo(scope: object, receive: object, send: object) -> None:
    """An app that reads the whole body."""
    assert callable(receive)
    assert callable(send)
    read, more = 0, True
    while more:
        message = await receive()
        read += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(read).encode()})


@contextmanager
def served(most: int) -> Iterator[int]:
    """That app behind the limit, on a real server; gives its port."""
    config = uvicorn.Config(BodyLimit(echo, most), port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


def posted(port: int, body: bytes, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    chunked = "Transfer-Encoding" in {name.replace("_", "-") for name in headers}
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("POST", "/", body=body, headers=sent, encode_chunked=chunked)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_a_request_that_is_too_long_is_refused_in_plain_words() -> None:
    with served(100) as port:
        assert posted(port, b"x" * 100) == (200, b"100")
        status, told = posted(port, b"x" * 101)
        assert status == 413
        assert b"up to 100 are taken" in told
        assert posted(port, b"x", Transfer_Encoding="chunked")[0] == 411


def test_a_full_message_in_any_script_is_far_below_the_limit() -> None:
    longest = json.dumps("\U0001f600" * 5000)
    assert 4 * len(longest) < BODY_BYTES


def test_who_has_done_nothing_for_long_is_forgotten_and_who_has_is_still_counted() -> None:
    clock = Clock()
    bounds = Limits(messages_a_minute=2, clock=clock)
    for number in range(50):
        bounds.count(Act.MESSAGE, f"early-{number}")
    assert bounds.remembered() == 50
    clock.now = 61
    for number in range(50):
        bounds.count(Act.MESSAGE, f"late-{number}")
    # Each of the late ones let two early ones go, until none was left.
    assert bounds.remembered() == 50
    bounds.count(Act.MESSAGE, "late-49")
    with pytest.raises(LimitError):
        bounds.count(Act.MESSAGE, "late-49")


def test_somebody_alone_who_comes_back_after_a_while_is_counted() -> None:
    clock = Clock()
    bounds = Limits(messages_a_minute=1, clock=clock)
    bounds.count(Act.MESSAGE, "ada")
    clock.now = 61
    bounds.count(Act.MESSAGE, "ada")
    with pytest.raises(LimitError):
        bounds.count(Act.MESSAGE, "ada")
