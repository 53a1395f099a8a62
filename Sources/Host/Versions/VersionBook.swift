package import Kernel
package import Ports
package import TradingModel

/// Which version of each strategy is heard at which step: changed by orders, asked by positions.
///
/// A change counts from a step on. So a result is heard by the step that it was computed from, whenever it
/// comes, and no position is heard from two versions or from none.
package struct VersionBook: Sendable {
    private struct Line {
        /// By instrument: see ``VersionPlan/lot(of:in:)``.
        let lots: [Int64]
        /// Of those that the strategy trades.
        let traded: [Int64]
        /// Rising.
        var history: [(from: UInt64, plan: VersionPlan)]
        /// Number of the newest order that was heard; 0: none.
        var order = 0
    }
    /// By source; `nil` for those with one version.
    private var lines: [Line?]
    package private(set) var isEmpty: Bool
    private let plan: KernelPlan

    package init(_ plan: KernelPlan, _ initial: [SourceID: VersionPlan]) {
        self.plan = plan
        isEmpty = initial.isEmpty
        lines = plan.sources.indices.map { index in
            initial[SourceID(index)].map { Self.line(plan, index, $0) }
        }
    }

    private static func line(_ plan: KernelPlan, _ index: Int, _ first: VersionPlan) -> Line {
        let name = plan.sources[index].name
        let lots = plan.instruments.map { VersionPlan.lot(of: $0.symbol, in: name) }
        let traded = Set(
            plan.attachments.filter { $0.source == SourceID(index) }.map(\.instrument))
        return Line(
            lots: lots,
            traded: plan.instruments.filter { traded.contains($0.id) }.map {
                lots[Int($0.id.index)]
            }, history: [(0, first)])
    }

    /// `nil` too for one that came while the run goes on.
    private func line(of source: SourceID) -> Line? {
        let index = Int(source.index)
        return lines.indices.contains(index) ? lines[index] : nil
    }

    /// `nil` for a source with one version.
    package func plan(of source: SourceID, at step: UInt64 = .max) -> VersionPlan? {
        guard let line = line(of: source) else { return nil }
        return line.history.last { $0.from <= step }?.plan
    }

    /// Number of the newest order that was heard of a source; 0: none.
    package func order(of source: SourceID) -> Int { line(of: source)?.order ?? 0 }

    func hears(
        _ slot: VersionSlot, of source: SourceID, on instrument: InstrumentID, at step: UInt64
    ) -> Bool {
        guard let line = line(of: source),
            let plan = line.history.last(where: { $0.from <= step })?.plan
        else { return slot == .main }
        return plan.hears(slot, lot: line.lots[Int(instrument.index)])
    }

    /// Whose results are heard.
    func heard(of source: SourceID, on instrument: InstrumentID, at step: UInt64) -> VersionSlot {
        hears(.main, of: source, on: instrument, at: step) ? .main : .candidate
    }

    /// Whether `slot` is heard on any instrument, from now on.
    package func hears(_ slot: VersionSlot, of source: SourceID) -> Bool {
        guard let line = line(of: source), let plan = plan(of: source) else {
            return slot == .main
        }
        return plan.hears(slot, lots: line.traded)
    }

    /// Whether `slot` gets events and is waited for.
    package func isActive(_ slot: VersionSlot, of source: SourceID, at step: UInt64 = .max) -> Bool
    {
        plan(of: source, at: step)?.isActive(slot) ?? (slot == .main)
    }

    /// Whether there were steps that `slot` was not asked about.
    func wasOff(_ slot: VersionSlot, of source: SourceID) -> Bool {
        line(of: source)?.history.contains { !$0.plan.isActive(slot) } ?? false
    }

    /// The last step that `slot` was not asked about; 0: there was none, `UInt64.max`: it is off.
    func lastOff(_ slot: VersionSlot, of source: SourceID) -> UInt64 {
        guard let history = line(of: source)?.history,
            let last = history.lastIndex(where: { !$0.plan.isActive(slot) })
        else { return 0 }
        return last + 1 < history.count ? max(1, history[last + 1].from) - 1 : .max
    }

    /// - Parameter step: The first for which it counts; a change never reaches behind an earlier one.
    mutating func change(
        _ source: SourceID, to plan: VersionPlan, from step: UInt64, order: Int
    ) {
        let index = Int(source.index)
        // Its first candidate: until now it was alone.
        var line =
            lines[index] ?? Self.line(self.plan, index, VersionPlan(live: .main, other: .none))
        line.history.append((step, plan))
        line.order = order
        lines[index] = line
        isEmpty = false
    }
}

/// A version of a strategy, one of its shards, or a standby: what identities of results, coverage and state are kept by.
struct SessionKey: Hashable, Sendable {
    let source: SourceID
    let slot: VersionSlot
    var shard = 0
    /// Where its place has a standby: which of the two.
    var seat = ServerSeat.main

    /// Of the server that is named first, whichever of the two is heard.
    var pair: SessionKey { SessionKey(source: source, slot: slot, shard: shard) }
}

/// Somebody wants another plan for a strategy.
package struct VersionRequest: Hashable, Sendable {
    /// Rises with each order of a folder.
    package var number: Int
    package var strategy: String
    package var plan: VersionPlan
    package var reason: String
    /// The candidate that it is about, where it is not in the run yet.
    package var joining: JoiningVersion?
    /// Why the loop did not take it; nothing of it counts.
    package var refused: String?
    package init(number: Int, strategy: String, plan: VersionPlan, reason: String) {
        self.number = number
        self.strategy = strategy
        self.plan = plan
        self.reason = reason
    }
}
