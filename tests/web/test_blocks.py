"""Gradio's Blocks as the practice page has them: what goes through for each event."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from gradio.state_holder import SessionState

from mock_interviewer.web.blocks import Blocks


@pytest.fixture
def page() -> SimpleNamespace:
    with Blocks() as blocks:
        box = gr.Textbox()
        number = gr.Number(precision=0)
        asked = gr.State(None)
        chat = gr.Chatbot()
    return SimpleNamespace(blocks=blocks, box=box, number=number, asked=asked, chat=chat)


def shown(page: SimpleNamespace, given: dict[Any, Any], session: SessionState) -> list[Any]:
    outputs = [page.box, page.number, page.asked, page.chat]
    event = SimpleNamespace(inputs=[], outputs=outputs, postprocess=True)
    made: list[Any] = asyncio.run(page.blocks.postprocess_data(event, given, session))
    return made


def test_what_a_handler_does_not_name_is_left_as_it_is(page: SimpleNamespace) -> None:
    made = shown(page, {page.box: "words"}, SessionState(page.blocks))
    assert made == ["words", gr.skip(), gr.skip(), gr.skip()]


def test_an_update_says_only_what_changes(page: SimpleNamespace) -> None:
    change = gr.update(value=3.2, visible=False)
    made = shown(page, {page.number: change}, SessionState(page.blocks))
    # The number has no decimals: 3.2 is shown as 3.
    assert made[1] == {"__type__": "update", "value": 3, "visible": False}


def test_a_conversation_is_shown_as_the_browser_reads_it(page: SimpleNamespace) -> None:
    said = gr.ChatMessage(role="assistant", content="How did it end?")
    [message] = shown(page, {page.chat: [said]}, SessionState(page.blocks))[3]
    assert message["role"] == "assistant"
    assert message["content"] == [{"text": "How did it end?", "type": "text"}]


def test_a_session_keeps_states_and_nothing_of_what_is_shown(page: SimpleNamespace) -> None:
    session = SessionState(page.blocks)
    shown(page, {page.box: "private words", page.asked: "pressed"}, session)
    event = SimpleNamespace(inputs=[page.box, page.number, page.asked])
    sent = ["typed words", 4, None]
    taken = asyncio.run(page.blocks.preprocess_data(event, sent, session))
    assert taken == ["typed words", 4, "pressed"]
    kept = f"{session.state_data} {session.config_values}"
    assert "pressed" in kept
    assert "words" not in kept


def test_a_session_holds_no_description_of_the_page(page: SimpleNamespace) -> None:
    assert not any(SessionState(page.blocks).config_values.values())
    # While the page itself is still described to the browser.
    described = [part["type"] for part in page.blocks.get_config_file()["components"]]
    assert {"textbox", "number", "chatbot"} <= set(described)
