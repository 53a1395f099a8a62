import TradingModel

/// Since when instruments are open: by their exchange's hours, each kind of hours looked up once.
struct OpenHours {
    private struct Group {
        let hours: MarketHours
        let zone: ZoneOffsets
        /// Looked up last.
        var first = Timestamp.distantFuture
        var end = Timestamp(nanoseconds: .min)
    }
    private var groups: [Group] = []
    /// By instrument.
    private var places: [Int] = []
    private static let day = Interval("1d")

    /// - Parameter hours: By instrument; empty: all around the clock.
    init(_ hours: [MarketHours], _ zones: [ZoneOffsets]) {
        var known: [MarketHours: [ZoneOffsets: Int]] = [:]
        for index in zones.indices {
            let own = index < hours.count ? hours[index] : .always
            if let place = known[own]?[zones[index]] {
                places.append(place)
                continue
            }
            known[own, default: [:]][zones[index]] = groups.count
            places.append(groups.count)
            groups.append(Group(hours: own, zone: zones[index]))
        }
    }

    /// - Returns: When its session opened, the beginning of time around the clock; `nil`: it is closed.
    mutating func opening(of instrument: Int, at time: Timestamp) -> Timestamp? {
        let place = places[instrument]
        if groups[place].hours.isAlways { return Timestamp(nanoseconds: .min) }
        if time >= groups[place].first, time < groups[place].end { return groups[place].first }
        guard let day = Self.day,
            let bounds = groups[place].hours.bounds(
                of: day, holding: time, groups[place].zone)
        else { return nil }
        (groups[place].first, groups[place].end) = (bounds.first, bounds.end)
        return bounds.first
    }

    /// What a clock at the exchange shows: `14:00:03`.
    func clock(of instrument: Int, at time: Timestamp) -> String {
        let zone = groups[places[instrument]].zone
        let local = time.advanced(by: zone.offset(at: time)).nanoseconds
        let seconds =
            (local - floorDivide(local, nanosecondsPerDay) * nanosecondsPerDay)
            / 1_000_000_000
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return [seconds / 3_600, seconds / 60 % 60, seconds % 60].map(two).joined(separator: ":")
    }
}

/// A span as people say it: `250ms`, `2.4s`, `15m 30s`, `17h 45m`, `3d 4h`.
func spoken(_ span: Nanoseconds) -> String {
    let count = min(max(0, span.count), .max - 500_000_000)
    // From a minute on to the nearest second: two clocks differ by a little.
    let seconds = (count < 60_000_000_000 ? count : count + 500_000_000) / 1_000_000_000
    switch seconds {
    case 0: return "\(count / 1_000_000)ms"
    case ..<60:
        let tenth = count / 100_000_000 % 10
        return "\(seconds)" + (tenth == 0 ? "" : ".\(tenth)") + "s"
    case ..<3_600: return parts(seconds / 60, "m", seconds % 60, "s")
    case ..<86_400: return parts(seconds / 3_600, "h", seconds / 60 % 60, "m")
    default: return parts(seconds / 86_400, "d", seconds / 3_600 % 24, "h")
    }
}

private func parts(_ first: Int64, _ unit: String, _ second: Int64, _ other: String) -> String {
    "\(first)\(unit)" + (second == 0 ? "" : " \(second)\(other)")
}
