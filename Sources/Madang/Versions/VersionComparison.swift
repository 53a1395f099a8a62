import Ports
import TradingModel

/// What two versions of a strategy said of the same events, side by side. A value: rows in, report out.
struct VersionComparison: Hashable {
    struct Said: Hashable {
        var action: Action
        var size: String
        var confidence: Int32
        var limit: Price?
        /// `BUY 0.70, 10, as configured, limit 70100`.
        var words: String {
            "\(action)".uppercased() + " "
                + Figures.confidence(Confidence(millionths: Int64(confidence)) ?? .full)
                + (size.isEmpty ? "" : ", \(size)") + (limit.map { ", limit \($0)" } ?? "")
        }
    }
    struct Counts: Hashable {
        var equal = 0
        var differing = 0
        var onlyMain = 0
        var onlyCandidate = 0
        var differences: Int { differing + onlyMain + onlyCandidate }
    }
    struct Difference: Hashable {
        var position: EventPosition
        var time: Timestamp
        var symbol: String
        /// Of two that differ: `action`, `size`, `confidence`, `limit`.
        var fields: [String]
        var main: Said?
        var candidate: Said?
    }
    struct Version: Hashable {
        var version = ""
        var model = ""
        var parameterHash = ""
        var results = 0
        /// In a paced run, from an event's entry to the result, ns.
        var latency: Latency?
    }
    /// Who was heard, from which step on, and why.
    struct Change: Hashable {
        var from: UInt64
        var time: Timestamp
        var plan: VersionPlan
        var reason: String
    }
    var plan: VersionPlan
    var changes: [Change] = []
    /// The first step that this candidate was in the run; another was before, or none.
    var since: UInt64
    var versions: [VersionSlot: Version] = [.main: Version(), .candidate: Version()]
    var total = Counts()
    var bySymbol: [String: Counts] = [:]
    /// How many of those that differ do so in this.
    var byField: [String: Int] = ["action": 0, "size": 0, "confidence": 0, "limit": 0]
    var first: Difference?
    /// Results of events that one of them was not asked about.
    var skipped = 0
    /// Results of events that one of them has not answered yet.
    var waiting = 0

    private struct Key: Hashable, Comparable {
        let position: EventPosition
        let symbol: String
        let index: Int
        static func < (a: Key, b: Key) -> Bool {
            (a.position, a.symbol, a.index) < (b.position, b.symbol, b.index)
        }
    }

    /// - Parameters:
    ///   - signals: Those that were heard, of any source.
    ///   - rows: What happened to versions, of any source, in order.
    /// - Returns: `nil` where the strategy has one version.
    init?(
        of strategy: String, signals: [SignalRow], shadows: [ShadowRow], rows: [VersionRow]
    ) {
        var facts = Facts()
        for row in rows where row.source == strategy { facts.take(row.event) }
        facts.closeSkips()
        guard let plan = facts.history.last?.plan else { return nil }
        self.plan = plan
        changes = Self.changes(rows.filter { $0.source == strategy })
        since = facts.since
        var said: [VersionSlot: [Key: Said]] = [.main: [:], .candidate: [:]]
        var times: [Key: Timestamp] = [:]
        var delays: [VersionSlot: [Int64]] = [.main: [], .candidate: []]
        func take(_ row: SignalRow, _ slot: VersionSlot) {
            let key = Key(position: row.position, symbol: row.symbol, index: row.index)
            guard row.position.step >= facts.since else { return }
            // Several accounts hear the same result.
            guard said[slot]?[key] == nil else { return }
            said[slot]?[key] = Said(
                action: row.action, size: row.size, confidence: row.confidence, limit: row.limit)
            times[key] = row.time
            delays[slot]?.append(row.delay)
        }
        for row in signals where row.source == strategy {
            let lot = VersionPlan.lot(of: row.symbol, in: strategy)
            take(row, facts.plan(at: row.position.step).hears(.main, lot: lot) ? .main : .candidate)
        }
        for row in shadows where row.result.source == strategy { take(row.result, row.slot) }
        for slot in VersionSlot.allCases {
            versions[slot] = facts.described[slot] ?? Version()
            versions[slot]?.results = said[slot]?.count ?? 0
            versions[slot]?.latency = Self.latency(delays[slot] ?? [])
        }
        compare(said[.main] ?? [:], said[.candidate] ?? [:], times, facts)
    }

    private static func changes(_ rows: [VersionRow]) -> [Change] {
        var changes: [Change] = []
        for row in rows {
            guard case .changed(let plan, let from, _, let reason) = row.event else { continue }
            // One that made room for another in the same step was never in force.
            if changes.last?.from == from { changes.removeLast() }
            // From the beginning on it counted, whenever that was written down.
            let time = from == 0 ? .zero : row.time
            changes.append(Change(from: from, time: time, plan: plan, reason: reason))
        }
        return changes
    }

