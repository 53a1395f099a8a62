import Platform
package import TradingModel

/// When instruments are open: by their exchanges' hours, each kind of hours looked up once. A value that goes
/// forward alone: no moment is asked for that lies before one that was.
struct OpenHours {
    /// Each kind of hours.
    private(set) var kinds: [SessionWalk] = []
    private var zones: [ZoneOffsets] = []
    /// By instrument: its kind.
    private let places: [Int]

    /// - Parameters:
    ///   - hours: By instrument; empty: all around the clock.
    ///   - named: The odd days of hours.
    ///   - time: From where open time is counted.
    init(
        _ hours: [MarketHours], _ zones: [ZoneOffsets], named: [MarketHours: Set<Int64>] = [:],
        from time: Timestamp
    ) {
        var known: [MarketHours: [ZoneOffsets: Int]] = [:]
        var places: [Int] = []
        for index in zones.indices {
            let own = index < hours.count ? hours[index] : .always
            if let place = known[own]?[zones[index]] {
                places.append(place)
                continue
            }
            known[own, default: [:]][zones[index]] = kinds.count
            places.append(kinds.count)
            self.zones.append(zones[index])
            kinds.append(SessionWalk(own, zones[index], named: named[own] ?? [], from: time))
        }
        self.places = places
    }

    func kind(of instrument: Int) -> Int { places[instrument] }

    mutating func go(to time: Timestamp) {
        for kind in kinds.indices { kinds[kind].go(to: time) }
    }

    /// Open time since the beginning, ns.
    mutating func opened(_ kind: Int, at time: Timestamp) -> Int64 {
        kinds[kind].go(to: time)
        return kinds[kind].opened(at: time)
    }

    /// The session that an instrument is in; `nil`: it is closed.
    mutating func session(of instrument: Int, at time: Timestamp) -> SessionWalk? {
        kinds[places[instrument]].go(to: time)
        let walk = kinds[places[instrument]]
        return walk.holds(time) ? walk : nil
    }

    /// What a clock at the exchange shows: `14:00:03`, with the day where that is not the other moment's.
    func clock(of instrument: Int, at time: Timestamp, seenFrom other: Timestamp) -> String {
        let zone = zones[places[instrument]]
        let parts = TimeParts(utc: time.advanced(by: zone.offset(at: time)).nanoseconds)
        return zone.day(of: time) == zone.day(of: other)
            ? parts.clockText() : "\(parts.dateText) \(parts.clockText())"
    }
}

/// A span as people say it: `250ms`, `2.4s`, `15m 30s`, `17h 45m`, `3d 4h`.
package func spoken(_ span: Nanoseconds) -> String {
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
