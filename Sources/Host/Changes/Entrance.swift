package import Kernel
package import Ports
package import TradingModel

/// Where strategies that begin in the middle of a run are made ready: they hear what came before them.
///
/// At a pace, whoever brings them reads the recording as far as the loop is, and the loop reads the little
/// that is left.
// Safe because one thread at a time has it in hand: whoever brings it, until the control hands it to the loop.
package final class Entrance: @unchecked Sendable {
    private let plan: KernelPlan
    private let old: KernelPlan
    /// For sessions that instruments join.
    private(set) var history: JoiningHistory
    private var entrants: Entrants?
    private var reader: StepReader?
    private var step = Step()

    /// - Parameter inputs: Of strategy servers whose instruments may change.
    package init(
        _ plan: KernelPlan, instead old: KernelPlan, inputs: [SourceID: [ServerInput]] = [:]
    ) {
        self.plan = plan
        self.old = old
        history = JoiningHistory(inputs, plan, instead: old)
    }

    /// Reads on through `last`.
    package func catchUp(
        through last: UInt64, _ recording: any RecordedFeed, _ market: MarketPlan
    ) throws(FeedError) {
        let entrants = entrants ?? Entrants(plan, instead: old)
        self.entrants = entrants
        guard !entrants.isEmpty || !history.isEmpty, last > 0 else { return }
        if reader == nil { reader = try StepReader(recording, market) }
        guard let reader else { return }
        while reader.step < last {
            let ticks = try reader.readTicks(most: Int(clamping: last - reader.step)) {
                tick, position, time in
                entrants.hear(tick)
                history.hear(tick, at: position, time)
            }
            guard ticks == 0 else { continue }
            guard try reader.read(into: &step) else { return }
            for event in step.events {
                entrants.hear(event)
                history.hear(event, step.time)
            }
        }
    }

    /// Hands over those who are ready.
    func take() -> Entrants {
        defer { (entrants, reader) = (nil, nil) }
        return entrants ?? Entrants(plan, instead: old)
    }
}
