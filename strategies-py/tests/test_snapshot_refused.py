"""A snapshot that is offered and is another's or damaged: refused in words."""

from __future__ import annotations

import random
from typing import Any

import pytest
from counting import Counts, saved, told
from host import BACKTEST, LIVE, Direct, instruments, ticks

from madang import FatalError, Strategy
from madang._snapshot import pack, unpack

pytestmark = pytest.mark.usefixtures("unhurried")


def other(**attributes: Any) -> type[Strategy]:
    return type("Counts", (Counts,), attributes)


REFUSED: list[tuple[type[Strategy], dict[str, Any], dict[str, Any], str]] = [
    (other(version="8"), {}, {}, "version"),
    (Counts, {"parameter_hash": "b"}, {}, "its parameter hash is 'a', here it is 'b'"),
    (Counts, {"parameters": {"step": "2"}}, {}, "'pad=0, step=1', here it is 'pad=0, step=2'"),
    (Counts, {"account": "x"}, {}, "its account is '', here it is 'x'"),
    (Counts, {"mode": LIVE}, {}, "its mode is 'backtest', here it is 'live'"),
    (other(name="else"), {}, {}, "its strategy is 'counts', here it is 'else'"),
    (Counts, {"instruments": instruments("B", "A")}, {}, "instrument 0 is A, the host's B"),
    (Counts, {"watermark": 2}, {}, "it is beyond the watermark 2"),
    (Counts, {}, {"position": 2}, "its position is 3, here it is 2"),
    (other(snapshot_every=0), {}, {}, "Counts takes no part in snapshots"),
    (Counts, {}, {"format": "madang-py/2"}, "its format is 'madang-py/2'; 'madang-py/1' is read"),
    (Counts, {}, {"wrong": "part 2 came where 1 was due"}, "part 2 came where 1 was due"),
]


@pytest.mark.parametrize(("strategy", "fields", "offer", "text"), REFUSED)
async def test_what_is_of_another_is_refused_in_words(
    strategy: type[Strategy], fields: dict[str, Any], offer: dict[str, Any], text: str
) -> None:
    hashed: dict[str, Any] = {"parameter_hash": "a"}
    data = await saved(Counts, 3, **hashed)
    direct = Direct(strategy, **({"watermark": 3} | hashed | fields))
    if strategy.version == "8":
        direct.session._saving._version = "8"
    await direct.attach(data, offer.pop("position", 3), **offer)
    (line,) = direct.texts()
    assert line.startswith("the snapshot at ")
    assert text in line
    ready = direct.said[-1].ready
    assert ready.after == (3 if fields.get("mode") == LIVE else 0)
    await direct.send(events=ticks(ready.after, [9]))
    assert told(direct)[0].split()[0] == str(2 if "parameters" in fields else 1)


async def test_another_sdk_or_model_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = await saved()
    direct = Direct(Counts, watermark=3)
    direct.session._saving._model = "other"
    await direct.attach(data, 3)
    assert "its model hash is '', here it is 'other'" in direct.texts()[0]
    monkeypatch.setattr("madang._saving.VERSION", "9.9")
    direct = await Direct(Counts, watermark=3).attach(data, 3)
    assert "here it is '9.9'" in direct.texts()[0]
    assert direct.said[-1].ready.after == 0


@pytest.mark.parametrize("error", [KeyError("old"), FatalError("no"), RecursionError()])
async def test_restore_that_raises_leaves_a_fresh_strategy(error: Exception) -> None:
    stops: list[int] = []

    class Breaks(Counts):
        def restore(self, state: dict[str, Any]) -> None:
            self.seen = 1000
            raise error

        def on_stop(self) -> None:
            stops.append(self.seen)

    data = await saved(Breaks)
    for mode in (BACKTEST, LIVE):
        stops.clear()
        data = await saved(Breaks, mode=BACKTEST)
        document = unpack(data)
        document["about"]["mode"] = "live" if mode == LIVE else "backtest"
        direct = await Direct(Breaks, mode=mode, watermark=3).attach(pack(document), 3)
        failure, ready = direct.said
        assert (failure.failure.position, failure.failure.recoverable) == (3, True)
        assert failure.failure.message.startswith("restore: ")
        assert "test_snapshot_refused.py" in failure.failure.message
        assert ready.ready.after == (3 if mode == LIVE else 0)
        assert stops == [1000]  # what on_start took is given back
        await direct.send(events=ticks(ready.ready.after, [5]))
        assert told(direct) == ["1 None"]


async def test_on_start_that_raises_still_refuses_the_session() -> None:
    class NoModel(Counts):
        def on_start(self) -> None:
            super().on_start()
            if self.pad:
                raise FileNotFoundError("model.bin")

    document = unpack(await saved(NoModel))
    document["about"]["parameters"] = "pad=1, step=1"
    direct = Direct(NoModel, watermark=3, parameters={"pad": "1"})
    with pytest.raises(Exception, match="on_start failed"):
        await direct.attach(pack(document), 3)
    assert "model.bin" in direct.texts()[0]


@pytest.mark.parametrize("seed", range(5))
async def test_damage_anywhere_begins_afresh(seed: int) -> None:
    data = await saved()
    source = random.Random(seed)
    for _ in range(40):
        damaged = bytearray(data)
        damaged[source.randrange(len(data))] ^= source.randint(1, 255)
        cut = source.choice([len(data), source.randrange(len(data))])
        direct = await Direct(Counts, watermark=3).attach(bytes(damaged[:cut]), 3)
        (line,) = direct.texts()
        assert line.startswith("the snapshot at ")
        assert direct.said[-1].ready.after == 0
        await direct.send(events=ticks(0, [1]))
        assert told(direct) == ["1 None"]
