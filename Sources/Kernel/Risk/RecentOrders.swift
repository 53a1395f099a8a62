import TradingModel

/// An account's last buys and failures, as far back as its limits ask. A value; grows with orders alone.
struct RecentOrders {
    private struct Buy {
        let time: Timestamp
        let instrument: InstrumentID
        let quantity: Quantity
        let limit: Price?
    }
    /// By time.
    private var buys: [Buy] = []
    private var failures: [InstrumentID: Timestamp] = [:]
    /// Half of these are known at least: more than any limit counts in a minute.
    private static let most = 65_536

    /// - Parameter memory: What is older is forgotten.
    mutating func note(_ order: Order, at time: Timestamp, memory: Nanoseconds) {
        guard memory > .zero else { return }
        // In steps: moving the rest up for each order would cost as much as it holds.
        if buys.count >= 64, buys[buys.count / 2].time.advanced(by: memory) <= time {
            buys.removeFirst(buys.count / 2)
        }
        if buys.count >= Self.most { buys.removeFirst(buys.count / 2) }
        buys.append(
            Buy(
                time: time, instrument: order.instrument, quantity: order.quantity,
                limit: order.limit))
    }

    mutating func noteFailure(in instrument: InstrumentID, at time: Timestamp) {
        failures[instrument] = time
    }

    var kept: Int { buys.count }

    /// Buys later than `span` before `now`, and those of a clock that was ahead.
    func count(within span: Nanoseconds, of now: Timestamp) -> Int {
        // From the end: mostly few are that young.
        buys.reversed().prefix { $0.time.advanced(by: span) > now }.count
    }

    /// How long ago the same was bought; `nil` where it was not.
    func age(of order: Order, at now: Timestamp) -> Nanoseconds? {
        let twin = buys.last {
            $0.instrument == order.instrument && $0.quantity == order.quantity
                && $0.limit == order.limit
        }
        return twin.map { now.since($0.time) }
    }

    func ageOfFailure(in instrument: InstrumentID, at now: Timestamp) -> Nanoseconds? {
        failures[instrument].map { now.since($0) }
    }
}
