/// How much a line matters.
package enum LogLevel: String, Hashable, Comparable, Sendable, CaseIterable {
    case debug, info, warning, error, critical

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    package static func < (a: LogLevel, b: LogLevel) -> Bool { a.rank < b.rank }
}

/// Writes log lines of one part of the host. A value, cheap to copy; safe from any thread.
///
/// A call formats the line and hands it over; it never waits for the device. Shaped like swift-log.
package struct Logger: Sendable {
    package let label: String
    package var minimum: LogLevel
    private let log: Log
    private let fields: [(String, LogValue)]

    package init(_ label: String, to log: Log, minimum: LogLevel = .info) {
        self.init(label: label, minimum: minimum, log: log, fields: [])
    }

    private init(label: String, minimum: LogLevel, log: Log, fields: [(String, LogValue)]) {
        self.label = label
        self.minimum = minimum
        self.log = log
        self.fields = fields
    }

    /// The same with fields on every line: the correlation id of an order, a server's name.
    package func with(_ more: KeyValuePairs<String, LogValue>) -> Logger {
        Logger(label: label, minimum: minimum, log: log, fields: fields + more.map { ($0, $1) })
    }

    /// The same under another label.
    package func labelled(_ label: String) -> Logger {
        Logger(label: label, minimum: minimum, log: log, fields: fields)
    }

    /// - Parameter message: Not evaluated below the minimum. No secrets: pass them as
    ///   ``LogValue/secret(_:)`` fields.
    package func write(
        _ level: LogLevel, _ message: @autoclosure () -> String,
        _ more: KeyValuePairs<String, LogValue> = [:]
    ) {
        guard level >= minimum else { return }
        log.write(level, label, message(), fields + more.map { ($0, $1) })
    }

    package func debug(
        _ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, LogValue> = [:]
    ) { write(.debug, message(), fields) }

    package func info(
        _ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, LogValue> = [:]
    ) { write(.info, message(), fields) }

    package func warning(
        _ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, LogValue> = [:]
    ) { write(.warning, message(), fields) }

    package func error(
        _ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, LogValue> = [:]
    ) { write(.error, message(), fields) }

    package func critical(
        _ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, LogValue> = [:]
    ) { write(.critical, message(), fields) }
}
