package import TradingModel

/// One of the two places that the versions of a strategy take.
package enum VersionSlot: UInt8, Hashable, Sendable, Codable, CaseIterable {
    /// The server as the strategy itself names it.
    case main = 0
    /// The server under its `candidate`.
    case candidate = 1

    package var other: VersionSlot { self == .main ? .candidate : .main }
    /// As people and tables read it.
    package var name: String { self == .main ? "main" : "candidate" }
    package init?(name: some StringProtocol) {
        guard let slot = VersionSlot.allCases.first(where: { $0.name == name }) else { return nil }
        self = slot
    }
}

/// Who of a strategy's two versions is heard: one everywhere, or each on a share of the instruments.
///
/// A value: for one plan, strategy and symbol the answer is the same on every machine.
package struct VersionPlan: Hashable, Sendable {
    package enum Other: Hashable, Sendable {
        /// It gets no events.
        case none
        /// It gets the same events; what it says is recorded and not heard.
        case shadow
        /// Heard on this share of the instruments, in 10⁻⁶, where the live version is recorded instead.
        case canary(share: Int64)
    }
    package var live: VersionSlot
    package var other: Other
    package init(live: VersionSlot, other: Other) {
        self.live = live
        self.other = other
    }

    package func isActive(_ slot: VersionSlot) -> Bool { slot == live || other != .none }

    /// Whether results of `slot` are heard on an instrument with this lot.
    package func hears(_ slot: VersionSlot, lot: Int64) -> Bool {
        guard case .canary(let share) = other, lot < share else { return slot == live }
        return slot != live
    }

    /// Whether results of `slot` are heard anywhere, among instruments with these lots.
    package func hears(_ slot: VersionSlot, lots: [Int64]) -> Bool {
        lots.contains { hears(slot, lot: $0) }
    }

    /// What decides whether an instrument belongs to a canary: 0 to 999,999, below the share.
    ///
    /// FNV-1a over strategy and symbol, stirred: it depends on nothing else, so that an instrument
    /// stays in when the share grows, and another strategy's canary has others.
    package static func lot(of symbol: String, in strategy: String) -> Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "\(strategy)\u{0}\(symbol)".utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        hash = (hash ^ hash >> 32) &* 0xd6e8_feb8_6659_fd93
        hash = (hash ^ hash >> 32) &* 0xd6e8_feb8_6659_fd93
        return Int64((hash ^ hash >> 32) % 1_000_000)
    }

    /// `live`, `shadow`, `canary 10%`, `off`.
    package func role(of slot: VersionSlot) -> String {
        if slot == live { return "live" }
        return switch other {
        case .none: "off"
        case .shadow: "shadow"
        case .canary(let share): "canary \(Self.percent(share))"
        }
    }

    /// `candidate live, main shadow`: what ``init(_:)`` reads.
    package var text: String { "\(live.name) live, \(live.other.name) \(role(of: live.other))" }

    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ",", maxSplits: 1).map { $0.split(separator: " ") }
        guard parts.count == 2, parts[0].count == 2, parts[0][1] == "live",
            let live = VersionSlot(name: parts[0][0]), parts[1].count >= 2,
            parts[1][0] == live.other.name
        else { return nil }
        switch (parts[1][1], parts[1].count) {
        case ("off", 2): self.init(live: live, other: .none)
        case ("shadow", 2): self.init(live: live, other: .shadow)
        case ("canary", 3):
            guard let share = Self.share(parts[1][2]) else { return nil }
            self.init(live: live, other: .canary(share: share))
        default: return nil
        }
    }

    /// `12.5%`.
    package static func percent(_ share: Int64) -> String {
        var digits = "\(share % 10_000 + 10_000)".dropFirst()
        while digits.last == "0" { digits = digits.dropLast() }
        return "\(share / 10_000)\(digits.isEmpty ? "" : ".\(digits)")%"
    }

    /// Above 0 and below 100 %, with up to four decimals; `nil` for anything else.
    package static func share(_ text: some StringProtocol) -> Int64? {
        guard text.last == "%" else { return nil }
        let parts = text.dropLast().split(
            separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let decimals = parts.count == 2 ? String(parts[1]) : ""
        guard let first = parts.first, (1...3).contains(first.count),
            first.utf8.allSatisfy({ (48...57).contains($0) }),
            decimals.utf8.count <= 4, parts.count == 1 || !decimals.isEmpty,
            decimals.utf8.allSatisfy({ (48...57).contains($0) }),
            let whole = Int64(first),
            let rest = Int64(decimals + String(repeating: "0", count: 4 - decimals.utf8.count))
        else { return nil }
        let share = whole * 10_000 + rest
        return (1..<1_000_000).contains(share) ? share : nil
    }
}

/// A result that was recorded and not heard: of a shadow, or of the version that a canary stands in for.
package struct ShadowRow: Hashable, Sendable {
    package var slot: VersionSlot
    /// With the status `shadow`.
    package var result: SignalRow
    package init(slot: VersionSlot, result: SignalRow) {
        self.slot = slot
        self.result = result
    }
    package var key: String { "\(slot.name)/\(result.key)" }
}

/// What happened to the versions of a strategy, in the order of the log.
package struct VersionRow: Hashable, Sendable {
    package enum Event: Hashable, Sendable {
        /// Who a version is, as its server described itself.
        case described(VersionSlot, version: String, model: String, parameterHash: String)
        /// From this step on; the number of the order that asked for it, 0: the configuration.
        case changed(VersionPlan, from: UInt64, order: Int, reason: String)
        /// It was not asked about these events, first and last.
        case skipped(VersionSlot, EventPosition, EventPosition)
        /// It has answered everything up to here that it was asked. The last one counts.
        case covered(VersionSlot, EventPosition)
    }
    package var record: UInt64
    package var source: String
    package var event: Event
    /// Of the data.
    package var time: Timestamp
    package init(record: UInt64, source: String, event: Event, time: Timestamp) {
        self.record = record
        self.source = source
        self.event = event
        self.time = time
    }
}
