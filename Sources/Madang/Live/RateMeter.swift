import Ports

/// How fast a run goes, from what it told at two moments of the host's clock.
struct RateMeter {
    private struct Sample {
        let time: Int64
        let rows: Int
        let events: [Int?]
    }
    private var samples: [Sample] = []
    private var first: (time: Int64, fraction: Double)?
    private var newest: (time: Int64, fraction: Double)?
    /// Rates are over about so long, ns.
    private static let window: Int64 = 2_000_000_000

    /// - Parameters:
    ///   - rows: Of the recording so far.
    ///   - events: By source; see ``RunProgress``.
    ///   - now: Monotonic ns; never less than before.
    mutating func take(rows: Int, events: [Int?], fraction: Double, now: Int64) {
        if first == nil { first = (now, fraction) }
        newest = (now, fraction)
        samples.append(Sample(time: now, rows: rows, events: events))
        // One sample at or before the window's begin stays.
        while samples.count > 2, samples[1].time <= now - Self.window { samples.removeFirst() }
    }

    func rowsPerSecond(now: Int64) -> Double? {
        rate(now: now) { $0.rows }
    }

    /// `nil` where the source's events are not counted, or not yet.
    func eventsPerSecond(of source: Int, now: Int64) -> Double? {
        rate(now: now) { source < $0.events.count ? $0.events[source] : nil }
    }

    private func rate(now: Int64, _ count: (Sample) -> Int?) -> Double? {
        guard let last = samples.last, let from = samples.first, last.time > from.time,
            let begin = count(from), let end = count(last)
        else { return nil }
        // Who says nothing more slows down; between two words nothing does.
        let silence = now - last.time > Self.window / 2 ? now - last.time : 0
        return Double(max(0, end - begin)) / (Double(last.time - from.time + silence) / 1e9)
    }

    /// To the end of the recording at the pace so far, ns.
    func timeLeft(now: Int64) -> Int64? {
        guard let first, let newest, newest.time - first.time > Self.window / 2,
            newest.fraction > first.fraction
        else { return nil }
        let pace = (newest.fraction - first.fraction) / Double(newest.time - first.time)
        let left = max(0, 1 - newest.fraction) / pace - Double(now - newest.time)
        return left < 1e18 ? Int64(max(0, left)) : nil
    }
}
