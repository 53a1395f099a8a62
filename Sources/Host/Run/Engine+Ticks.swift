package import Kernel
package import TradingModel

/// Ticks of which nothing comes, one after the other: what most of a recording is.
extension Engine {
    package enum Passed: Hashable, Sendable {
        /// All were taken, and nothing came of any.
        case all
        /// Something came of the tick taken last: its step is in hand, to be closed like any other.
        case decided
        /// The next row needs a step made for it.
        case rare
    }

    /// Takes ticks as steps, as long as each is its step's only event.
    ///
    /// Only where nobody else is to be heard about them: the same as ``begin(_:entry:)`` for each, without
    /// the steps.
    /// - Parameters:
    ///   - next: Index of the first row; moved behind the last one taken.
    ///   - most: Rows taken at most.
    ///   - clock: The simulated one; never steps back.
    package mutating func passTicks(
        _ rows: borrowing [MarketInput], from next: inout Int, most: Int = .max,
        through stage: inout MarketStage, clock: inout Timestamp
    ) -> Passed {
        let end = next + min(most, rows.count - next)
        // Kept here and not behind pointers while ticks are taken.
        var (at, now) = (next, clock)
        defer { (next, clock) = (at, now) }
        // What was told between two steps is answered in the next, whatever its event.
        if kernel.hasRestlessExits { return .rare }
        let rows = rows.span
        // What was told between two steps is handed out with the next one.
        var mayHaveCome = !effects.facts.isEmpty
        while at < end {
            guard case .tick(let tick) = rows[at], let position = stage.extend(tick) else {
                return .rare
            }
            at &+= 1
            now = max(now, tick.feedTime)
            if exchange.isIdle(tick.instrument) {
                exchange.note(tick)
            } else {
                fill(tick)
                mayHaveCome = true
            }
            if kernel.handle(tick, at: position, entry: now, into: &effects) { mayHaveCome = true }
            guard mayHaveCome else { continue }
            mayHaveCome = false
            if !effects.facts.isEmpty {
                if isAnyExitRestless { tendExits(at: position, now: now) }
                return .decided
            }
        }
        return .all
    }
}
