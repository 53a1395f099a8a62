public import TradingModel

/// Turns market inputs into numbered events: the inputs themselves, the candles they close, timers.
///
/// A value that depends on nothing that was decided: two stages fed alike emit alike, so each reader of a
/// recording may own one. Steps count from 1.
public struct MarketStage: ~Copyable, Sendable {
    public let plan: MarketPlan
    /// The step taken last; 0 before the first.
    public var step: UInt64 { taken }
    @usableFromInline var taken: UInt64 = 0
    /// Ticks and candles that came for a closed interval, each counted once.
    public private(set) var late = 0
    /// Ticks, and candles that would be part of others, outside of their instrument's hours.
    public private(set) var outside = 0
    /// By instrument, and there by interval.
    private var builders: Column<CandleBuilder>
    /// By instrument: what its builders are behind by, see ``bringForward(_:)``.
    @usableFromInline var calm: Column<CalmTicks>
    private var nextTimers: [Timestamp]
    /// The earliest end of a running candle, or timer.
    private var due = Timestamp.distantFuture {
        didSet { calmUntil = emitsRunning ? Timestamp(nanoseconds: .min) : due }
    }
    /// Ticks before it close nothing and are their step's only event. Before the first step there are none.
    @usableFromInline var calmUntil = Timestamp(nanoseconds: .min)
    private var started = false
    /// Events of the step in hand so far.
    private var emitted = 0
    private let intervalCount: Int
    /// Whether running candles are events too: then no tick is the only event of its step.
    private let emitsRunning: Bool
    /// Of an instrument's builders, those whose running candle is an event.
    private let unfinished: [Int]

    public init(_ plan: MarketPlan) {
        self.plan = plan
        intervalCount = plan.intervals.count
        unfinished = plan.intervals.indices.filter { plan.unfinished.contains(plan.intervals[$0]) }
        emitsRunning = !unfinished.isEmpty
        builders = Column(
            plan.zones.indices.flatMap { instrument in
                plan.intervals.map {
                    CandleBuilder(instrument: InstrumentID(instrument), interval: $0)
                }
            })
        let never = Timestamp(nanoseconds: plan.intervals.isEmpty ? .min : .max)
        calm = Column(plan.zones.map { _ in CalmTicks(since: never) })
        nextTimers = plan.timers.map { _ in .distantFuture }
    }

    /// The instant of the timer step that must come before an input of `time`, if any.
    ///
    /// A recording has no timers of its own: one stands at each close, before the first row at or
    /// beyond it.
    public mutating func timerDue(before time: Timestamp) -> Timestamp? {
        guard due <= time else { return nil }
        updateDue()  // what was due may have been closed by its own last part
        return due <= time && due != .distantFuture ? due : nil
    }

    /// Takes a timer of `time` as a step: closes what is due, emits timers.
    public mutating func takeTimer(_ time: Timestamp, into events: inout [MarketEvent]) {
        taken += 1
        emitted = 0
        var closed: [Candle] = []
        for index in 0..<builders.count where ends(builders[index], by: time) {
            bringForward(index / intervalCount)
            if let candle = builders[index].close(through: time) { closed.append(candle) }
            noteRunning(index / intervalCount)
        }
        emit(&closed, into: &events)
        for index in nextTimers.indices where nextTimers[index] <= time {
            // Missed instants fire once, as the latest of them.
            let interval = plan.timers[index]
            let start = ZoneOffsets.utc.start(of: interval, holding: time)
            append(.timer(at: start, interval: interval), to: &events)
            nextTimers[index] = start.advanced(by: Nanoseconds(interval.nanoseconds))
        }
        updateDue()
    }

    /// Whether a tick does no more than extend running candles, as most do.
    @inlinable @inline(__always)
    public func isCalm(for tick: Tick) -> Bool {
        // Nothing that runs ends by then, so candles that began hold it; what is late among them does not go on.
        tick.feedTime < calmUntil && calm[Int(tick.instrument.index)].takes(tick)
    }

