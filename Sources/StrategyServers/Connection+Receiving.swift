import GRPCTransport
import Ports
import StrategyWire
import TradingModel

/// What comes from the server, held against the contract.
extension Connection {
    /// Receives until the server is done.
    ///
    /// - Throws: ``RPCError`` with the stream's status, ``ServerRefusal``, ``WireError``.
    nonisolated(nonsending) func receive() async throws {
        while let message = try await stream.next() {
            let decoded = try message.withBytes { (bytes) throws(WireError) in
                try PBServerMessage(decoding: bytes)
            }
            let size = message.byteCount
            if try await take(decoded) { return }
            try await hold(size, decoded)
        }
        if !shared.withLock({ $0.drained || $0.isDraining }) {
            throw RPCError(RPCStatus(.unavailable, "the server ended the session"), at: plan.place)
        }
    }

    /// Leaves a server that floods in its own socket: the next message is not asked for yet.
    private nonisolated(nonsending) func hold(
        _ size: Int, _ message: PBServerMessage
    ) async throws {
        let count =
            if case .results(let results) = message.message { results.results.count } else { 0 }
        let now = clock.monotonic()
        let (pause, isFirst) = shared.withLock { shared in
            let wasHeld = shared.intake.isHeld
            return (
                shared.intake.read(bytes: size, results: count, at: now),
                shared.intake.isHeld && !wasHeld
            )
        }
        guard pause > 0 else { return }
        if isFirst {
            let words =
                "it floods the host with results, messages or bytes, and is read no faster than its limits"
            inbox.report(.log(level: "warning", text: words))
        }
        try await Task.sleep(for: .nanoseconds(pause))
    }

    /// - Returns: True behind the last message.
    private nonisolated(nonsending) func take(_ message: PBServerMessage) async throws -> Bool {
        switch message.message {
        case .results(let results): try await take(results)
        case .watermark(let watermark):
            try close(EventPosition(watermark.position), beat: watermark.beat)
        case .failure(let failure):
            let now = clock.monotonic()
            for report in shared.withLock({ $0.remarks.take(failure, at: now) }) {
                inbox.report(report)
            }
        case .log(let log):
            let now = clock.monotonic()
            for report in shared.withLock({ $0.remarks.take(log, at: now) }) {
                inbox.report(report)
            }
        case .drained:
            shared.withLock { $0.drained = true }
            return true
        case .snapshot(let part): take(part)
        case .ready: throw ServerRefusal("it sent Ready twice")
        case nil:
            throw ServerRefusal(
                "it sent a message this host does not know", advice: "upgrade the host")
        }
        return false
    }

    /// Takes a part; what is wrong with a snapshot is told, and no more.
    private func take(_ part: PBSnapshotPart) {
        let outcome = shared.withLock { shared -> SnapshotAssembly.Outcome in
            let outcome = shared.assembly.take(part, watermark: shared.flow.watermark)
            if case .whole(let snapshot) = outcome { shared.waitingSnapshot = snapshot }
            return outcome
        }
        switch outcome {
        case .none: break
        case .whole: keepSnapshot(isLast: false)
        case .refused(let reason):
            inbox.report(.log(level: "warning", text: "its snapshot was not taken: \(reason)"))
        }
    }

    /// Keeps the newest snapshot that waits, at most one in ``snapshotsApart``: a disk is no place for each of a
    /// run as fast as possible.
    func keepSnapshot(isLast: Bool) {
        guard let snapshots else { return }
        let now = clock.monotonic()
        let snapshot = shared.withLock { shared -> ServerSnapshot? in
            guard isLast || now >= shared.nextSnapshot else { return nil }
            guard let snapshot = shared.waitingSnapshot.take() else { return nil }
            shared.nextSnapshot = now + Self.snapshotsApart
            return snapshot
        }
        if let snapshot { snapshots.keep(snapshot, of: plan.owner(description)) }
        for trouble in snapshots.takeTroubles(of: plan.owner(description)) {
            inbox.report(.log(level: "warning", text: trouble))
        }
    }

    private static let snapshotsApart: Int64 = 1_000_000_000

    private nonisolated(nonsending) func take(_ message: PBResults) async throws {
        var good: [ReceivedResult] = []
        var last: String?
        let now = clock.monotonic()
        let (breaches, tooMuch, refused, reports) = shared.withLock { shared in
            let flow = shared.flow
            for wire in message.results {
                let result = shared.check.check(
                    wire, last: flow.last, watermark: flow.watermark, isSent: flow.isSent)
                switch result {
                case .success(let result):
                    // What it says again was counted when it said it first.
                    let isNew = result.position > shared.openedAt
                    if isNew, let reason = shared.intake.refusal(at: now) {
                        shared.refused.add(reason)
                    } else {
                        good.append(result)
                    }
                case .failure(let refusal):
                    shared.refused.add(refusal.reason)
                    last = refusal.reason
                }
            }
            let breaches = shared.breaches.note(last != nil, isEmpty: message.results.isEmpty)
            let tooMuch = shared.intake.isTooMuch ? shared.intake.resultsPerSecond : nil
            return (breaches, tooMuch, shared.refused.total, shared.refused.due(at: now))
        }
        for report in reports { inbox.report(report) }
        if let tooMuch {
            throw ServerRefusal(
                "it sent more than \(tooMuch) results a second for \(Intake.patience / 1_000_000_000) s;"
                    + " \(refused) results were refused",
                advice: "let it say less, or raise results_per_second", isLast: true)
        }
        if let breaches, let last {
            throw ServerRefusal(
                "\(breaches) held results that break the contract;"
                    + " \(refused) results were refused, the last because of: \(last)",
                isLast: true)
        }
        let room = good.isEmpty || inbox.deliver(good)
        if let watermark = message.watermark {
            try close(EventPosition(watermark), beat: message.beat)
        }
        if !room { await hasRoom.wait() }
    }

    private func close(_ position: EventPosition, beat: UInt64) throws {
        let now = clock.monotonic()
        let (violation, isFirst) = shared.withLock { shared in
            shared.lastWatermark = now
            shared.beats.heard(beat)
            let violation = shared.flow.close(through: position, at: now)
            let goesOn = violation == nil && position > shared.resumedAt
            let isFirst = goesOn && !shared.progressed
            if goesOn { shared.progressed = true }
            return (violation, isFirst)
        }
        switch violation {
        case .beyond(let last):
            throw ServerRefusal("its watermark \(position) is beyond \(last), the last event sent")
        case .backwards(let from):
            throw ServerRefusal("its watermark went back from \(from) to \(position)")
        case nil: break
        }
        inbox.watermark(position)
        if isFirst { happened(.progress) }
        mayGoOn.set()
    }
}
