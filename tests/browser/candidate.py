"""A candidate at the browser: the steps that the tests are told in."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import App
from tests.browser.scripted_model import ScriptedModel

ANSWER = (
    "Last year a woman rang our shop because her parcel had not come. "
    "I looked it up and saw that it was lost. "
    "I sent a new one by courier the same evening, because it was for her son's birthday."
)
REPLY = "I asked for her number and told her that I would see to it myself."


class Candidate:
    """One tab with one interview."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.box = page.get_by_label("Your answer")
        self.send = page.get_by_role("button", name="Send", exact=True)
        self.hint = page.get_by_role("button", name="Hint", exact=True)
        self.no_example = page.get_by_role("button", name="I can't think of an example")
        self.skip = page.get_by_role("button", name="Skip", exact=True)
        self.end = page.get_by_role("button", name="End interview")
        self.go_on = page.get_by_role("button", name="Go on", exact=True)
        self.again = page.get_by_role("button", name="Try this question again")
        self.place = page.get_by_role("heading", level=1)
        self.status = page.locator("#status")
        self.counter = page.locator("#counter")
        self.feedback = page.get_by_role("region", name="Feedback")
        self.interviewer = page.locator("#chat").get_by_role("group", name="Interviewer")
        self.own = page.locator("#chat").get_by_role("group", name="You")

    def begins(self, mode: str = "Practice", focus: str = "STAR stories") -> None:
        """Set up an interview of three questions and wait for the first."""
        self.page.goto(self.url)
        self.page.get_by_role("radio", name=mode).check()
        self.page.get_by_role("radio", name=focus).check()
        self.page.get_by_role("button", name="Start the interview").click()
        self.is_asked("Question 1 of 3")

    def is_asked(self, place: str) -> None:
        """Wait until it is the candidate's turn at this place."""
        expect(self.place).to_have_text(place)
        expect(self.send).to_be_enabled()

    def says(self, text: str) -> None:
        """Type a message and send it."""
        self.box.fill(text)
        self.send.click()

    def drafts(self, text: str) -> None:
        """Type without sending, and wait until it is kept."""
        self.box.fill(text)
        expect(self.counter).to_contain_text("draft kept")

    def answers(self) -> None:
        """Answer, and reply to the one follow-up question that the scripted model has."""
        place = self.place.inner_text()
        self.says(ANSWER)
        self.is_asked(f"{place} · follow-up 1 of 2")
        self.says(REPLY)

    def sees_grades(self) -> None:
        """On the way to the report: rate nothing where that is asked first."""
        expect(self.place).to_have_text(re.compile("^(Your report|How do you see it yourself.)$"))
        if self.place.inner_text() != "Your report":
            self.page.get_by_role("button", name="Show my grades without rating myself").click()

    def messages(self) -> list[str]:
        """All messages of the chat, in order."""
        texts = self.page.locator("#chat").get_by_role("group").all_inner_texts()
        return [text.strip() for text in texts]

    def opens_report(self) -> None:
        """Go to the report from the end of the interview, and wait until all is graded.

        Where it asks for own levels first, none are given.
        """
        self.page.get_by_role("link", name="Open your report").click()
        self.sees_grades()
        expect(self.page.get_by_role("heading", name="Your report")).to_be_visible()
        expect(self.page.locator("#waiting")).to_have_count(0)


def held(page: Page, app: App, model: ScriptedModel) -> str:
    """Hold an interview with one answer and open its report; returns the interview's id."""
    candidate = Candidate(page, app.url)
    model.probes = []
    candidate.begins()
    candidate.says(ANSWER)
    expect(candidate.go_on).to_be_visible()
    candidate.end.click()
    candidate.opens_report()
    return page.url.rpartition("/")[2]
