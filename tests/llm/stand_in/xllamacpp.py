"""Stands in for the real `xllamacpp` in the child process of test_embedded.py.

The "model file" is a JSON object: `loading` says what happens at the first start, `again` at
later ones: `crash` or `hang`. How often it was started is the length of the file `….starts`.
`spoken` is what it streams, word by word, and `graded` what it replies in one piece, each after
`pause` seconds, the latter once the file `….asked` is there; without them it takes orders.
Questions are orders: `die` ends the process, `die once` does so only in the first one, `slow` makes
the first word late, `params` tells how the server was set up, `slot` which slot was asked for;
everything else is said back.
"""

from __future__ import annotations

import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

llama_pooling_type = SimpleNamespace(LLAMA_POOLING_TYPE_NONE="none")
llama_load_mode = SimpleNamespace(LLAMA_LOAD_MODE_NONE="none")


class CommonParams(SimpleNamespace):
    """Takes what it is given."""

    def __init__(self) -> None:
        super().__init__(
            model=SimpleNamespace(), cpuparams=SimpleNamespace(), cpuparams_batch=SimpleNamespace()
        )


class Server:
    """A chat server on a free port."""

    def __init__(self, params: Any) -> None:
        path = Path(params.model.path)
        script = json.loads(path.read_text())
        with path.with_suffix(".starts").open("a") as starts:
            starts.write("x")
        first = path.with_suffix(".starts").stat().st_size == 1
        match script.get("loading" if first else "again"):
            case "crash":
                os._exit(3)
            case "hang":
                time.sleep(60)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.headers["Authorization"] != f"Bearer {params.api_keys[0]}":
                    self.send_error(401)
                    return
                said = body["messages"][-1]["content"]
                if body.get("stream") and "spoken" in script:
                    self._speak(script["spoken"].split(" "))
                elif body.get("stream"):
                    self._stream(said)
                elif "graded" in script:
                    path.with_suffix(".asked").touch()
                    time.sleep(script["pause"])
                    self._reply(script["graded"])
                else:
                    text = _obey(said, first, params)
                    text = str(body["id_slot"]) if said == "slot" else text
                    self._reply(text)

            def _reply(self, text: str) -> None:
                message = {"role": "assistant", "content": text}
                self._send({"choices": [{"message": message, "finish_reason": "stop"}]}, b"%s")

            def _speak(self, words: list[str]) -> None:
                for place, word in enumerate([*words, ""]):
                    reason = None if place < len(words) else "stop"
                    choice = {"delta": {"content": f"{word} "}, "finish_reason": reason}
                    self._send({"choices": [choice]}, b"data: %s\n\n")
                    time.sleep(script["pause"])

            def _stream(self, said: str) -> None:
                if said == "slow":
                    time.sleep(5)
                for word, reason in (("one ", None), ("two ", None), (None, "stop")):
                    choice = {"delta": {"content": word}, "finish_reason": reason}
                    self._send({"choices": [choice]}, b"data: %s\n\n")
                    _obey(said, first, params)

            def _send(self, data: Any, form: bytes) -> None:
                if not hasattr(self, "begun"):
                    self.begun = True
                    self.send_response(200)
                    self.end_headers()
                self.wfile.write(form % json.dumps(data).encode())

            def log_message(self, format: str, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer((params.hostnames[0], params.port), Handler)
        self.listening_address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()


_together = threading.Barrier(2)


def _obey(said: str, first: bool, params: Any) -> str:
    if said == "die together" and first:
        _together.wait(10)
    if said == "die" or (said.startswith("die ") and first):
        time.sleep(0.1)  # what was sent so far arrives
        os._exit(9)
    if said == "params":
        return json.dumps(vars(params), default=_plain)
    return f"You said {said}"


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, set) else vars(value)
