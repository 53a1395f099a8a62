"""Discord's webhooks, as far as executing one goes, and as strict as the real service.

The webhook's token comes from the environment (``DISCORD_TOKEN``), never from the command line. Switches: ``bucket``
([count, seconds]), ``gone`` (true: the webhook was deleted). Faults beside the wire's: ``429``, ``429:global``,
``429:header``, ``429:body``, ``429:html``, ``401``, ``404``, ``500``, ``502``; ``:html`` behind a code is the page of
something in between, ``:taken`` takes the message first, ``:echo`` quotes the address in its words. A wait may follow a
space: ``429 0.75``.
"""

import asyncio
import json
import math
import os
import re
import time

from misbehaving import Answer, Request, Simulator, Window, as_json, run


def form_error(field: str, code: str, message: str) -> Answer:
    """Make the answer to a body of the wrong form."""
    return as_json(400, {"code": 50035, "message": "Invalid Form Body",
                         "errors": {field: {"_errors": [{"code": code, "message": message}]}}})


class Discord(Simulator):
    """One webhook."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token
        self.gone = False
        self.bucket = Window(5, 2.0)

    def set(self, switches: dict[str, object]) -> None:
        self.gone = switches.get("gone", self.gone)
        if "bucket" in switches:
            self.bucket = Window(*switches["bucket"])

    def answer(self, request: Request, fault: str | None) -> Answer:
        match = re.fullmatch(r"/api(?:/v10)?/webhooks/(\d+)/([\w-]+)", request.path)
        if not match or request.method != "POST":
            return as_json(404, {"code": 0, "message": "404: Not Found"})
        if self.gone:
            return as_json(404, {"code": 10015, "message": "Unknown Webhook"})
        if match[2] != self.token:
            return as_json(401, {"code": 50027, "message": "Invalid Webhook Token"})
        if fault:
            return self.failure(fault)
        now = time.monotonic()
        if (wait := self.bucket.wait(now)) > 0:
            self.requests[-1]["throttled"] = True
            return self.with_bucket(self.failure(f"429 {wait:.3f}"), now)
        return self.with_bucket(self.execute(request, now), now)

    def with_bucket(self, answer: Answer, now: float) -> Answer:
        left = self.bucket.count - len(self.bucket.times)
        oldest = self.bucket.times[0] if self.bucket.times else now
        after = max(0.0, oldest + self.bucket.seconds - now)
        answer.headers |= {
            "X-RateLimit-Limit": str(self.bucket.count), "X-RateLimit-Remaining": str(max(0, left)),
            "X-RateLimit-Reset": f"{time.time() + after:.3f}", "X-RateLimit-Bucket": "abcd1234",
            "X-RateLimit-Reset-After": f"{after:.3f}"}
        return answer

    def failure(self, fault: str) -> Answer:
        kind, _, wait = fault.partition(" ")
        code, _, form = kind.partition(":")
        seconds = float(wait or "1")
        if form == "echo":
            return as_json(int(code), {"code": 0, "message": f"Cannot POST {self.requests[-1]['path']}"})
        if code == "429":
            value: dict[str, object] = {"message": "You are being rate limited.",
                                        "global": form == "global"}
            if form != "header":
                value["retry_after"] = seconds
            answer = as_json(429, value)
            if form != "body":
                answer.headers["Retry-After"] = str(math.ceil(seconds))
            answer.headers["X-RateLimit-Scope"] = "global" if form == "global" else "user"
            if form == "global":
                answer.headers["X-RateLimit-Global"] = "true"
            if form == "html":
                answer.body = b"<html>rate limited</html>"
            return answer
        if form == "html":
            return Answer(int(code), b"<html>another page</html>", {"Content-Type": "text/html"})
        known = {"401": (50027, "Invalid Webhook Token"), "404": (10015, "Unknown Webhook"),
                 "400": (50035, "Invalid Form Body")}
        number, words = known.get(code, (0, f"{code}: Server Error"))
        return as_json(int(code), {"code": number, "message": words})

    def execute(self, request: Request, now: float) -> Answer:
        if request.headers.get("content-type", "").split(";")[0] != "application/json":
            return form_error("_", "CONTENT_TYPE_INVALID", "Expected JSON")
        try:
            value = json.loads(request.body.decode())
        except ValueError:
            return as_json(400, {"code": 50109, "message": "The request body contains invalid JSON."})
        content = value.get("content") if isinstance(value, dict) else None
        if content is not None and not isinstance(content, str):
            return form_error("content", "BASE_TYPE_STRING", "Could not interpret as string.")
        if not (content or "").strip():
            return as_json(400, {"code": 50006, "message": "Cannot send an empty message"})
        if len(content.encode("utf-16-le")) // 2 > 2000:
            return form_error("content", "BASE_TYPE_MAX_LENGTH", "Must be 2000 or fewer in length.")
        mentions = value.get("allowed_mentions")
        if mentions is not None and not (
            isinstance(mentions, dict) and isinstance(mentions.get("parse", []), list)
        ):
            return form_error("allowed_mentions", "DICT_TYPE_CONVERT", "Only dictionaries.")
        self.bucket.times.append(now)
        pinged = mentions is None and "@" in content
        text = re.sub(r"\\([\\*_~`|>])", r"\1", content)
        self.accepted.append({"text": text, "raw": content, "pinged": pinged, "at": now})
        if request.query.get("wait") != "true":
            return Answer(204, b"", {})
        return as_json(200, {"id": str(len(self.accepted)), "content": content})


if __name__ == "__main__":
    asyncio.run(run(Discord(os.environ["DISCORD_TOKEN"])))
