import Foundation

/// libprotobuf in a process of its own, asked for messages and for judgement; see Tools/wire-oracle.
///
/// Not shared between tests: each has its own process.
final class WireOracle {
    /// What libprotobuf says of a message and of what we made of it.
    enum Verdict: UInt8 {
        case sameBytes, sameValue, otherValue, copyRefused, originalRefused
    }

    struct Failure: Error { let what: String }

    private let process = Process()
    private let requests = Pipe()
    private let replies = Pipe()

    /// Builds the oracle if it is missing or older than its sources.
    private static let program: Result<URL, any Error> = Result {
        try Tool.run("Tools/build-oracles")
        return Tool.root.appending(path: ".build/oracles/wire-oracle")
    }

    init() throws {
        signal(SIGPIPE, SIG_IGN)  // an oracle that ended early shows as an error, not as a signal
        process.executableURL = try Self.program.get()
        process.standardInput = requests
        process.standardOutput = replies
        try process.run()
    }

    deinit {
        try? requests.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    func random(_ type: String, seed: UInt64, count: Int) throws -> [[UInt8]] {
        var reply = try ask("G", type) {
            $0.put(seed)
            $0.put(UInt32(count))
        }
        return try (0..<count).map { _ in try reply.takeText() }
    }

    func damaged(
        _ type: String, seed: UInt64, count: Int
    ) throws -> [(isAccepted: Bool, bytes: [UInt8])] {
        var reply = try ask("D", type) {
            $0.put(seed)
            $0.put(UInt32(count))
        }
        return try (0..<count).map { _ in (try reply.take(UInt8.self) == 1, try reply.takeText()) }
    }

    func compare(
        _ type: String, _ pairs: [(original: [UInt8], copy: [UInt8])]
    ) throws -> [Verdict] {
        var reply = try ask("C", type) {
            $0.put(UInt32(pairs.count))
            for pair in pairs {
                $0.putText(pair.original)
                $0.putText(pair.copy)
            }
        }
        return try pairs.map { _ in
            guard let verdict = Verdict(rawValue: try reply.take(UInt8.self)) else {
                throw Failure(what: "the oracle gave a verdict without a name")
            }
            return verdict
        }
    }

    /// The message as libprotobuf prints it, on one line; empty if it refuses the bytes.
    func text(_ type: String, _ bytes: [UInt8]) throws -> String {
        var reply = try ask("T", type) { $0.putText(bytes) }
        return String(decoding: try reply.takeText(), as: UTF8.self)
    }

    private func ask(
        _ operation: Character, _ type: String, _ fill: (inout OracleFrame) -> Void
    ) throws -> OracleFrame {
        var frame = OracleFrame()
        frame.bytes.append(contentsOf: operation.utf8)
        frame.putText(Array(type.utf8))
        fill(&frame)
        var request = OracleFrame()
        request.putText(frame.bytes)
        try requests.fileHandleForWriting.write(contentsOf: request.bytes)
        var head = OracleFrame(bytes: try read(4))
        return OracleFrame(bytes: try read(Int(try head.take(UInt32.self))))
    }

    private func read(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            let part = try replies.fileHandleForReading.read(upToCount: count - bytes.count)
            guard let part, !part.isEmpty else {
                throw Failure(what: "the oracle ended without an answer; its last words are above")
            }
            bytes.append(contentsOf: part)
        }
        return bytes
    }
}

/// Numbers and texts as they stand in a frame.
struct OracleFrame {
    var bytes: [UInt8] = []
    private var at = 0

    init(bytes: [UInt8] = []) { self.bytes = bytes }

    mutating func put<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func putText(_ text: [UInt8]) {
        put(UInt32(text.count))
        bytes.append(contentsOf: text)
    }

    mutating func take<Number: FixedWidthInteger>(_: Number.Type) throws -> Number {
        let size = MemoryLayout<Number>.size
        guard bytes.count - at >= size else { throw WireOracle.Failure(what: "a short answer") }
        defer { at += size }
        return bytes.withUnsafeBytes {
            Number(littleEndian: $0.loadUnaligned(fromByteOffset: at, as: Number.self))
        }
    }

    mutating func takeText() throws -> [UInt8] {
        let size = Int(try take(UInt32.self))
        guard bytes.count - at >= size else { throw WireOracle.Failure(what: "a short answer") }
        defer { at += size }
        return Array(bytes[at..<at + size])
    }
}
