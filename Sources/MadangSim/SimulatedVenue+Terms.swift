import Ports
import TradingModel

/// What the simulated broker looks at: kinds of orders, steps of quantities, hours.
struct VenueTerms: Hashable, Sendable {
    /// Of a day in Seoul, ns since midnight.
    struct Hours: Hashable, Sendable {
        var opens: Int64
        var closes: Int64

        /// Reads `09:00-15:30`; `nil` for what is no such thing, or does not close behind its opening.
        init?(_ text: String) {
            let ends = text.split(separator: "-", omittingEmptySubsequences: false)
                .map { Self.time($0) }
            guard ends.count == 2, let opens = ends[0], let closes = ends[1], opens < closes
            else { return nil }
            self.opens = opens
            self.closes = closes
        }

        private static func time(_ text: Substring) -> Int64? {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }),
                let hour = Int64(parts[0]), let minute = Int64(parts[1]),
                (0...24).contains(hour), (0..<60).contains(minute)
            else { return nil }
            return (hour * 60 + minute) * 60_000_000_000
        }
    }
    var orderTypes: Set<BrokerCapabilities.OrderType> = [.market, .limit]
    /// Quantities are multiples of it, besides of the instrument's lot.
    var unit: Quantity?
    /// `nil`: always.
    var hours: Hours?

    /// Why an order is not looked at: a code of the wire, and words; `nil`: it is.
    ///
    /// - Parameter time: Of the market; `nil`: it has none yet.
    func objection(
        limit: Price?, quantity: Quantity, at time: Timestamp?
    ) -> (code: String, words: String)? {
        guard orderTypes.contains(limit == nil ? .market : .limit) else {
            return ("rejected", "no \(limit == nil ? "market" : "limit") orders are taken here")
        }
        if let unit, unit.isPositive, quantity.units % unit.units != 0 {
            return ("rejected", "quantity \(quantity) is no multiple of the unit \(unit)")
        }
        guard let hours else { return nil }
        let local = ZoneOffsets(fixed: .seconds(9 * 3_600))
        let now = time ?? Timestamp(nanoseconds: 0)
        let ofDay = now.since(local.startOfDay(of: now)).count
        guard ofDay >= hours.opens, ofDay < hours.closes else {
            return ("not_tradable", "closed at this hour")
        }
        return nil
    }
}

extension SimulatedVenue {
    /// As an answer.
    func objection(limit: Price?, quantity: Quantity) -> VenueAnswer? {
        settings.terms.objection(limit: limit, quantity: quantity, at: account.now)
            .map { .failure(422, $0.code, $0.words) }
    }

    // MARK: Ends

    /// The broker's day is over: what is open ends unfilled.
    mutating func endDay() { tell(account.expire(reason: "the day is over")) }

    mutating func expireThoseDue() {
        guard settings.orderLife > 0, let now = account.now else { return }
        tell(
            account.expire(reason: "it was open for as long as it may be") { placed in
                placed.map { now.since($0).count >= settings.orderLife } ?? false
            })
    }

    /// Its own clock goes on, and nothing is printed meanwhile. Of a market that keeps real time the rim's does.
    ///
    /// - Parameter wait: ns.
    mutating func passBy(_ wait: Int64) {
        guard !settings.isRealTime else { return }
        walk.pass(wait)
        account.pass(to: Timestamp(nanoseconds: walk.time))
        expireThoseDue()
    }
}
