"""A server that does not judge each instrument alone."""

from madang import Strategy, Tick, serve


class Together(Strategy):
    """Says nothing."""

    inputs = ("ticks",)
    independent_instruments = False

    def on_tick(self, tick: Tick) -> None:
        """Hear it."""


if __name__ == "__main__":
    serve(Together)
