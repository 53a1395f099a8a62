import Kernel
import TradingModel

/// Limits that prices pass: the host tells of each that stays passed, and buys nothing behind it.
struct WatchBooks {
    /// What the host told that stands, with its records.
    var told: [(limit: WatchedLimit, instrument: InstrumentID?, record: UInt64)] = []
    /// By instrument: what the host saw, the last of it and what a crash may bring back, with its records.
    private var seen: [[(price: Int64, record: UInt64)]]
    /// Since when the books say that a limit is passed, and it was not told.
    var since: [WatchedLimit: Timestamp] = [:]

    init(instruments: Int) { seen = Array(repeating: [], count: instruments) }

    func price(_ instrument: Int) -> Int64? { seen[instrument].last?.price }

    /// - Parameter durable: What no crash takes back.
    mutating func saw(_ price: Int64, _ instrument: Int, _ record: UInt64, durable: UInt64) {
        let old = seen[instrument].lastIndex { $0.record <= durable } ?? 0
        seen[instrument].removeFirst(old)
        seen[instrument].append((price, record))
    }
    mutating func forgetPrices(behind kept: UInt64 = 0) {
        for index in seen.indices { seen[index].removeAll { $0.record > kept } }
    }
}

extension Checker {
    /// Longer than the host lets pass between two looks, with an event in each of them.
    private static let patience = Nanoseconds.seconds(12)

    mutating func passed(_ limit: WatchedLimit, _ instrument: InstrumentID?, _ record: UInt64) {
        if watch.told.contains(where: { $0.limit == limit && $0.instrument == instrument }) {
            violate(.watch, "\(limit.name) is told twice in one day")
        }
        if instrument == nil, let loss = loss(), !isPast(limit, loss) {
            violate(
                .watch, "\(limit.name) is said to be passed, and \(Money(units: loss)) are lost")
        }
        watch.told.append((limit, instrument, record))
        watch.since[limit] = nil
    }

    /// The host has a price: what it makes of it comes next.
    mutating func watch(_ instrument: InstrumentID, _ price: Price, _ record: UInt64) {
        watch.saw(price.units, Int(instrument.index), record, durable: durable)
        for limit in [WatchedLimit.dayLoss, .drawdown] {
            guard let loss = loss(), isPast(limit, loss), !isTold(limit) else {
                watch.since[limit] = nil
                continue
            }
            let since = watch.since[limit] ?? now
            watch.since[limit] = since
            guard now.since(since) > Self.patience else { continue }
            violate(
                .watch, "\(Money(units: loss)) are lost, past \(limit.name), and nobody is told")
            watch.since[limit] = nil
        }
    }

    mutating func checkWatch(_ order: Order) {
        for limit in [WatchedLimit.dayLoss, .drawdown] where isTold(limit) {
            violate(.limits, "intent \(order.number) buys in the day that \(limit.name) was passed")
        }
    }

    /// In another scale every price is an old one.
    mutating func forgetPrices() {
        watch.forgetPrices()
        watch.since = [:]
    }

    mutating func crashedWatch(_ kept: UInt64) {
        watch.told.removeAll { $0.record > kept }
        watch.forgetPrices(behind: kept)
        // Nobody looks while nobody is there.
        watch.since = [:]
    }

    private func isTold(_ limit: WatchedLimit) -> Bool {
        watch.told.contains { $0.limit == limit }
    }

    /// Since the day began, which is when the run did; `nil` while a price is missing.
    private func loss() -> Int128? {
        var equity = cash
        for index in position.indices where position[index] != 0 {
            guard let price = watch.price(index) else { return nil }
            equity += Int128(price) * Int128(position[index])
        }
        return terms.cash.units + worthCorrected - equity
    }

    private func isPast(_ limit: WatchedLimit, _ loss: Int128) -> Bool {
        let most = limit == .dayLoss ? terms.limits.dayLoss : terms.limits.drawdown
        guard let most else { return false }
        return loss * 1_000_000 > (terms.cash.units + worthCorrected) * Int128(most)
    }
}
