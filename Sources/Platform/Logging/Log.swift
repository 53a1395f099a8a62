import Glibc

/// Where all loggers' lines go: one thread writes them, to standard error unless told otherwise.
///
/// When 8192 lines wait for a slow device, further ones are dropped and counted; the count follows
/// as a line of its own. Trading never waits for a log. Safe from any thread.
package final class Log: Sendable {
    package enum Form: String, Hashable, Sendable, CaseIterable {
        /// `10:31:07.123 WARNING feeds: a step back  file=day.csv`
        case plain
        /// One object a line: `time`, `level`, `label`, `message`, then the fields.
        case json
    }

    private let form: Form
    private let clock: any TimeSource
    private let lines: Mailbox<String>
    private let dropped = Locked(0)
    private let thread: HostThread

    /// - Parameter descriptor: Where to write; stays open and the caller's.
    package convenience init(
        form: Form, clock: any TimeSource = HostClock(), descriptor: Int32 = STDERR_FILENO
    ) {
        self.init(form: form, clock: clock) { _ = writeAll($0, to: descriptor) }
    }

    /// - Parameter write: Called with whole lines, by the log's thread alone.
    package init(
        form: Form, clock: any TimeSource, capacity: Int = 8192,
        write: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.form = form
        self.clock = clock
        let lines = Mailbox<String>(capacity: capacity)
        self.lines = lines
        thread = HostThread.start(named: "log") {
            var batch: [String] = []
            while lines.take(into: &batch, max: 256) {
                write(Array(batch.joined(separator: "\n").utf8) + [UInt8(ascii: "\n")])
                batch.removeAll(keepingCapacity: true)
            }
        }
    }

    deinit { lines.close() }

    /// Writes what waits and ends. Lines after this are lost. Harmless when repeated.
    package func close() {
        lines.close()
        thread.join()
    }

    func write(
        _ level: LogLevel, _ label: String, _ message: String, _ fields: [(String, LogValue)]
    ) {
        reportDropped()
        guard lines.offer(line(level, label, message, fields)) == .full else { return }
        dropped.withLock { $0 += 1 }
    }

    private func reportDropped() {
        let count = dropped.withLock { dropped in
            defer { dropped = 0 }
            return dropped
        }
        guard count > 0 else { return }
        let text = line(.warning, "log", "lines were dropped", [("count", .int(Int64(count)))])
        if lines.offer(text) == .full { dropped.withLock { $0 += count } }
    }

    private func line(
        _ level: LogLevel, _ label: String, _ message: String, _ fields: [(String, LogValue)]
    ) -> String {
        let utc = clock.utc()
        switch form {
        case .json:
            var text = "{\"time\":\"\(timeText(utc: utc))\",\"level\":\"\(level.rawValue)\","
            text += "\"label\":\(jsonText(label)),\"message\":\(jsonText(message))"
            for (key, value) in fields { text += ",\(jsonText(key)):\(value.json)" }
            return text + "}"
        case .plain:
            var text = "\(TimeParts(utc: utc).clockText(digits: 3)) \(level.rawValue.uppercased()) "
            text += "\(label): \(message.replacing("\n", with: "\n  "))"
            for (key, value) in fields { text += "  \(key)=\(value.plain)" }
            return text
        }
    }
}
