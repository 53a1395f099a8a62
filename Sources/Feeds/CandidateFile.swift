package import Ports
package import TradingModel

/// A scanner's list as a file: CSV with a header, or an object of JSON a line, plain or gzip.
///
/// Read whole, and refused whole: a list with a row that cannot be believed is not half a list.
package struct CandidateFile: Sendable {
    package enum Form: String, Hashable, Sendable, CaseIterable { case csv, jsonl }
    package enum Field: String, Hashable, Sendable, CaseIterable {
        case time, symbol, score, side, reasons
        var isNeeded: Bool { self != .side && self != .reasons }
    }
    /// What happens to a row of a symbol that is not among the instruments.
    package enum UnknownSymbols: String, Hashable, Sendable, CaseIterable { case stop, skip }

    package var path: String
    /// `nil`: by the file's ending.
    package var form: Form?
    /// Names of columns or members; each field's own name where it is not said.
    package var names: [Field: String] = [:]
    package var timeFormat = TimeFormat.iso
    /// IANA name; for times that carry no offset.
    package var zone = "UTC"
    /// Of a file that has dates alone: when on that day its list was known, `15:36`.
    package var timeOfDay: String?
    package var unknownSymbols = UnknownSymbols.stop

    package init(path: String) { self.path = path }

    /// Scores beyond it are refused.
    static let largestScore: Int64 = 1_000_000_000
    static let mostBytes = 64 << 20

    /// - Parameter resolve: The instrument of a symbol, or `nil` for one that is not traded here.
    /// - Throws: ``FeedError``, of the first row that is wrong.
    package func read(
        digest: any Digest, resolve: (String) -> InstrumentID?
    ) throws(FeedError) -> CandidateList {
        let bytes = try readAll()
        var rows = CandidateRows(self, try zoneClock())
        switch form ?? (isJSON ? .jsonl : .csv) {
        case .csv: try rows.take(csv: bytes, resolve: resolve)
        case .jsonl: try rows.take(jsonl: bytes, resolve: resolve)
        }
        return CandidateList(
            candidates: rows.candidates, unknown: rows.unknown,
            fingerprint: hexText(digest.sha256(bytes)))
    }

    private var isJSON: Bool {
        let name = path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
        return [".jsonl", ".ndjson", ".json"].contains { name.hasSuffix($0) }
    }

    private func zoneClock() throws(FeedError) -> ZoneClock {
        guard let clock = ZoneClock(zone) else {
            throw FeedError(
                "there is no time zone '\(zone)'", at: path,
                advice: "give an IANA name such as Asia/Seoul or America/New_York")
        }
        return clock
    }

    private func readAll() throws(FeedError) -> [UInt8] {
        let source = try openSource(path)
        var bytes: [UInt8] = []
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { block.deallocate() }
        while true {
            let count = try source.read(into: block)
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: block[..<count]))
            guard bytes.count <= Self.mostBytes else {
                throw FeedError(
                    "the list is longer than 64 MiB", at: path,
                    advice: "is this a list of candidates? leave out those below the least score")
            }
        }
    }
}

/// What a file held.
package struct CandidateList: Hashable, Sendable {
    /// By time, then as in the file.
    package var candidates: [Candidate]
    /// Symbols that are not among the instruments, and were left out; each once.
    package var unknown: [String]
    /// SHA-256 of the unpacked bytes, lower-case hex: part of a run's identity.
    package var fingerprint: String

    package init(candidates: [Candidate], unknown: [String] = [], fingerprint: String = "") {
        self.candidates = candidates
        self.unknown = unknown
        self.fingerprint = fingerprint
    }
}

/// Bytes in memory as a source.
final class HeldBytes: ByteSource {
    private var rest: ArraySlice<UInt8>
    init(_ bytes: [UInt8]) { rest = bytes[...] }
    var fraction: Double { rest.isEmpty ? 1 : 0 }
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(rest.count, buffer.count)
        buffer.copyBytes(from: rest.prefix(count))
        rest = rest.dropFirst(count)
        return count
    }
}
