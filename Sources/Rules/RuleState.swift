import Indicators
public import TradingModel

/// A rule at work on one instrument: its indicators and what it last said.
///
/// Fed with ticks or with final candles, never both, in the order of events. Nothing is allocated
/// and nothing traps, whatever the prices.
public struct RuleState: Sendable {
    public let rule: CompiledRule
    public let every: RuleRepeat
    /// After it has spoken it is silent for this long by feed time; what it would have said is
    /// dropped.
    public let cooldown: Nanoseconds
    /// Whether the condition held at the last event.
    public private(set) var isTrue = false
    /// The exchange's, for days and times of the day.
    private let zone: ZoneOffsets
    /// For closes of days; around the clock where none are asked for.
    private let hours: MarketHours
    private let readsClock: Bool
    private var evaluation: RuleEvaluation
    private var lastSpoken: Timestamp?
    /// The local day in which it spoke last, where it speaks once in each.
    private var spokenDay: Int64?

    /// - Parameters:
    ///   - zone: The exchange's, for days and times of the day.
    ///   - hours: The exchange's: a price outside of them is no day's last.
    public init(
        _ rule: CompiledRule, every: RuleRepeat = .crossing, cooldown: Nanoseconds = .zero,
        zone: ZoneOffsets = .utc, hours: MarketHours = .always
    ) {
        self.rule = every == .day ? rule.askedAtEach : rule
        self.every = every
        self.cooldown = cooldown
        self.zone = zone
        self.hours = rule.looksBackDays ? hours : .always
        readsClock = rule.layout.readsClock
        evaluation = RuleEvaluation(rule.layout)
    }

    /// - Returns: Whether the rule speaks at this event.
    public mutating func onTick(_ tick: Tick) -> Bool {
        let price = tick.price.units
        return hear(
            Observation(
                open: price, high: price, low: price, close: price,
                volume: Int128(tick.quantity.units), time: tick.feedTime),
            began: tick.feedTime)
    }

    /// - Parameter candle: Final, of the rule's interval.
    /// - Returns: Whether the rule speaks at this event.
    public mutating func onCandle(_ candle: Candle) -> Bool {
        hear(
            Observation(
                open: candle.open.units, high: candle.high.units, low: candle.low.units,
                close: candle.close.units, volume: RollingVolume.clamped(candle.volume.units),
                time: candle.closeTime),
            began: candle.openTime,
            // A day's candle is its session, and is named by its midnight.
            isDay: candle.interval.nanoseconds >= nanosecondsPerDay)
    }

    /// - Parameter began: When the tick or candle began, for days and times of the day.
    private mutating func hear(
        _ event: Observation, began: Timestamp, isDay: Bool = false
    ) -> Bool {
        let was = isTrue
        let time = event.time
        if let threshold = rule.threshold {
            isTrue = threshold.holds(at: Price(units: event.close))
        } else if readsClock {
            var local = event
            local.day = zone.day(of: began)
            local.timeOfDay = timeOfDay(began)
            local.isInside = hours.isAlways || isDay || hours.holds(began, zone)
            isTrue = evaluation.step(local)
        } else {
            isTrue = evaluation.step(event)
        }
        guard isTrue else { return false }
        var today: Int64?
        switch every {
        case .once: if lastSpoken != nil { return false }
        case .crossing: if was { return false }
        case .day:
            let day = zone.day(of: began)
            // What comes late from a day before has had its word.
            if let spokenDay, day <= spokenDay { return false }
            today = day
        case .always: break
        }
        if let lastSpoken, time.since(lastSpoken) < cooldown { return false }
        lastSpoken = time
        spokenDay = today
        return true
    }

    /// Forgets what it said: it speaks as at the start of a run, with indicators that know what was before.
    public mutating func begin() {
        isTrue = false
        lastSpoken = nil
        spokenDay = nil
    }

    /// Takes the place of a rule that was changed, on the same input.
    ///
    /// With the same condition it goes on where that one was. Whether it has spoken counts on as long as it
    /// repeats as that one did, with the same pause; `once` and `day` are about a condition: with the same one they
    /// have spoken whatever the pause, and with a new one they have not.
    public mutating func takeOver(from old: RuleState) {
        let isSame = rule.isSame(as: old.rule)
        if isSame {
            evaluation = old.evaluation
            isTrue = old.isTrue
        }
        guard every == old.every else { return }
        switch every {
        case .once, .day:
            guard isSame else { return }
            lastSpoken = old.lastSpoken
            spokenDay = old.spokenDay
        case .crossing, .always: if cooldown == old.cooldown { lastSpoken = old.lastSpoken }
        }
    }

    private func timeOfDay(_ time: Timestamp) -> Int64 {
        let local = time.advanced(by: zone.offset(at: time)).nanoseconds
        let rest = local % nanosecondsPerDay
        return rest < 0 ? rest + nanosecondsPerDay : rest
    }

    public func hash(into hasher: inout StateHasher) {
        hasher.combine(rule.text)
        hasher.combine(every.rawValue)
        hasher.combine(cooldown.count)
        hasher.combine(isTrue)
        hasher.combine(lastSpoken != nil)
        hasher.combine(lastSpoken?.nanoseconds ?? 0)
        if every == .day {
            hasher.combine(spokenDay != nil)
            hasher.combine(spokenDay ?? 0)
        }
        evaluation.hash(into: &hasher)
    }
}