    /// Takes a tick that ``isCalm(for:)`` says so of, as a step with one event that ``count(_:)`` is told of.
    @inlinable @inline(__always)
    public mutating func extendCalm(_ tick: Tick) { calm[Int(tick.instrument.index)].add(tick) }

    /// Counts so many calm ticks that were taken since the step before.
    @inlinable @inline(__always)
    public mutating func count(_ ticks: Int) { taken &+= UInt64(truncatingIfNeeded: ticks) }

    /// The instrument's builders take its calm ticks: before they are read, and before they take anything else.
    private mutating func bringForward(_ instrument: Int) {
        guard !calm[instrument].isEmpty else { return }
        let ticks = calm[instrument]
        for index in row(instrument) { builders[index].extend(ticks) }
        calm[instrument] = CalmTicks(since: ticks.latest)
    }

    /// Where the instrument's builders stand.
    private func row(_ instrument: Int) -> Range<Int> {
        instrument * intervalCount..<(instrument + 1) * intervalCount
    }

    /// Takes a tick that does no more than extend running candles as a step with one event.
    ///
    /// - Returns: Its position; `nil`, with nothing changed, where ``take(_:into:)`` has to take it.
    @inlinable @inline(__always)
    public mutating func extend(_ tick: Tick) -> EventPosition? {
        guard isCalm(for: tick) else { return nil }
        extendCalm(tick)
        count(1)
        return EventPosition(step: taken, index: 0)
    }

    /// Takes an input as a step.
    ///
    /// - Returns: Where among `events` the input itself stands.
    @discardableResult
    public mutating func take(_ input: MarketInput, into events: inout [MarketEvent]) -> Int {
        taken += 1
        emitted = 0
        if !started { start(at: input.time) }
        switch input {
        case .quote(let quote): append(.quote(quote), to: &events)
        case .tick(let tick):
            take(tick, into: &events)
            guard emitsRunning else { break }
            return emitRunning(tick.instrument, since: tick.feedTime, into: &events)
        case .candle(let candle): return take(candle, into: &events)
        }
        return events.count - 1
    }

    @inline(__always)
    private mutating func take(_ tick: Tick, into events: inout [MarketEvent]) {
        let instrument = Int(tick.instrument.index)
        bringForward(instrument)
        let end = row(instrument).upperBound
        var index = row(instrument).lowerBound
        while index < end, builders[index].goesOn(at: tick.feedTime) {
            builders[index].extend(tick)
            index += 1
        }
        if index < end {
            open(index..<end, tick, into: &events)
        } else {
            calm[instrument].latest = tick.feedTime
        }
        append(.tick(tick), to: &events)
    }

    /// Takes a trade in the first of these builders, with whose candle it does not go on, and in the rest.
    ///
    /// What a trade of the next period closes stands before it.
    @inline(never)
    private mutating func open(
        _ indices: Range<Int>, _ tick: Tick, into events: inout [MarketEvent]
    ) {
        guard !isOutside(tick.instrument, tick.feedTime) else { return outside += 1 }
        var closed: [Candle] = []
        var isLate = false
        for index in indices where !open(index, tick, closing: &closed) { isLate = true }
        if isLate { late += 1 }
        noteRunning(indices.lowerBound / intervalCount)
        emit(&closed, into: &events)
    }

    /// From when on ticks of an instrument are calm, behind any change of which of its candles run.
    private mutating func noteRunning(_ instrument: Int) {
        var since = Timestamp(nanoseconds: .min)
        for index in row(instrument) { since = max(since, builders[index].latestTime) }
        calm[instrument].latest = since
    }

    /// - Returns: False for a late trade.
    private mutating func open(_ index: Int, _ tick: Tick, closing closed: inout [Candle]) -> Bool {
        let zone = plan.zones[Int(tick.instrument.index)]
        let isTaken = builders[index].add(
            tick, zone: zone, hours: plan.hours(of: tick.instrument), closing: { closed.append($0) }
        )
        if isTaken { lower(to: builders[index]) }
        return isTaken
    }

