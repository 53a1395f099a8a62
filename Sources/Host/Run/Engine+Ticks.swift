package import Kernel
import Platform
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
        while true {
            // What was told between two steps is handed out with the next one.
            if effects.facts.isEmpty {
                passQuietTicks(rows, from: &at, to: end, through: &stage, clock: &now)
            }
            guard at < end else { return .all }
            guard case .tick(let tick) = rows[at], let position = stage.extend(tick) else {
                return .rare
            }
            at += 1
            now = max(now, tick.feedTime)
            if exchange.isIdle(tick.instrument) { exchange.note(tick) } else { fill(tick) }
            kernel.handle(tick, at: position, entry: now, into: &effects)
            if !effects.facts.isEmpty {
                if isAnyExitRestless { tendExits(at: position, now: now) }
                return .decided
            }
        }
    }

    /// So many rows ahead are asked for: fewer come too late, and more gain nothing.
    private static var prefetched: Int { 32 }

    /// Takes ticks as long as nothing may come of them.
    // A loop of its own, in which nothing is called: so what it works with stays in registers.
    @inline(__always)
    private mutating func passQuietTicks(
        _ rows: Span<MarketInput>, from at: inout Int, to end: Int,
        through stage: inout MarketStage, clock now: inout Timestamp
    ) {
        let rows = rows.extracting(at..<end)
        let noting = kernel.hasExits
        var count = 0
        while count < rows.count {
            rows.prefetch(count &+ Self.prefetched)
            guard case .tick(let tick) = rows[count], stage.isCalm(for: tick),
                exchange.isIdle(tick.instrument), kernel.pass(tick, noting: noting)
            else { break }
            stage.extendCalm(tick)
            now = max(now, tick.feedTime)
            count &+= 1
        }
        // The rest is the same behind all of them as behind the last.
        guard count > 0, case .tick(let last) = rows[count &- 1] else { return }
        at &+= count
        stage.count(count)
        exchange.note(last)
        kernel.note(passed: last)
    }
}
