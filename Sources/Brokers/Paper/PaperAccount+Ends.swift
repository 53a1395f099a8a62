import Ports
package import TradingModel

extension PaperAccount {
    /// Open orders end unfilled, as at the close of a broker's day: what they held comes back.
    ///
    /// - Parameter isDue: Of which, by the market's time at their placing; `nil`: there was none yet.
    /// - Returns: Their ends, in the order they were placed.
    package mutating func expire(
        reason: String, where isDue: (_ placedAt: Timestamp?) -> Bool = { _ in true }
    ) -> [BrokerReport] {
        var reports: [BrokerReport] = []
        for number in open {
            guard let entry = entries[number], isDue(entry.placedAt),
                exchange.cancel(number, of: entry.order.instrument, reason: reason) != nil
            else { continue }
            end(number, as: .expired)
            reports.append(.expired(number, reason: reason))
        }
        return reports
    }
}