    @inline(never)
    private mutating func take(_ candle: Candle, into events: inout [MarketEvent]) -> Int {
        guard candle.isFinal else {
            append(.candle(candle), to: &events)
            return events.count - 1
        }
        var before: [Candle] = []
        var closed: [Candle] = []
        var isLate = false
        bringForward(Int(candle.instrument.index))
        let zone = plan.zones[Int(candle.instrument.index)]
        let hours = plan.hours(of: candle.instrument)
        let isAway = isOutside(candle.instrument, candle.openTime)
        var isPart = false
        for index in row(Int(candle.instrument.index))
        where candle.interval.isPart(of: builders[index].interval) {
            isPart = true
            guard !isAway else { break }
            if !builders[index].add(
                candle, zone: zone, hours: hours, closing: { before.append($0) })
            {
                isLate = true
            }
            // The last part of an interval is the interval's end: nothing later belongs to it.
            if let end = builders[index].close(through: candle.closeTime) { closed.append(end) }
            lower(to: builders[index])
        }
        if isLate { late += 1 }
        if isAway, isPart { outside += 1 }
        noteRunning(Int(candle.instrument.index))
        emit(&before, into: &events)
        append(.candle(candle), to: &events)
        let at = events.count - 1
        emit(&closed, into: &events)
        if emitsRunning {
            emitRunning(
                candle.instrument, since: candle.openTime, longerThan: candle.interval,
                into: &events)
        }
        return at
    }

    /// Emits the running candles that what came last has changed, the shorter first.
    ///
    /// - Returns: Where the last event before them stands.
    @discardableResult
    private mutating func emitRunning(
        _ instrument: InstrumentID, since time: Timestamp, longerThan part: Interval? = nil,
        into events: inout [MarketEvent]
    ) -> Int {
        let at = events.count - 1
        for index in unfinished {
            let builder = builders[Int(instrument.index) * intervalCount + index]
            // One that came late, or is no part of the interval, has changed nothing.
            guard let candle = builder.running, builder.holds(time),
                part.map({ $0.isPart(of: builder.interval) }) ?? true
            else { continue }
            append(.candle(candle), to: &events)
        }
        return at
    }

    private func isOutside(_ instrument: InstrumentID, _ time: Timestamp) -> Bool {
        let hours = plan.hours(of: instrument)
        guard !hours.isAlways else { return false }
        return !hours.holds(time, plan.zones[Int(instrument.index)])
    }

    private mutating func start(at time: Timestamp) {
        started = true
        for (index, interval) in plan.timers.enumerated() {
            nextTimers[index] = ZoneOffsets.utc.start(of: interval, holding: time)
                .advanced(by: Nanoseconds(interval.nanoseconds))
        }
        updateDue()
    }

    private func ends(_ builder: CandleBuilder, by time: Timestamp) -> Bool {
        guard let end = builder.end else { return false }
        return end <= time
    }

    private mutating func lower(to builder: CandleBuilder) {
        if let end = builder.end { due = min(due, end) }
    }

    private mutating func updateDue() {
        due = nextTimers.min() ?? .distantFuture
        for index in 0..<builders.count { lower(to: builders[index]) }
    }

    /// Closing candles stand in the order (close time, interval, instrument).
    private mutating func emit(_ closed: inout [Candle], into events: inout [MarketEvent]) {
        guard !closed.isEmpty else { return }
        closed.sort {
            ($0.closeTime, $0.interval, $0.instrument) < ($1.closeTime, $1.interval, $1.instrument)
        }
        for candle in closed { append(.candle(candle), to: &events) }
    }

    @inline(__always)
    private mutating func append(_ kind: MarketEvent.Kind, to events: inout [MarketEvent]) {
        events.append(MarketEvent(position: EventPosition(step: taken, index: emitted), kind: kind))
        emitted += 1
    }
}

extension Interval {
    /// Whether candles of this interval make up those of a longer one.
    fileprivate func isPart(of longer: Interval) -> Bool {
        longer.nanoseconds > nanoseconds && longer.nanoseconds % nanoseconds == 0
    }
}
