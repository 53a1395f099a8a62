public import TradingModel

/// Wilder's average directional index: how strong a trend is, 0 to 100, and its two sides.
///
/// up = high - high before, down = low before - low; +dm = up where up > down and up > 0, else 0;
/// -dm the same of down. The three sums of +dm, -dm and tr begin as plain sums of the first n - 1
/// bars after the first; from index n on s = s - s / n + x. plus = 100 x sum of +dm / sum of tr,
/// minus the same; dx = 100 x |plus - minus| / (plus + minus). adx at index 2n - 1 is the mean of
/// the first n dx, then adx = (adx x (n-1) + dx) / n; where dx has no value adx stays. Warm-up:
/// all three begin at index 2n - 1. Outputs: adx, plus, minus. Source: TA-Lib's ADX, PLUS_DI and
/// MINUS_DI, classic.
public struct ADX: Indicator {
    private let length: Int
    private var range = TrueRange()
    private var high = Price.zero
    private var low = Price.zero
    private var plusMove: Double = 0
    private var minusMove: Double = 0
    private var ranges: Double = 0
    /// Bars after the first; 2n from then on.
    private var seen = 0
    /// The sum of dx while warming up, then the average.
    private var current: Double = 0

    /// - Parameter length: 2 to 512.
    public init(length: Int = 14) {
        precondition(RSI.lengths.contains(length), "ADX length outside 2...512")
        self.length = length
    }

    public var isReady: Bool { seen >= 2 * length - 1 }

    public mutating func push(_ bar: Bar) {
        let (up, down) = (difference(bar.high, high), difference(low, bar.low))
        (high, low) = (bar.high, bar.low)
        guard let next = range.push(bar) else { return }
        seen = min(seen + 1, 2 * length)
        let n = Double(length)
        if seen >= length {
            plusMove -= plusMove / n
            minusMove -= minusMove / n
            ranges -= ranges / n
        }
        if down > 0, up < down { minusMove += down } else if up > 0, up > down { plusMove += up }
        ranges += next
        guard seen >= length else { return }
        blend()
    }

    private mutating func blend() {
        let n = Double(length)
        let (plus, minus) = (side(plusMove), side(minusMove))
        let both = plus + minus
        let dx = both > 0 ? 100 * (abs(plus - minus) / both) : nil
        if seen < 2 * length {
            current += dx ?? 0
            if isReady { current /= n }
        } else if let dx {
            current = (current * (n - 1) + dx) / n
        }
    }

    private func side(_ move: Double) -> Double { ranges > 0 ? 100 * (move / ranges) : 0 }

    public func value(_ output: Int) -> Double? {
        guard isReady else { return nil }
        return switch output {
        case 0: current
        case 1: side(plusMove)
        default: side(minusMove)
        }
    }

    public func hash(into hasher: inout StateHasher) {
        range.hash(into: &hasher)
        hasher.combine(length)
        hasher.combine(high.units)
        hasher.combine(low.units)
        for value in [plusMove, minusMove, ranges, current] { hasher.combine(value) }
        hasher.combine(seen)
    }
}
