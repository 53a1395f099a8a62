import Foundation
import GRPCTransport
import Platform
import Ports
import StrategyWire
import Testing
import TradingModel

@testable import StrategyServers

/// docs/PROTOCOL.md says what the .proto files and the host say.
@Suite struct ProtocolTests {
    private let page: Document
    private let contract: Contract

    init() throws {
        page = try Document("docs/PROTOCOL.md")
        contract = try Contract()
    }

    // MARK: Names

    /// Words in backticks outside of blocks.
    private var words: [String] {
        var text = page.text
        for block in page.blocks { text = text.replacing(block.text, with: "") }
        return text.matches(of: /`([^`\n]+)`/).map { String($0.1) }
    }

    @Test func everyFieldThatIsNamedIsThere() {
        var count = 0
        for word in words {
            guard let found = word.wholeMatch(of: /([A-Z][A-Za-z]+)\.([a-z_0-9]+)/) else {
                continue
            }
            count += 1
            let fields = contract.messages[String(found.1)]
            #expect(fields?.contains(String(found.2)) == true, "\(word)")
        }
        #expect(count >= 40)
    }

    @Test func everyMessageIsToldOf() throws {
        // Holders of others, and a run of Skipped, which stands in its comment.
        let unnamed: Set<String> = ["HostMessage", "ServerMessage", "DescribeRequest", "Run"]
        #expect(contract.messages.count >= 25)
        for message in contract.messages.keys.sorted() where !unnamed.contains(message) {
            let name = try Regex<Substring>("\\b\(message)s?\\b").wordBoundaryKind(.simple)
            let isTold = page.text.contains(name)
            #expect(isTold, "\(message)")
        }
    }

    @Test func everyConstantThatIsNamedIsThere() {
        let statuses: Set<String> = [
            "OK", "FAILED_PRECONDITION", "INVALID_ARGUMENT", "UNIMPLEMENTED", "UNAUTHENTICATED",
            "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "UNAVAILABLE", "ABORTED", "INTERNAL",
            "UNKNOWN",
            "CANCELLED", "DEADLINE_EXCEEDED",
        ]
        let others: Set<String> = [
            "MADANG_ADDRESS", "MADANG_PARENT_FD", "PATH", "HOME", "LANG", "LC_ALL", "TZ",
            "PYTHONUNBUFFERED", "SERVING",
        ]
        let known = statuses.union(others).union(contract.enumValues)
        for word in words where word.wholeMatch(of: /[A-Z][A-Z_]+/) != nil {
            #expect(known.contains(word), "\(word)")
        }
        #expect(contract.enumValues.isSuperset(of: ["BACKTEST", "BUY", "TIMERS", "BOOLEAN"]))
    }

    // MARK: The example

    private func block(_ language: String) throws -> String {
        try #require(page.blocks.first { $0.language == language }).text
    }

    /// The bytes in front of the words of each line.
    private func exampleBytes() throws -> [UInt8] {
        try block("hex").split(separator: "\n").flatMap { line in
            let start = line.drop { $0 == " " }
            let end = start.firstRange(of: "  ")?.lowerBound ?? start.endIndex
            let digits = start[..<end].filter { $0 != " " }
            return try stride(from: 0, to: digits.count, by: 2).map { offset in
                let at = digits.index(digits.startIndex, offsetBy: offset)
                return try #require(UInt8(digits[at...].prefix(2), radix: 16), "\(line)")
            }
        }
    }

    @Test func theBytesOfTheExampleAreWhatProtocMakes() throws {
        let protoc = Process()
        protoc.executableURL = URL(filePath: "/usr/bin/env")
        protoc.arguments = [
            "protoc", "--encode=madang.strategy.v1.Events", "madang/strategy/v1/events.proto",
        ]
        protoc.currentDirectoryURL = Document.root.appending(path: "Protos")
        let (input, output) = (Pipe(), Pipe())
        protoc.standardInput = input
        protoc.standardOutput = output
        try protoc.run()
        try input.fileHandleForWriting.write(contentsOf: Data(try block("protobuf").utf8))
        try input.fileHandleForWriting.close()
        let made = try output.fileHandleForReading.readToEnd() ?? Data()
        protoc.waitUntilExit()
        #expect(protoc.terminationStatus == 0)
        let bytes = try exampleBytes()
        #expect([UInt8](made) == bytes)
        #expect(page.text.contains("It is \(bytes.count) bytes on the wire."))
    }

    @Test func theExampleIsACandleAndTheTickThatClosedIt() throws {
        let bytes = try exampleBytes()
        let events = try PBEvents(decoding: bytes)
        #expect(events.encoded() == bytes)
        #expect(EventPosition(events.previous).description == "5.0")
        let rows = try events.rows()
        #expect(rows.map(\.position.description) == ["6.0", "6.1"])
        let minute = try #require(Interval("1m"))
        let closed = Timestamp(nanoseconds: 1_700_000_100_000_000_000)
        let entry = closed.advanced(by: .milliseconds(200))
        #expect(rows.map(\.entryTime) == [entry, entry])
        let candle = Candle(
            instrument: InstrumentID(0), interval: minute,
            openTime: closed.advanced(by: .seconds(-60)), open: won(70_000), high: won(70_600),
            low: won(69_900), close: won(70_400),
            volume: Volume(units: 1_234 * Int128(fixedPointScale)))
        #expect(rows.first?.kind == .candle(candle))
        let tick = Tick(
            instrument: InstrumentID(0), feedTime: entry, price: won(70_500),
            quantity: Quantity(units: 10 * fixedPointScale), aggressor: .buyer)
        #expect(rows.last?.kind == .tick(tick))
    }

    private func won(_ whole: Int64) -> Price { Price(units: whole * fixedPointScale) }

    // MARK: Numbers

    @Test func limitsAreThoseOfTheHost() throws {
        let limits = SessionLimits()
        let expected: [String: Int] = [
            "message_bytes": limits.messageBytes, "results_per_event": limits.resultsPerEvent,
            "results_per_second": limits.resultsPerSecond, "text_bytes": limits.textBytes,
            "logs_per_second": limits.logsPerSecond, "credit": limits.credit,
            "deadline_ns": 200_000_000, "snapshot_bytes": limits.snapshotBytes,
            "candles_deadline_ns": 0, "timers_deadline_ns": 0, "fills_deadline_ns": 0,
        ]
        let rows = page.text.matches(of: /\n\| `Limits\.(\w+)` \| (\d+) \|/)
        let told = Dictionary(uniqueKeysWithValues: rows.map { (String($0.1), Int($0.2) ?? -1) })
        #expect(told == expected)
        #expect(Set(told.keys) == contract.messages["Limits"])
        let configuration = try Document("docs/CONFIGURATION.md").text
        let life = LifePolicy()
        for line in [
            "| `deadline` | duration, 1ms to 1h | `200ms` |",
            "| `overflow` | `drop_oldest`, `coalesce`, `disconnect` | `drop_oldest` |",
            "| `queue` | whole number, 16 to 1000000 | 65536 |",
            "| `credit` | whole number, 1 to 1000000 | \(limits.credit) |",
            "| `results_per_event` | whole number, 1 to 10000 | \(limits.resultsPerEvent) |",
            "| `results_per_second` | whole number, 0 to 1000000 | \(limits.resultsPerSecond) |",
            "| `first` | duration, 1ms to 1m | `\(showDuration(life.restart.first))` |",
            "| `longest` | duration, 1ms to 1h | `\(showDuration(life.restart.longest))` |",
            "| `failures` | whole number, 1 to 1000 | \(life.circuit.failures) |",
            "| `probe` | duration, 10ms to 1h | `\(showDuration(life.circuit.probe))` |",
            "| `hung` | duration, 10ms to 1h | `\(showDuration(life.circuit.hung))` |",
            "| `breaks` | whole number, 1 to 10000 | \(life.quarantine.breaks) |",
            "| `violations` | whole number, 1 to 10000 | \(life.quarantine.violations) |",
            "| `within` | duration, 1s to 1d | `\(showDuration(life.quarantine.within))` |",
        ] { #expect(configuration.contains(line), "\(line)") }
    }

    @Test func numbersInTheTextAreThoseOfTheHost() throws {
        let limits = SessionLimits()
        let text = page.text.replacing(/\s+/, with: " ")
        let account = EventPosition.firstAccountIndex
        let ring = try Document("Sources/Host/Sessions/RingFeed.swift").text
        for words in [
            "at most \(Flow.messagesAhead) messages of events are unanswered at a time,"
                + " \(Flow.messagesAheadInLockstep) in `BACKTEST`",
            "(`credit` in the configuration); \(SessionLimits.lockstep.credit) in `BACKTEST`",
            "a message holds at most \(limits.batch) events",
            "every \(Connection.Shared.acknowledgedEvery) steps",
            "after \(Liveness.idleAfter / 1_000_000_000) s without a watermark",
            "max(\(Liveness.hungAfter / 1_000_000_000) s, deadline)",
            "There are \(limits.patience / 1_000_000_000) s (the host's `run.patience`)",
            "for up to \(limits.startWithin / 1_000_000_000) s (`start_within`",
            "This host speaks revision \(Revision.lowest) only",
            "from \(account) (2¹⁹) on they are account updates",
            "up to \(ResultRules.tags) tags", "up to \(ResultRules.reasons) reasons",
            "(\(ServerInput.longestWarmUp / 1_000_000),000,000 at most, or the server is refused)",
            "than \(Intake.readFactor) times `Limits.results_per_second`, and not more than"
                + " \(Intake.messages) messages",
            "not more than \(Intake.messageRate / 1_000),000 on average over \(Intake.span) s",
            "so do \(Breaches.most) of the last \(Breaches.window) that held results",
            "so do \(Intake.patience / 1_000_000_000) s of more results a second",
            "on average over \(Intake.span) s; the rest",
            "waits in a queue of 65,536 events",
            "stands more than 16,384 events behind those",
            "Version \(Version.text) of the host",
        ] { #expect(text.contains(words), "\(words)") }
        #expect(ring.contains("capacity = 65_536") && ring.contains("window: Int = 16_384"))
        let life = LifePolicy()
        let second: Int64 = 1_000_000_000
        #expect((life.circuit.failures, Breaches.mostInARow) == (5, 8))
        for words in [
            "first after \(life.restart.first / 1_000_000) ms, then after pauses that double up to"
                + " \(life.restart.longest / second) s",
            "or \(life.circuit.hung / second) s without an answer",
            "every \(life.circuit.probe / second) s one connection",
            "\(life.quarantine.breaks) breaks within \(life.quarantine.within / second / 60) min",
            "or \(life.quarantine.violations) by a breach",
        ] { #expect(text.contains(words), "\(words)") }
        #expect(text.contains("five breaks in a row") && text.contains("Eight messages in a row"))
        #expect(Revision.lowest == Revision.highest)
    }

    // MARK: Ends of a call

    /// The table of statuses, held against what the host does.
    @Test func everyEndOfACallIsMetAsThePageSays() throws {
        let codes: [String: RPCStatus.Code] = [
            "FAILED_PRECONDITION": .failedPrecondition, "INVALID_ARGUMENT": .invalidArgument,
            "UNIMPLEMENTED": .unimplemented, "UNAUTHENTICATED": .unauthenticated,
            "PERMISSION_DENIED": .permissionDenied, "RESOURCE_EXHAUSTED": .resourceExhausted,
            "UNAVAILABLE": .unavailable, "ABORTED": .aborted, "INTERNAL": .internal,
            "UNKNOWN": .unknown, "CANCELLED": .cancelled, "DEADLINE_EXCEEDED": .deadlineExceeded,
        ]
        var seen = 0
        for line in page.text.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3 else { continue }
            for (name, code) in codes where cells[0].contains("`\(name)`") {
                seen += 1
                let isLarge = cells[0].contains("too large")
                let words = isLarge ? "Received message larger than max (2 vs. 1)" : "words"
                let error = RPCError(RPCStatus(code, words), at: "here")
                for (cell, isOpening) in [(cells[1], true), (cells[2], false)] {
                    let isFinal = SessionError(error, isOpening: isOpening).isFinal
                    #expect(isFinal == cell.hasPrefix("refused for good"), "\(name): \(cell)")
                }
            }
        }
        #expect(seen == codes.count)
    }
}