    private mutating func compare(
        _ mains: [Key: Said], _ candidates: [Key: Said], _ times: [Key: Timestamp], _ facts: Facts
    ) {
        for key in Set(mains.keys).union(candidates.keys).sorted() {
            if facts.isLeftOut(key.position) {
                skipped += 1
                continue
            }
            guard key.position <= facts.answered else {
                waiting += 1
                continue
            }
            let (main, candidate) = (mains[key], candidates[key])
            var fields: [String] = []
            switch (main, candidate) {
            case (let main?, let candidate?):
                fields = Self.fields(main, candidate)
                if fields.isEmpty {
                    count(key.symbol, \.equal)
                    continue
                }
                count(key.symbol, \.differing)
                for field in fields { byField[field, default: 0] += 1 }
            case (.some, nil): count(key.symbol, \.onlyMain)
            case (nil, _): count(key.symbol, \.onlyCandidate)
            }
            if first == nil {
                first = Difference(
                    position: key.position, time: times[key] ?? .zero, symbol: key.symbol,
                    fields: fields, main: main, candidate: candidate)
            }
        }
    }

    private mutating func count(_ symbol: String, _ field: WritableKeyPath<Counts, Int>) {
        total[keyPath: field] += 1
        bySymbol[symbol, default: Counts()][keyPath: field] += 1
    }

    private static func fields(_ a: Said, _ b: Said) -> [String] {
        var fields: [String] = []
        if a.action != b.action { fields.append("action") }
        if a.size != b.size { fields.append("size") }
        if a.confidence != b.confidence { fields.append("confidence") }
        if a.limit != b.limit { fields.append("limit") }
        return fields
    }

    /// Exact; `nil` where time was simulated.
    private static func latency(_ delays: [Int64]) -> Latency? {
        let sorted = delays.sorted()
        guard let last = sorted.last, last > 0 else { return nil }
        func percentile(_ share: Int) -> Int64 {
            sorted[min(sorted.count - 1, (sorted.count * share + 99) / 100 - 1)]
        }
        return Latency(
            count: sorted.count, p50: percentile(50), p90: percentile(90), p99: percentile(99),
            max: last)
    }

    /// What the log says of the versions.
    private struct Facts {
        var described: [VersionSlot: Version] = [:]
        var history: [(from: UInt64, plan: VersionPlan)] = []
        /// As they were told; see ``closeSkips()``.
        private var skips: [ClosedRange<EventPosition>] = []
        var covered: [VersionSlot: EventPosition] = [:]
        /// Of this candidate; see ``VersionComparison/since``.
        private(set) var since: UInt64 = 0

        mutating func take(_ event: VersionRow.Event) {
            switch event {
            case .described(let slot, let version, let model, let hash):
                // It took the place of another, or came when there was none: at the change before this.
                if slot == .candidate, let last = history.last, last.plan.other == .none {
                    since = last.from
                }
                described[slot] = Version(version: version, model: model, parameterHash: hash)
            case .changed(let plan, let from, _, _): history.append((from, plan))
            case .skipped(_, let first, let last) where first <= last: skips.append(first...last)
            case .skipped: break
            case .covered(let slot, let through):
                covered[slot] = max(covered[slot] ?? .start, through)
            }
        }

        func plan(at step: UInt64) -> VersionPlan {
            history.last { $0.from <= step }?.plan ?? VersionPlan(live: .main, other: .none)
        }
        /// Of both, as far as each was on.
        var answered: EventPosition {
            VersionSlot.allCases.map { covered[$0] ?? .start }.min() ?? .start
        }
        func isLeftOut(_ position: EventPosition) -> Bool {
            if plan(at: position.step).other == .none { return true }
            var low = 0
            var high = skips.count
            while low < high {
                let middle = (low + high) / 2
                if skips[middle].upperBound < position { low = middle + 1 } else { high = middle }
            }
            return low < skips.count && skips[low].contains(position)
        }
        /// Sorts what either was told, and joins what overlaps: a slow server is told of very many.
        mutating func closeSkips() {
            var closed: [ClosedRange<EventPosition>] = []
            for skip in skips.sorted(by: { $0.lowerBound < $1.lowerBound }) {
                if let last = closed.last, skip.lowerBound <= last.upperBound {
                    closed[closed.count - 1] =
                        last.lowerBound...max(last.upperBound, skip.upperBound)
                } else {
                    closed.append(skip)
                }
            }
            skips = closed
        }
    }
}
