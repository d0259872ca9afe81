"""Getting a suite's missing replies from a live model, several cases at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from tqdm import tqdm

from mock_interviewer.core.grade import Usage
from mock_interviewer.core.price import Price
from mock_interviewer.evaluation import probing, robustness
from mock_interviewer.evaluation.recordings import RecordingChat
from mock_interviewer.evaluation.reply_run import read_replies
from mock_interviewer.evaluation.reply_suite import ReplySuite
from mock_interviewer.evaluation.reply_tables import ReadReply
from mock_interviewer.evaluation.runner import Result, run
from mock_interviewer.evaluation.suite import Suite, suite_cases
from mock_interviewer.llm.chat import Request
from mock_interviewer.llm.recorded import RecordedChat
from mock_interviewer.llm.tokens import count, count_messages


@dataclass(frozen=True)
class Estimate:
    """What asking for the missing replies will take."""

    requests: int
    prompt_tokens: int
    """By our own count; the schema that goes with a request is in it."""
    completion_tokens: int
    """The most that the requests allow."""
    answers: int
    """How many answers a model that gives embeddings has to read."""

    def text(self, price: Price | None) -> str:
        """As a sentence."""
        parts = []
        if self.answers:
            parts.append(f"Some {self.answers} answers are to be read by the model itself.")
        if self.requests:
            parts.append(self._asked(price))
        return " ".join(parts) or "Nothing is missing."

    def _asked(self, price: Price | None) -> str:
        told = (
            f"{self.requests} requests are missing: about {self.prompt_tokens:,} tokens to read "
            f"and at most {self.completion_tokens:,} to write"
        )
        if price is None:
            return f"{told}; set MOCK_INTERVIEWER_PRICE to see what that costs."
        usage = Usage(prompt=self.prompt_tokens, completion=self.completion_tokens)
        return f"{told}; at most ${price.cost(usage):,.2f}."


def estimate(chat: RecordedChat) -> Estimate:
    """Of what this chat was asked for in vain; replies that only follow on others are not in it."""
    missing = list(chat.missing.values())
    return Estimate(
        requests=len(missing),
        prompt_tokens=sum(_prompt_tokens(request) for request in missing),
        completion_tokens=sum(request.max_tokens for request in missing),
        # An answer is given up at its first text that was never read.
        answers=len(chat.missing_texts),
    )


def record(
    suite: Suite, chat: RecordingChat, *, at_once: int, price: Price | None = None
) -> list[Result]:
    """Ask for everything that the suite needs, with a progress bar for each part.

    Raises `RecordingStoppedError`; what was recorded until then is kept.
    """
    cases = suite_cases(suite)
    results = run(
        cases, chat, suite.grader, trials=suite.trials, spread=_bar(chat, "case", at_once, price)
    )
    if made := suite.variants(cases):
        robustness.run(made, suite.grader(chat), _bar(chat, "variant", at_once, price))
    if suite.probes:
        spread = _bar(chat, "probe", at_once, price)
        probing.run(suite.holed(), suite.prober(chat), spread=spread)
    return results


def record_read(
    suite: ReplySuite, chat: RecordingChat, *, at_once: int, price: Price | None = None
) -> list[ReadReply]:
    """The same for a suite of reference replies. Raises `RecordingStoppedError`."""
    return read_replies(suite, chat, _bar(chat, "reply", at_once, price))


@dataclass(frozen=True)
class _bar:
    """Goes through things several at once, and shows how far it is and what it has cost."""

    chat: RecordingChat
    unit: str
    at_once: int
    price: Price | None

    def __call__(self, do: Callable[[Any], Any], things: Iterable[Any], /) -> Iterator[Any]:
        wanted = list(things)
        with tqdm(total=len(wanted), unit=self.unit) as bar:

            def done(thing: Any) -> Any:
                found = do(thing)
                bar.set_postfix_str(self._so_far(), refresh=False)
                bar.update()
                return found

            with ThreadPoolExecutor(self.at_once) as pool:
                try:
                    yield from pool.map(done, wanted)
                except BaseException:
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise

    def _so_far(self) -> str:
        usage = self.chat.spent.usage
        told = f"{usage.prompt + usage.completion:,} tokens"
        return f"{told}, ${self.price.cost(usage):.2f}" if self.price else told


def _prompt_tokens(request: Request) -> int:
    schema = count(str(dict(request.schema.schema))) if request.schema else 0
    return count_messages(request.messages) + schema
