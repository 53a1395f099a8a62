import Ports

/// What follows a break: another attempt, an open circuit, quarantine, or the end of a run in lockstep.
extension SessionLife {
    mutating func broke(_ end: Break, at now: Moment, _ draw: UInt64) -> Answer {
        let wasProbe = phase == .halfOpen
        let isLoss = !hasProgress && end.kind != .goodbye
        attempts = isLoss ? attempts + 1 : 0
        failures = isLoss ? failures + (end.kind == .away ? 0 : 1) : 0
        if isLockstep { return brokeInLockstep(end, at: now, draw) }
        count(end, at: now.monotonic)
        if let quarantine = quarantine(end, at: now) {
            phase = .quarantined(quarantine)
            return Answer(Word(.quarantined, quarantine.words), .hold)
        }
        let opens = wasProbe || cut != nil || attempts >= policy.circuit.failures
        return opens ? open(end, at: now, wasProbe: wasProbe) : wait(end, at: now, draw)
    }

    private mutating func brokeInLockstep(_ end: Break, at now: Moment, _ draw: UInt64) -> Answer {
        let tooOften = failures >= policy.circuit.failures
        let isFinal =
            switch end.kind {
            case .violation, .final: true
            case .doubtful: tooOften
            case .away, .broken, .goodbye: false
            }
        guard isFinal || tooOften else { return wait(end, at: now, draw) }
        phase = .refused
        let count = isFinal ? "" : "failed \(failures) times in a row: "
        return Answer(Word(.refused, count + end.reason + end.process), .finish)
    }

    // MARK: The window

    /// A server that is away and not ours to start may be so for a night: that is no break.
    private mutating func count(_ end: Break, at now: Int64) {
        breaks.removeAll { now - $0.time >= policy.quarantine.within }
        guard end.kind != .away else { return }
        breaks.append((now, end.kind == .violation || end.kind == .final))
    }

    private func quarantine(_ end: Break, at now: Moment) -> ServerQuarantine? {
        let violations = breaks.count { $0.isViolation }
        let isDue =
            switch end.kind {
            case .final: true
            case .away: false
            case .violation, .broken, .goodbye, .doubtful:
                breaks.count >= policy.quarantine.breaks
                    || violations >= policy.quarantine.violations
                    || end.kind == .doubtful && failures >= policy.circuit.failures
            }
        guard isDue else { return nil }
        let first = breaks.first?.time ?? now.monotonic
        // One that no second try mends is told by its reason alone, whatever came before.
        return ServerQuarantine(
            reason: (cut ?? end.reason) + end.process, since: now.utc,
            breaks: end.kind == .final ? 1 : breaks.count, within: now.monotonic - first)
    }

    // MARK: The next attempt

    private mutating func wait(_ end: Break, at now: Moment, _ draw: UInt64) -> Answer {
        let pause = policy.pause(after: attempts, draw: draw)
        let until = Self.sum(now.monotonic, pause)
        phase = .waiting(until: until)
        // One that is away has no count in lockstep: the run waits for as long as it is patient.
        let most = isLockstep && end.kind == .away ? "" : "/\(policy.circuit.failures)"
        let what = isOurs ? "restart" : "attempt"
        let next = "\(what) \(max(1, attempts))\(most) in \(Self.seconds(pause))"
        return Answer(Word(.down, Self.mark(end.reason, next)), .wait(until: until))
    }

    private mutating func open(_ end: Break, at now: Moment, wasProbe: Bool) -> Answer {
        let probe = Self.sum(now.monotonic, policy.circuit.probe)
        phase = .open(probe: probe)
        let why =
            if let cut {
                cut
            } else if wasProbe {
                "the probe failed: \(end.reason)"
            } else {
                "\(attempts) failures in a row, the last: \(end.reason)"
            }
        let next = "next probe in \(Self.seconds(policy.circuit.probe))"
        return Answer(Word(.open, Self.mark(why, next)), .wait(until: probe))
    }

    private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? .max : sum
    }

    /// `4 s`, `50 ms`.
    static func seconds(_ span: Int64) -> String {
        span >= 1_000_000_000 ? "\(span / 1_000_000_000) s" : "\(span / 1_000_000) ms"
    }

    /// Behind the first line, for the others are advice.
    private static func mark(_ text: String, _ note: String) -> String {
        let head = text.prefix { !$0.isNewline }
        return "\(head) (\(note))" + text.dropFirst(head.count)
    }
}
