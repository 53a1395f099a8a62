"""Closes the first two connections unheard, as one that ends while it is connected to; then serves."""

import os
import socket

from madang import Result, Strategy, Tick, buy, serve


class Fickle(Strategy):
    """One result for each tick."""

    inputs = ("ticks",)

    def on_tick(self, tick: Tick) -> Result:
        """Buy."""
        return buy(confidence=0.5)


def close_two() -> None:
    """Listen at the address that we shall serve at, and hang up."""
    path = os.environ["MADANG_ADDRESS"].removeprefix("unix:")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        os.chmod(path, 0o600)
        listener.listen()
        for _ in range(2):
            connection, _ = listener.accept()
            connection.close()
    os.unlink(path)


if __name__ == "__main__":
    close_two()
    serve(Fickle)
