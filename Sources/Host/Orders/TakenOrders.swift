package import Ports
package import TradingModel

/// Which orders a broker takes, and when: its capabilities, held against each order in the line before its call. A value.
///
/// What the broker would refuse anyhow is refused here, in words that say what to do, and costs neither a call of its limit
/// nor a doubt. Cancels pass at every hour: whether one can be taken is the broker's to say.
package struct TakenOrders: Hashable, Sendable {
    /// The broker's, as the configuration has it.
    let name: String
    let capabilities: BrokerCapabilities
    /// Of the hours.
    let zone: ZoneOffsets
    /// By instrument.
    let lots: [Quantity]

    /// - Parameters:
    ///   - zone: Of the capabilities' hours; of those around the clock nobody asks.
    ///   - lots: By instrument; one that is not there is not held against its lot.
    package init(
        _ name: String, _ capabilities: BrokerCapabilities, zone: ZoneOffsets = .utc,
        lots: [Quantity] = []
    ) {
        self.name = name
        self.capabilities = capabilities
        self.zone = zone
        self.lots = lots
    }

    /// Why an order is not sent; `nil`: it may be.
    ///
    /// - Parameter time: UTC.
    /// - Returns: `rejected` for its kind or quantity, `notTradable` for the hour: certain and final, as the broker's own.
    package func objection(to order: Order, at time: Timestamp) -> BrokerError? {
        objection(
            to: order.limit == nil ? .market : .limit, order.quantity, of: order.instrument,
            at: time)
    }

    /// The same of a change: an order that is changed has a limit. Its lot was the gate's to look at.
    package func objection(to change: OrderChange, at time: Timestamp) -> BrokerError? {
        objection(to: .limit, change.quantity, of: nil, at: time)
    }

    private func objection(
        to type: BrokerCapabilities.OrderType, _ quantity: Quantity, of instrument: InstrumentID?,
        at time: Timestamp
    ) -> BrokerError? {
        guard capabilities.orderTypes.contains(type) else {
            return BrokerError(.rejected, "not sent: \(name) takes no \(type) orders")
        }
        if let unit = unit(of: instrument), unit.isPositive,
            quantity.units % unit.units != 0
        {
            return BrokerError(
                .rejected,
                "not sent: \(quantity) is no multiple of \(unit), in which \(name) takes quantities"
            )
        }
        switch capabilities.hours.standing(of: type, at: time, zone) {
        case .open: return nil
        case .closed:
            return BrokerError(
                .notTradable,
                "not sent: \(name) takes orders \(capabilities.hours.words), and it is"
                    + " \(zone.clockText(at: time)) there")
        case .otherTypes:
            return BrokerError(
                .notTradable,
                "not sent: \(name) takes no \(type) orders at \(zone.clockText(at: time))")
        }
    }

    private func unit(of instrument: InstrumentID?) -> Quantity? {
        switch capabilities.units {
        case .fractions(let step): return step
        case .lots:
            let index = instrument.map { Int($0.index) } ?? -1
            return lots.indices.contains(index) ? lots[index] : nil
        }
    }
}

extension TradingHours {
    enum Standing: Hashable { case open, closed, otherTypes }

    /// - Parameter zone: Of the windows.
    func standing(
        of type: BrokerCapabilities.OrderType, at time: Timestamp, _ zone: ZoneOffsets
    ) -> Standing {
        guard case .windows(let windows, _) = self else { return .open }
        let day = zone.day(of: time)
        let local = time.advanced(by: zone.offset(at: time)).nanoseconds - day * nanosecondsPerDay
        var standing = Standing.closed
        // Yesterday's, where it ends behind midnight.
        for (opened, since) in [(day, local), (day - 1, local + nanosecondsPerDay)] {
            let weekday = Self.weekday(of: opened)
            for window in windows
            where window.weekdays.contains(weekday) && since >= window.opens.count
                && since < window.closes.count
            {
                if window.orderTypes.contains(type) { return .open }
                standing = .otherTypes
            }
        }
        return standing
    }

    /// - Parameter day: Since 1970-01-01, which was a Thursday.
    /// - Returns: 1 Monday … 7 Sunday.
    fileprivate static func weekday(of day: Int64) -> Int {
        Int(day + 3 - floorDivide(day + 3, 7) * 7) + 1
    }

    /// `09:00-15:30 (Asia/Seoul)`, for people.
    package var words: String {
        guard case .windows(let windows, let zone) = self else { return "around the clock" }
        let spans = windows.map {
            "\(Self.clock($0.opens.count))-\(Self.clock($0.closes.count))"
        }
        return (spans.isEmpty ? "never" : spans.joined(separator: ", ")) + " (\(zone))"
    }

    fileprivate static func clock(_ time: Int64) -> String {
        let minutes = time / 60_000_000_000
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return two(minutes / 60) + ":" + two(minutes % 60)
    }
}

extension ZoneOffsets {
    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

    /// `Sat 16:02`.
    fileprivate func clockText(at time: Timestamp) -> String {
        let day = day(of: time)
        let local = time.advanced(by: offset(at: time)).nanoseconds - day * nanosecondsPerDay
        return Self.weekdays[TradingHours.weekday(of: day) - 1] + " " + TradingHours.clock(local)
    }
}
