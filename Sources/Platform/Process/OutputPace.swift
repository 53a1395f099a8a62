/// How much of what a program writes is handed on, and when the rest is told. A value without a
/// clock.
///
/// Two buckets fill at a rate, one of lines and one of bytes; a line needs room in both. What finds
/// none is counted, and the count is due a second after the first of them.
package struct OutputPace: Sendable {
    package struct Limits: Hashable, Sendable {
        package var linesPerSecond: Int64
        package var bytesPerSecond: Int64
        /// Seconds' worth that may come at once.
        package var burst: Int64
        package init(linesPerSecond: Int64, bytesPerSecond: Int64, burst: Int64 = 2) {
            self.linesPerSecond = max(1, linesPerSecond)
            self.bytesPerSecond = max(1, bytesPerSecond)
            self.burst = max(1, burst)
        }
        /// More than a person reads, less than a disk or a screen minds.
        package static let server = Limits(linesPerSecond: 200, bytesPerSecond: 65_536)
    }

    /// A count that is due.
    package struct LeftOut: Hashable, Sendable, CustomStringConvertible {
        package var lines: Int64
        package var bytes: Int64
        package var description: String {
            "left out \(grouped(lines)) line\(lines == 1 ? "" : "s") (\(sizeText(bytes)))"
        }
    }

    private let limits: Limits
    /// Billionths of a line and of a byte.
    private var lines: Int64
    private var bytes: Int64
    /// Monotonic ns; `nil` before the first line.
    private var time: Int64?
    private var waiting = LeftOut(lines: 0, bytes: 0)
    /// When the count is told, monotonic ns; `nil` while nothing was left out.
    package private(set) var dueAt: Int64?

    package init(_ limits: Limits) {
        self.limits = limits
        lines = limits.linesPerSecond * limits.burst * Self.whole
        bytes = limits.bytesPerSecond * limits.burst * Self.whole
    }

    private static let whole: Int64 = 1_000_000_000

    /// Whether a line is handed on now; one that is not is counted.
    ///
    /// - Parameter size: Bytes that would be handed on.
    /// - Parameter written: Bytes that the program wrote, for the count.
    package mutating func takes(_ size: Int, of written: Int, at now: Int64) -> Bool {
        fill(at: now)
        let price = Int64(size) * Self.whole
        guard lines >= Self.whole, bytes >= price else {
            waiting.lines += 1
            waiting.bytes += Int64(written)
            if dueAt == nil { dueAt = now + Self.whole }
            return false
        }
        lines -= Self.whole
        bytes -= price
        return true
    }

    /// The count, at most once a second.
    package mutating func leftOut(at now: Int64) -> LeftOut? {
        guard let dueAt, dueAt <= now else { return nil }
        return finish()
    }

    /// What is still to be told, due or not.
    package mutating func finish() -> LeftOut? {
        guard waiting.lines > 0 else { return nil }
        defer { (waiting, dueAt) = (LeftOut(lines: 0, bytes: 0), nil) }
        return waiting
    }

    private mutating func fill(at now: Int64) {
        // Longer than the burst fills no more, and cannot overflow.
        let passed = min(max(0, now - (time ?? now)), limits.burst * Self.whole)
        time = max(now, time ?? now)
        lines = min(
            limits.linesPerSecond * limits.burst * Self.whole,
            lines + passed * limits.linesPerSecond)
        bytes = min(
            limits.bytesPerSecond * limits.burst * Self.whole,
            bytes + passed * limits.bytesPerSecond)
    }
}
