"""Writes 50,000 lines at the first tick."""

from madang import Result, Strategy, Tick, buy, serve


class Chatty(Strategy):
    """One result for each tick."""

    inputs = ("ticks",)
    said = False

    def on_tick(self, tick: Tick) -> Result:
        """Say it all, once."""
        if not self.said:
            self.said = True
            print("\n".join(f"line {n}" for n in range(50_000)), flush=True)
        return buy(confidence=0.5)


if __name__ == "__main__":
    serve(Chatty)
