"""The MA cross of cross_by_candle.py, over candles of two seconds."""

from cross_by_candle import Cross

from madang import serve


class CrossOfSeconds(Cross):
    """Speaks often within a minute."""

    inputs = ("candles:2s",)
    fast: int = 2
    slow: int = 5


if __name__ == "__main__":
    serve(CrossOfSeconds)
