import Ports
import TestKit
import TradingModel

/// One event of each kind, and the words in which the second implementation says what it read.
enum Samples {
    private static let nanoseconds: Int64 = 1_000_000_000
    private static func time(_ seconds: Int64) -> Timestamp {
        Timestamp(nanoseconds: seconds * nanoseconds)
    }
    private static func event(
        _ step: UInt64, _ kind: SessionEvent.Kind, index: Int = 0
    ) -> SessionEvent {
        SessionEvent(
            position: EventPosition(step: step, index: index), entryTime: time(1_000), kind: kind)
    }

    static let oneOfEach: [SessionEvent] = [
        event(
            1,
            .tick(
                Tick(
                    instrument: InstrumentID(1), feedTime: time(1), price: Price(units: -5),
                    quantity: Quantity(units: .max), aggressor: .seller))),
        event(
            2,
            .quote(
                Quote(
                    instrument: InstrumentID(0), feedTime: time(2), bid: Price(units: 1),
                    bidQuantity: Quantity(units: 2), ask: Price(units: 3),
                    askQuantity: Quantity(units: 4)))),
        event(
            3,
            .candle(
                Candle(
                    instrument: InstrumentID(0), interval: .minute, openTime: time(60),
                    open: Price(units: 1), high: Price(units: 4), low: Price(units: -1),
                    close: Price(units: 2), volume: Volume(units: Int128(1) << 64 + 5)))),
        event(4, .timer(at: time(10), interval: .seconds(10))),
        event(
            4,
            .account(
                AccountUpdate(
                    instrument: InstrumentID(1), side: .sell, price: Price(units: 7),
                    quantity: Quantity(units: 8), fee: Money(units: 9 * Int128(fixedPointScale)),
                    held: Quantity(units: -10), averagePrice: Price(units: 11),
                    cash: Money(units: 12 * Int128(fixedPointScale)), time: time(9))),
            index: EventPosition.firstAccountIndex),
        event(
            5,
            .tick(
                Tick(
                    instrument: InstrumentID(0), feedTime: time(5), price: Price(units: 6),
                    quantity: Quantity(units: 7)))),
    ]
    static let words = [
        "ticks feed_time=1000000000 entry_time=1000000000000 instrument=1 price=-5"
            + " quantity=9223372036854775807 side=2 flags=0",
        "quotes feed_time=2000000000 entry_time=1000000000000 instrument=0 bid_price=1"
            + " bid_quantity=2 ask_price=3 ask_quantity=4",
        "candles interval=60000000000 open_time=60000000000 close_time=120000000000"
            + " entry_time=1000000000000 instrument=0 open=1 high=4 low=-1 close=2 volume=5"
            + " volume_high=1 flags=1",
        "timers time=10000000000 interval=10000000000",
        "account_updates time=9000000000 instrument=1 side=2 price=7 quantity=8 fee=9"
            + " position=-10 average_price=11 cash=12",
        "ticks feed_time=5000000000 entry_time=1000000000000 instrument=0 price=6 quantity=7"
            + " side=0 flags=0",
    ]
}
