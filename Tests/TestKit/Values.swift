package import TradingModel

extension Price {
    package static func won(_ whole: Int64) -> Price { Price(units: whole * fixedPointScale) }
}

extension Quantity {
    package static func shares(_ whole: Int64) -> Quantity {
        Quantity(units: whole * fixedPointScale)
    }
}

extension Money {
    package static func won(_ whole: Int128) -> Money { Money(units: whole * Money.scale) }
}

extension Timestamp {
    package static func seconds(_ count: Int64) -> Timestamp {
        Timestamp(nanoseconds: count * 1_000_000_000)
    }
}

extension Interval {
    package static let second = seconds(1)
    package static let minute = seconds(60)
    package static let hour = seconds(3_600)
    package static let day = seconds(86_400)
    package static func seconds(_ count: Int64) -> Interval {
        guard let interval = Interval(seconds: count) else {
            preconditionFailure("no interval has \(count) s")
        }
        return interval
    }
}

extension Confidence {
    package static func of(_ millionths: Int64) -> Confidence {
        Confidence(millionths: millionths) ?? .full
    }
}

extension ZoneOffsets {
    package static let seoul = ZoneOffsets(fixed: .seconds(9 * 3_600))
    /// New York in 2024: clocks forward on 10 March 07:00 UTC, back on 3 November 06:00 UTC.
    package static let newYork = ZoneOffsets(changes: [
        Change(from: Timestamp(nanoseconds: .min), offset: .seconds(-5 * 3_600)),
        Change(from: .seconds(1_710_054_000), offset: .seconds(-4 * 3_600)),
        Change(from: .seconds(1_730_613_600), offset: .seconds(-5 * 3_600)),
    ])
}

extension Tick {
    package static func at(
        _ seconds: Int64, _ price: Int64, quantity: Int64 = 1, of instrument: Int = 0
    ) -> Tick {
        Tick(
            instrument: InstrumentID(instrument), feedTime: .seconds(seconds), price: .won(price),
            quantity: .shares(quantity))
    }
}

extension Candle {
    /// A flat candle.
    package static func at(
        _ seconds: Int64, _ price: Int64, interval: Interval = .minute, of instrument: Int = 0
    ) -> Candle {
        .at(seconds, (price, price, price, price), interval: interval, of: instrument)
    }
    /// - Parameter prices: Open, high, low, close in won.
    package static func at(
        _ seconds: Int64, _ prices: (Int64, Int64, Int64, Int64), interval: Interval = .minute,
        of instrument: Int = 0
    ) -> Candle {
        Candle(
            instrument: InstrumentID(instrument), interval: interval, openTime: .seconds(seconds),
            open: .won(prices.0), high: .won(prices.1), low: .won(prices.2), close: .won(prices.3),
            volume: Volume(.shares(10)))
    }
}

extension Quote {
    package static func at(
        _ seconds: Int64, bid: Int64, ask: Int64, of instrument: Int = 0
    ) -> Quote {
        Quote(
            instrument: InstrumentID(instrument), feedTime: .seconds(seconds), bid: .won(bid),
            bidQuantity: .shares(bid > 0 ? 5 : 0), ask: .won(ask),
            askQuantity: .shares(ask > 0 ? 5 : 0))
    }
}
