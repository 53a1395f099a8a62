"""Takes every tick, and has nothing to say."""

from madang import Strategy, Tick, serve


class Mute(Strategy):
    """Waits for what never comes."""

    inputs = ("ticks",)

    def on_tick(self, tick: Tick) -> None:
        """Nothing."""


if __name__ == "__main__":
    serve(Mute)
