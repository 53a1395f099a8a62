import StrategyWire

/// Everything that passed on one stream, in order. A value: rules judge it without a server.
struct Transcript: Hashable, Sendable {
    enum Entry: Hashable, Sendable {
        case sent(PBHostMessage.Message)
        case heard(PBServerMessage.Message)
        /// Bytes that are no message of the contract.
        case damaged(String)
        case ended(code: String, text: String)
    }
    /// With the time of each, ns of a monotonic clock.
    private(set) var entries: [(entry: Entry, at: Int64)] = []

    private(set) var readies: [PBReady] = []
    private(set) var results: [PBResult] = []
    /// The last one heard.
    private(set) var watermark: UInt64?
    private(set) var watermarks = 0
    private(set) var beat: UInt64 = 0
    private(set) var drained: PBDrained?
    private(set) var failures: [PBFailure] = []
    private(set) var parts: [PBSnapshotPart] = []
    private(set) var end: (code: String, text: String)?

    init(_ entries: [Entry] = []) {
        for entry in entries { append(entry, at: 0) }
    }

    mutating func append(_ entry: Entry, at time: Int64) {
        entries.append((entry, time))
        switch entry {
        case .heard(let message): hear(message)
        case .ended(let code, let text): end = (code, text)
        case .sent, .damaged: break
        }
    }

    private mutating func hear(_ message: PBServerMessage.Message) {
        switch message {
        case .ready(let ready): readies.append(ready)
        case .results(let more):
            results += more.results
            if let position = more.watermark { close(position, more.beat) }
        case .watermark(let mark): close(mark.position, mark.beat)
        case .failure(let failure): failures.append(failure)
        case .drained(let last): drained = last
        case .snapshot(let part): parts.append(part)
        case .log: break
        }
    }

    private mutating func close(_ position: UInt64, _ beat: UInt64) {
        watermark = position
        watermarks += 1
        self.beat = max(self.beat, beat)
    }

    static func == (one: Transcript, other: Transcript) -> Bool {
        one.entries.map(\.entry) == other.entries.map(\.entry)
    }
    func hash(into hasher: inout Hasher) { hasher.combine(entries.map(\.entry)) }
}

/// `step.index`, as people read positions.
func words(_ position: UInt64) -> String { "\(position >> 20).\(position & 0xF_FFFF)" }

/// `1 result`, `2 results`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

extension PBServerMessage.Message {
    /// As errors name it.
    var noun: String {
        switch self {
        case .ready: "Ready"
        case .results: "Results"
        case .watermark: "Watermark"
        case .snapshot: "SnapshotPart"
        case .failure: "Failure"
        case .log: "Log"
        case .drained: "Drained"
        }
    }
}
