"""Telegram's Bot API, as far as ``sendMessage`` goes, and as strict as the real one.

The bot's token comes from the environment (``TELEGRAM_TOKEN``), never from the command line. Switches:
``chats`` (id to ``{"kind": "private" | "group"}``, with ``"migrated": id``, ``"blocked": true`` or
``"deleted": true``), ``rates`` (false: none), ``token`` (a new one: the old is revoked).
Faults beside the wire's: ``429``, ``429:header``, ``429:body``, ``429:html``, ``500``, ``502:html``, ``404``, ``401``;
``:taken`` behind a code takes the message first; ``:echo`` quotes the address, as what stands between often does.
A wait may follow a space: ``429 3``.
"""

import asyncio
import json
import os
import re
import time

from misbehaving import Answer, Request, Simulator, Window, as_json, run

TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "tg-spoiler", "span", "a", "code",
        "pre", "blockquote", "tg-emoji"}
ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


class Refused(Exception):
    """What the service answers with 400."""


def error(code: int, description: str, **parameters: object) -> Answer:
    """Make a failure: the status is the code."""
    value: dict[str, object] = {"ok": False, "error_code": code, "description": description}
    if parameters:
        value["parameters"] = parameters
    return as_json(code, value)


def units(text: str) -> int:
    """Count UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def parse_html(text: str) -> str:
    """Return the text without markup, or refuse it as Telegram does; offsets are bytes."""
    plain, open_tags, index = "", [], 0

    def offset(at: int) -> int:
        return len(text[:at].encode())

    def fault(words: str) -> Refused:
        return Refused(f"Bad Request: can't parse entities: {words}")

    while index < len(text):
        character = text[index]
        if character == "&":
            match = re.match(r"&(?:#(\d+)|#x([0-9a-fA-F]+)|([a-z]+));?", text[index:])
            if match and (match[1] or match[2]):
                plain += chr(int(match[1]) if match[1] else int(match[2], 16))
            elif match and match[3] in ENTITIES:
                plain += ENTITIES[match[3]]
            else:
                plain += "&"
                index += 1
                continue
            index += match.end()
            continue
        if character != "<":
            plain += character
            index += 1
            continue
        end = text.find(">", index)
        if text[index : index + 2] == "</":
            if end < 0:
                raise fault(f"Unclosed end tag at byte offset {offset(index)}")
            name = text[index + 2 : end].strip().lower()
            if not open_tags:
                raise fault(f"Unexpected end tag at byte offset {offset(index)}")
            expected = open_tags.pop()
            if name not in ("", expected):
                raise fault(f"Unmatched end tag at byte offset {offset(index)}, "
                            f'expected "</{expected}>", found "</{name}>"')
        else:
            if end < 0:
                raise fault(f"Unclosed start tag at byte offset {offset(index)}")
            name = re.split(r"[\s>]", text[index + 1 : end + 1])[0].lower()
            if name not in TAGS:
                raise fault(f'Unsupported start tag "{name}" at byte offset {offset(index)}')
            open_tags.append(name)
        index = end + 1
    if open_tags:
        raise fault(f"Can't find end tag corresponding to start tag \"{open_tags[-1]}\"")
    return plain


class Telegram(Simulator):
    """One bot and its chats."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token
        self.chats: dict[str, dict[str, object]] = {"42": {"kind": "private"}}
        self.rates = True
        self.bot = Window(30, 1.0)
        self.windows: dict[str, list[Window]] = {}
        self.throttled = 0

    def set(self, switches: dict[str, object]) -> None:
        self.chats.update(switches.get("chats", {}))
        self.rates = switches.get("rates", self.rates)
        self.token = switches.get("token", self.token)

    def answer(self, request: Request, fault: str | None) -> Answer:
        match = re.fullmatch(r"/bot([^/]+)/(?:test/)?(\w+)", request.path)
        if not match:
            return error(404, "Not Found")
        token, method = match[1], match[2].lower()
        if not re.fullmatch(r"[1-9][0-9]*:[\w-]+", token) or len(token) > 80:
            return error(401, "Unauthorized: invalid token specified")
        if token != self.token:
            return error(401, "Unauthorized")
        if fault:
            return self.failure(fault)
        if method != "sendmessage":
            return error(404, "Not Found: method not found")
        try:
            return self.send(self.parameters(request))
        except Refused as refusal:
            return error(400, str(refusal))

    def failure(self, fault: str) -> Answer:
        kind, _, wait = fault.partition(" ")
        code, _, form = kind.partition(":")
        seconds = int(wait or "1")
        if form == "echo":
            return error(int(code), f"Cannot POST {self.requests[-1]['path']}")
        if code == "429":
            value = error(429, f"Too Many Requests: retry after {seconds}",
                          **({} if form == "header" else {"retry_after": seconds}))
            if form in ("", "header", "html"):
                value.headers["Retry-After"] = str(seconds)
            if form == "html":
                value.body = b"<html><body>429 Too Many Requests</body></html>"
                value.headers["Content-Type"] = "text/html"
            return value
        if form == "html":
            return Answer(int(code), b"<html>bad gateway</html>", {"Content-Type": "text/html"})
        words = {"500": "Internal Server Error: restart", "401": "Unauthorized", "404": "Not Found",
                 "400": "Bad Request: can't parse entities: Unclosed start tag at byte offset 0"}
        return error(int(code), words.get(code, "Internal Server Error"))

    def parameters(self, request: Request) -> dict[str, object]:
        if request.headers.get("content-type", "").split(";")[0] != "application/json":
            raise Refused("Bad Request: message text is empty")
        try:
            value = json.loads(request.body.decode())
        except ValueError:
            raise Refused("Bad Request: can't parse request body as JSON object") from None
        if not isinstance(value, dict):
            raise Refused("Bad Request: can't parse request body as JSON object")
        for name, kinds in (("chat_id", (int, str)), ("text", str), ("parse_mode", str),
                            ("link_preview_options", dict), ("disable_notification", bool)):
            if value.get(name) is not None and not isinstance(value[name], kinds):
                raise Refused(f"Bad Request: field \"{name}\" must be of another type")
        return value

    def send(self, value: dict[str, object]) -> Answer:
        chat, text = str(value.get("chat_id", "")), str(value.get("text", ""))
        mode = value.get("parse_mode")
        if mode not in (None, "", "HTML"):
            raise Refused("Bad Request: unsupported parse_mode")
        plain = parse_html(text) if mode else text
        if not plain.strip():
            raise Refused("Bad Request: message text is empty")
        if units(plain) > 4096:
            raise Refused("Bad Request: message is too long")
        if not chat:
            raise Refused("Bad Request: chat_id is empty")
        known = self.chats.get(chat)
        if known is None:
            raise Refused("Bad Request: chat not found")
        if "migrated" in known:
            return error(400, "Bad Request: group chat was upgraded to a supergroup chat",
                         migrate_to_chat_id=known["migrated"])
        if known.get("blocked"):
            return error(403, "Forbidden: bot was blocked by the user")
        if known.get("deleted"):
            return error(403, "Forbidden: the group chat was deleted")
        now = time.monotonic()
        if self.rates and (wait := self.wait(chat, known, now)) > 0:
            self.throttled += 1
            self.requests[-1]["throttled"] = True
            return self.failure(f"429 {int(wait) + 1}")
        for window in [self.bot, *self.windows.get(chat, [])]:
            window.times.append(now)
        number = len(self.accepted) + 1
        self.accepted.append({"chat": chat, "text": plain, "raw": text, "mode": mode, "at": now})
        return as_json(200, {"ok": True, "result": {
            "message_id": number, "date": int(time.time()), "chat": {"id": int(chat)}, "text": plain}})

    def wait(self, chat: str, known: dict[str, object], now: float) -> float:
        if chat not in self.windows:
            group = known["kind"] == "group"
            self.windows[chat] = [Window(1, 1.0)] + ([Window(20, 60.0)] if group else [])
        return max(window.wait(now) for window in [self.bot, *self.windows[chat]])


if __name__ == "__main__":
    asyncio.run(run(Telegram(os.environ["TELEGRAM_TOKEN"])))
