import Indicators
import TradingModel

/// What a rule sees of an event, in units.
struct Observation {
    let open: Int64
    let high: Int64
    let low: Int64
    let close: Int64
    /// Within ``RollingVolume/limit``.
    let volume: Int128
    /// Of the tick, or when the candle closes.
    var time = Timestamp.zero
    /// Local, where the rule asks: of the tick, or when the candle opens.
    var day: Int64 = 0
    /// Since midnight, ns.
    var timeOfDay: Int64 = 0
    /// Whether it lies in the exchange's hours.
    var isInside = true

    var bar: Bar {
        Bar(
            open: Price(units: open), high: Price(units: high), low: Price(units: low),
            close: Price(units: close), volume: Volume(units: volume), day: day)
    }
}

/// The indicators of one rule on one instrument, and the step that evaluates it.
///
/// The parts of a step are `mutating` even where they change nothing: a call with a borrowed self
/// would copy it, a third of the time of a step.
struct RuleEvaluation {
    private let layout: RuleLayout
    private var smas: [RollingSum]
    private var volumeSMAs: [RollingVolume]
    private var emas: [EMA]
    private var rsis: [RSI]
    private var wmas: [WMA]
    private var extremes: [RollingExtreme]
    /// What each extreme counts as at this event.
    private var levels: [Int64]
    private var indicators: [any Indicator]
    private var pasts: [PastPrice]
    /// Events so far; no more are counted than every window in it needs.
    private var seen = 0
    private let settled: Int
    // One bit for each comparison: the side of its last difference, where it had one.
    private var above: UInt64 = 0
    private var below: UInt64 = 0
    private var armed: UInt64 = 0

    init(_ layout: RuleLayout) {
        self.layout = layout
        settled = layout.longestWindow + 1
        smas = layout.smas.map { RollingSum(length: $0) }
        volumeSMAs = layout.volumeSMAs.map { RollingVolume(length: $0) }
        emas = layout.emas.map { EMA(length: $0) }
        rsis = layout.rsis.map { RSI(length: $0) }
        wmas = layout.wmas.map { WMA(length: $0) }
        extremes = layout.extremes.map {
            RollingExtreme($0.isHighest ? .highest : .lowest, length: $0.length)
        }
        levels = layout.extremes.map { _ in 0 }
        indicators = layout.indicators.map { $0.make() }
        pasts = layout.pasts.map { PastPrice($0) }
    }

    /// Takes the event and tells whether the condition holds; false while that is not known.
    mutating func step(_ event: Observation) -> Bool {
        push(event)
        if seen < settled { seen += 1 }
        return run(compare(event), event)
    }

    private mutating func push(_ event: Observation) {
        for index in smas.indices { smas[index].push(event.close) }
        for index in volumeSMAs.indices { volumeSMAs[index].push(Volume(units: event.volume)) }
        for index in emas.indices { emas[index].push(Price(units: event.close)) }
        for index in rsis.indices { rsis[index].push(Price(units: event.close)) }
        for index in pasts.indices { pushPast(index, event) }
        for index in wmas.indices { wmas[index].push(Price(units: event.close)) }
        for index in extremes.indices { pushExtreme(index, event) }
        guard !indicators.isEmpty else { return }
        let bar = event.bar
        for index in indicators.indices { indicators[index].push(bar) }
    }

    private mutating func pushPast(_ index: Int, _ event: Observation) {
        switch pasts[index] {
        case .events(var past):
            pasts[index] = .events(PastEvents.none)  // one owner while it is fed: no copy
            past.push(event.close)
            pasts[index] = .events(past)
        case .days(var past):
            pasts[index] = .events(PastEvents.none)
            past.push(event.close, day: event.day, isInside: event.isInside)
            pasts[index] = .days(past)
        case .time(var past):
            pasts[index] = .events(PastEvents.none)
            past.push(event.close, at: event.time)
            pasts[index] = .time(past)
        }
    }

    private mutating func pushExtreme(_ index: Int, _ event: Observation) {
        let extreme = layout.extremes[index]
        if extreme.isPast { levels[index] = extremes[index].units }
        extremes[index].push(Price(units: extreme.isHighest ? event.high : event.low))
        if !extreme.isPast { levels[index] = extremes[index].units }
    }

    /// Of each comparison one bit, in one of the two words; in neither while it is not known.
    private struct Flags {
        var hold: UInt64 = 0
        var fail: UInt64 = 0
    }

