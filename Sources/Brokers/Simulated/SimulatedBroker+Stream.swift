import HTTPTransport
import Platform
import Ports
import TradingModel

extension SimulatedBroker {
    private enum StreamEnd: Error { case broken }

    /// Listens to the stream until the adapter is closed or the task cancelled, and comes back to
    /// it
    /// after every break, each time a little later, to 10 s.
    package func run() async {
        var breaks = 0
        downSince = clock.monotonic()
        while !isClosed, !Task.isCancelled {
            let hasStood = await listen()
            line = nil
            downSince = downSince ?? clock.monotonic()
            guard !isClosed, !Task.isCancelled else { break }
            breaks = hasStood ? 0 : breaks + 1
            let pause = Nanoseconds.milliseconds(min(10_000, 20 << min(9, Int64(breaks))))
            try? await Task.sleep(for: .nanoseconds(pause.count))
        }
        wakeWaiting()
    }

    /// - Returns: Whether the line has stood.
    private func listen() async -> Bool {
        let socket: WebSocket
        do {
            let (header, number) = try await streamHeader(BrokerLimits.question)
            do throws(WebSocketError) {
                let after = hasListened ? "?after=\(sequence.last)" : ""
                socket = try await sockets.connect(
                    to: Secret(settings.stream + after), headers: [header])
            } catch {
                if error.code == .refused(status: 401) { forgetToken(number) }
                return false
            }
        } catch { return false }
        guard !isClosed else { return false }
        line = socket
        behind = nil
        defer { socket.tear() }
        sequence.beginLine()
        while !isClosed, !Task.isCancelled {
            // While the listener is a whole buffer behind, the socket is not read.
            while isFull, !isClosed, !Task.isCancelled { await hasRoom.wait() }
            guard let event = await next(of: socket), case .message(let message) = event else {
                return true
            }
            guard let report = SimulatorWire.read(SimulatorWire.Report.self, message.bytes) else {
                continue  // what cannot be read is missing from the count, and asked for again
            }
            if report.type == "hello" { greet(report.seq) } else { hear(sequence.take(report)) }
        }
        return true
    }

    /// The next event; `nil` where a missing report has not come in time. What it may have been in
    /// the middle of
    /// is told again on the next line, or a gap is.
    private func next(of socket: WebSocket) async -> WebSocketEvent? {
        guard let left = sequence.left(settings.patience, at: clock.monotonic()) else {
            return await socket.next()
        }
        guard left > 0 else { return nil }
        return await withTaskGroup(of: WebSocketEvent?.self) { group in
            group.addTask { await socket.next() }
            group.addTask {
                try? await Task.sleep(for: .nanoseconds(left))
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private func hear(_ reports: [SimulatorWire.Report]) {
        for report in reports { tell(memory.hear(report)) }
        wakeWaiting()
    }

    /// The line stands, and what was said up to that number will not be said on it.
    private func greet(_ number: UInt64) {
        defer {
            hasListened = true
            (downSince, missed) = (nil, nil)
            wakeWaiting()
        }
        if !hasListened {
            let mayMiss = !memory.isEmpty && number > 0
            _ = sequence.skip(to: number)
            if mayMiss { tell([.gap("orders were sent before the stream stood")]) }
        } else if let (gap, held) = sequence.greet(number) {
            tell([.gap(gap)])
            hear(held)
        }
    }

    /// How long a line may be away before the broker is asked instead, ns: most come back at once, and tell what was
    /// missed.
    private static let mayBeDown: Int64 = 5_000_000_000

    /// Nobody tells anything while no line stands: what the broker counts meanwhile is a gap, so that it is asked.
    func noticeOutage(_ reports: UInt64) {
        guard let since = downSince else { return }
        let down = clock.monotonic() - since
        guard down >= Self.mayBeDown, missed.map({ $0 < reports }) ?? true else { return }
        missed = reports
        tell([
            .gap(
                "no line of reports has stood for \(down / 1_000_000_000) s, at \(settings.stream):"
                    + " the broker is asked instead")
        ])
    }

    /// A report that was lost without a later one shows only in the broker's count: after two heartbeats on one line
    /// it is given up. Where later ones are here the missing one is waited for already, for as long as it is given: a
    /// line that heartbeats cut short would count among those that did not bring it.
    func noticeSilence(_ reports: UInt64) {
        guard hasListened, reports > sequence.last, !sequence.misses else { return behind = nil }
        if let behind, sequence.last < behind {
            line?.tear()
            self.behind = nil
        } else {
            behind = reports
        }
    }
}
