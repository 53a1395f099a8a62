package import Kernel
package import Ports
package import TradingModel

/// One step of the market stage: an input or a timer, with the events it made.
package struct Step {
    package var number: UInt64 = 0
    package var events: [MarketEvent] = []
    /// Which of the events is the input itself; `nil` for a timer.
    package var inputAt: Int?
    /// The input's time, the timer's instant: the simulated clock.
    package var time = Timestamp.zero
    package init() {}
    /// `nil` for a timer. A copy: what a tick goes through reads the event.
    package var input: MarketInput? { inputAt.flatMap { events[$0].input } }
    package var last: EventPosition {
        guard !events.isEmpty else { return EventPosition(step: number, index: 0) }
        return events[events.count - 1].position  // `last` would copy the event
    }
}

/// Reads a recording as steps. Two readers of one recording and plan give the same steps.
///
/// One owner, one thread at a time.
package final class StepReader {
    /// A value, so that a step asks once whether it may change.
    private var cursor: StepCursor

    package init(_ feed: any RecordedFeed, _ plan: MarketPlan) throws(FeedError) {
        cursor = StepCursor(try feed.open(), plan)
    }

    /// The step read last; 0 before the first.
    package var step: UInt64 { cursor.stage.step }
    /// Ticks and candles of closed intervals so far.
    package var late: Int { cursor.stage.late }
    /// Ticks and candles outside of their instruments' hours so far.
    package var outside: Int { cursor.stage.outside }
    /// The simulated clock, behind the row taken last.
    package var time: Timestamp { cursor.clock }
    /// How much of the recording was read, 0 to 1.
    package var fraction: Double { cursor.fraction }

    /// Time of the row that comes next, without taking it; `nil` at the end.
    package func peekTime() throws(FeedError) -> Timestamp? { try cursor.peekTime() }

    /// - Returns: False at the end, with `step` unchanged.
    package func read(into step: inout Step) throws(FeedError) -> Bool {
        try cursor.read(into: &step)
    }

    /// Takes ticks of which nothing comes, to the end of the rows that were read at once.
    ///
    /// - Parameters:
    ///   - most: Ticks taken at most.
    ///   - step: Where something came of a tick, its step, as ``read(into:)`` gives it.
    ///   - noted: Gets those of which nothing came, where somebody may ask what they were.
    /// - Returns: How many were taken before, and whether something came of one more. None of both at the
    ///   end, and where the next row needs ``read(into:)``.
    package func passTicks(
        through engine: inout Engine, most: Int = .max, decided step: inout Step,
        noted: ((MarketEvent) -> Void)? = nil
    ) throws(FeedError) -> (quiet: Int, decided: Bool) {
        try cursor.passTicks(through: &engine, most: most, decided: &step, noted: noted)
    }

    /// Takes ticks that are their step's only event, to the end of the rows that were read at once.
    ///
    /// - Parameters:
    ///   - most: Ticks taken at most.
    ///   - body: Gets each, with its position and the simulated clock behind it.
    /// - Returns: How many were taken. None at the end, and where the next row needs ``read(into:)``.
    @inline(__always)
    func readTicks(
        most: Int, _ body: (Tick, EventPosition, Timestamp) -> Void
    ) throws(FeedError) -> Int {
        try cursor.readTicks(most: most, body)
    }
}

/// Where a ``StepReader`` stands.
private struct StepCursor: ~Copyable {
    private let reader: any RecordedReader
    /// Its rows are not copied: they are given back before others are asked for.
    private let lends: Bool
    private(set) var stage: MarketStage
    private var rows: [MarketInput] = []
    private var next = 0
    private var hasMore = true
    /// What ended the reading, told behind the rows that were read before it.
    private var failure: FeedError?
    private(set) var clock = Timestamp(nanoseconds: .min)
    private var progress = BlockProgress()
    private static let block = 1_024

    init(_ reader: any RecordedReader, _ plan: MarketPlan) {
        self.reader = reader
        lends = reader is any LendingReader
        stage = MarketStage(plan)
        rows.reserveCapacity(Self.block)
    }

    var fraction: Double { progress.fraction(next, of: rows.count, after: reader.fraction) }

    mutating func peekTime() throws(FeedError) -> Timestamp? {
        guard try fill() else { return nil }
        return stage.timerDue(before: rows[next].opening) ?? rows[next].time
    }

    mutating func read(into step: inout Step) throws(FeedError) -> Bool {
        guard try fill() else { return false }
        step.events.removeAll(keepingCapacity: true)
        let row = rows[next]
        // Feed clocks step back; the simulated clock does not.
        if let timer = stage.timerDue(before: row.opening) {
            stage.takeTimer(timer, into: &step.events)
            step.inputAt = nil
            clock = max(clock, timer)
        } else {
            step.inputAt = stage.take(row, into: &step.events)
            clock = max(clock, row.time)
            next += 1
        }
        step.number = stage.step
        step.time = clock
        return true
    }

    mutating func passTicks(
        through engine: inout Engine, most: Int, decided step: inout Step,
        noted: ((MarketEvent) -> Void)?
    ) throws(FeedError) -> (quiet: Int, decided: Bool) {
        guard try fill() else { return (0, false) }
        let first = next
        let before = stage.step
        let passed = engine.passTicks(
            rows, from: &next, most: most, through: &stage, clock: &clock)
        if let noted {
            for index in first..<(passed == .decided ? next - 1 : next) {
                guard case .tick(let tick) = rows[index] else { break }
                let number = before + UInt64(index - first) + 1
                noted(
                    MarketEvent(
                        position: EventPosition(step: number, index: 0), kind: .tick(tick)))
            }
        }
        guard passed == .decided else { return (next - first, false) }
        guard case .tick(let tick) = rows[next - 1] else { return (next - first, false) }
        step.events.removeAll(keepingCapacity: true)
        let position = EventPosition(step: stage.step, index: 0)
        step.events.append(MarketEvent(position: position, kind: .tick(tick)))
        step.inputAt = 0
        step.number = stage.step
        step.time = clock
        return (next - first - 1, true)
    }

    @inline(__always)
    mutating func readTicks(
        most: Int, _ body: (Tick, EventPosition, Timestamp) -> Void
    ) throws(FeedError) -> Int {
        guard try fill() else { return 0 }
        let first = next
        let end = first + min(most, rows.count - first)
        while next < end {
            guard case .tick(let tick) = rows[next], let position = stage.extend(tick) else {
                break
            }
            next += 1
            clock = max(clock, tick.feedTime)
            body(tick, position, clock)
        }
        return next - first
    }

    private mutating func fill() throws(FeedError) -> Bool {
        while next == rows.count {
            if let failure { throw failure }
            guard hasMore else { return false }
            if lends { rows = [] } else { rows.removeAll(keepingCapacity: true) }
            next = 0
            progress.begin(at: reader.fraction)
            do {
                hasMore = try reader.read(into: &rows, limit: Self.block)
            } catch { failure = error }
        }
        return true
    }
}

extension MarketInput {
    /// Where a row begins: intervals that end by then are closed before it. A candle begins at its open.
    var opening: Timestamp {
        if case .candle(let candle) = self { return candle.openTime }
        return time
    }
}