    private mutating func compare(_ event: Observation) -> Flags {
        var flags = Flags()
        for index in layout.comparisons.indices {
            let bit: UInt64 = 1 << UInt64(index)
            guard seen > layout.comparisons[index].warmUp,
                let sign = sign(of: layout.comparisons[index], event)
            else {
                armed &= ~bit
                continue
            }
            let relation = layout.comparisons[index].relation
            let holds =
                switch relation {
                case .above: sign > 0
                case .atLeast: sign >= 0
                case .below: sign < 0
                case .atMost: sign <= 0
                case .equal: sign == 0
                case .crossAbove: sign > 0 && above & bit == 0
                case .crossBelow: sign < 0 && below & bit == 0
                }
            // A crossing has to come from a side.
            if !relation.isCrossing || armed & bit != 0 {
                if holds { flags.hold |= bit } else { flags.fail |= bit }
            }
            above = sign > 0 ? above | bit : above & ~bit
            below = sign < 0 ? below | bit : below & ~bit
            armed |= bit
        }
        return flags
    }

    private mutating func sign(
        of comparison: RuleLayout.Comparison, _ event: Observation
    ) -> Int? {
        if let guarded = comparison.guarded, pasts[guarded].value <= 0 { return nil }
        if comparison.isExact {
            // Bounded when it was compiled: cannot overflow.
            var difference = comparison.exactConstant
            for index in comparison.first..<comparison.end {
                let part = layout.exactParts[index]
                difference += part.weight * exact(part.source, event)
            }
            return Int(difference.signum())
        }
        var difference = comparison.realConstant
        for index in comparison.first..<comparison.end {
            let part = layout.realParts[index]
            guard let value = real(part.source, event) else { return nil }
            difference += part.weight * value
        }
        return difference > 0 ? 1 : difference < 0 ? -1 : 0
    }

    private mutating func exact(_ source: Source, _ event: Observation) -> Int128 {
        switch source {
        case .open: Int128(event.open)
        case .high: Int128(event.high)
        case .low: Int128(event.low)
        case .close: Int128(event.close)
        case .volume: event.volume
        case .sma(let index): smas.span[index].sum  // a span: a subscript copies the window
        case .volumeSMA(let index): volumeSMAs[index].sum
        case .past(let index): Int128(pasts[index].value)
        case .wma(let index): wmas.span[index].weighted
        case .extreme(let index): Int128(levels[index])
        case .ema, .rsi, .change, .indicator: 0  // never exact: see Term.isExact
        }
    }

    private mutating func real(_ source: Source, _ event: Observation) -> Double? {
        let scale = Double(fixedPointScale)
        switch source {
        case .ema(let index): return emas[index].value
        case .rsi(let index): return rsis[index].value
        case .sma(let index):
            return rounded(smas.span[index].sum) / (scale * Double(layout.smas[index]))
        case .volumeSMA(let index):
            return rounded(volumeSMAs[index].sum) / (scale * Double(layout.volumeSMAs[index]))
        case .wma(let index): return wmas.span[index].value
        case .indicator(let index, let output): return indicators[index].value(output)
        case .change(let index):
            let past = pasts[index].value
            guard past > 0 else { return nil }
            return (Double(event.close) - Double(past)) / Double(past)
        case .open, .high, .low, .close, .volume, .past, .extreme:
            return rounded(exact(source, event)) / scale
        }
    }

    /// Three-valued, by Kleene: what is not known is neither true nor false, and decides nothing where the
    /// other side does. Two words are the stacks of what holds and what fails: see ``RuleParser/deepest``.
    private mutating func run(_ flags: Flags, _ event: Observation) -> Bool {
        var holds: UInt64 = 0
        var fails: UInt64 = 0
        for index in layout.program.indices {
            switch layout.program[index] {
            case .flag(let bit):
                holds = holds << 1 | flags.hold >> UInt64(bit) & 1
                fails = fails << 1 | flags.fail >> UInt64(bit) & 1
            case .clock(let window):
                let isInside = layout.windows[window].contains(event.timeOfDay)
                holds = holds << 1 | (isInside ? 1 : 0)
                fails = fails << 1 | (isInside ? 0 : 1)
            case .and:
                holds = holds >> 1 & (holds | ~1)
                fails = fails >> 1 | fails & 1
            case .or:
                holds = holds >> 1 | holds & 1
                fails = fails >> 1 & (fails | ~1)
            case .not:
                let differs = (holds ^ fails) & 1
                holds ^= differs
                fails ^= differs
            }
        }
        return holds & 1 == 1
    }

    func hash(into hasher: inout StateHasher) {
        // As events that are still to come: the number that logs of before have.
        hasher.combine(max(0, layout.warmUp - seen))
        for word in [above, below, armed] { hasher.combine(word) }
        for sma in smas { sma.hash(into: &hasher) }
        for sma in volumeSMAs { sma.hash(into: &hasher) }
        for ema in emas { ema.hash(into: &hasher) }
        for rsi in rsis { rsi.hash(into: &hasher) }
        for past in pasts { past.hash(into: &hasher) }
        for wma in wmas { wma.hash(into: &hasher) }
        for extreme in extremes { extreme.hash(into: &hasher) }
        for indicator in indicators { indicator.hash(into: &hasher) }
    }
}
