import BenchmarkKit
import BenchmarkSamples
import Foundation
import StrategyWire

// Encoding and decoding against libprotobuf on the same bytes, slice by slice in turns. The ceiling
// keeps one message and one string and uses them again, which is the fastest that libprotobuf goes;
// ours keeps columns and a writer, as sessions do, and decodes to values of their own.

let rounds = Given.rounds(15)
let slices = 20
let folder = Given.text("BENCH_FOLDER")
let peer = Peer("\(Given.text("BENCH_PROGRAMS"))/wire-peer")

/// ns an operation: the fastest slice.
func measure(_ count: Int, _ body: () throws -> Int) rethrows -> Double {
    try fastest(of: slices) {
        var sum = 0
        for _ in 0..<count { sum &+= try body() }
        return sum
    } / Double(count)
}

@MainActor
func compare(
    _ name: String, task: String, count: Int, encode: (inout WireWriter) -> Void,
    decode: ([UInt8]) throws -> Int
) throws {
    var writer = WireWriter()
    encode(&writer)
    let bytes = writer.bytes
    let path = "\(folder)/\(task).bin"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    var encoding: [Double] = []
    var decoding: [Double] = []
    var theirs: (encode: [Double], decode: [Double], fresh: [Double]) = ([], [], [])
    for _ in 0..<rounds {
        encoding.append(
            measure(count) {
                writer.reset()
                encode(&writer)
                return writer.count
            })
        guard writer.bytes == bytes else { giveUp("\(name): two encodings differ") }
        decoding.append(try measure(count) { try decode(bytes) })
        peer.ask("\(task) \(path) \(slices) \(count)")
        let figures = peer.object()
        guard let encode = figures["encode"] as? Double, let decode = figures["decode"] as? Double,
            let fresh = figures["decode_fresh"] as? Double
        else { giveUp("wire-peer said: \(figures)") }
        theirs.encode.append(encode)
        theirs.decode.append(decode)
        theirs.fresh.append(fresh)
    }
    Finding("\(name).encode", unit: "ns", encoding, against: "libprotobuf, reused", theirs.encode)
        .tell()
    Finding("\(name).decode", unit: "ns", decoding, against: "libprotobuf, reused", theirs.decode)
        .tell()
    Finding(
        "\(name).decode.fresh", unit: "ns", decoding, against: "libprotobuf, fresh", theirs.fresh
    ).tell()
}

for ticks in [1, 256] {
    var columns = Sample()
    try compare(
        "wire.events.\(ticks)", task: "events", count: ticks == 1 ? 10_000 : 400,
        encode: { columns.write(after: 0, count: ticks, to: &$0) },
        decode: { bytes in
            let message = try PBHostMessage(decoding: bytes)
            guard case .events(let events) = message.message, let columns = events.ticks else {
                giveUp("wire.events: decoded to something else")
            }
            return columns.price.count &+ Int(truncatingIfNeeded: columns.price[ticks - 1])
        })
}

for count in [1, 16] {
    let message = results(count)
    try compare(
        "wire.results.\(count)", task: "results", count: count == 1 ? 10_000 : 1_000,
        encode: { message.write(to: &$0) },
        decode: { bytes in
            let message = try PBServerMessage(decoding: bytes)
            guard case .results(let results) = message.message else {
                giveUp("wire.results: decoded to something else")
            }
            return results.results.count &+ Int(truncatingIfNeeded: results.watermark ?? 0)
        })
}
peer.close()

/// Results as a Python model says them: a size, a limit, words for people and for machines.
func results(_ count: Int) -> PBServerMessage {
    var message = PBResults()
    for index in 0..<count {
        var result = PBResult()
        result.position = UInt64(index + 1) << 20
        result.instrument = UInt32(index % 4)
        result.action = index % 2 == 0 ? .buy : .sell
        result.size = .quantity(1_000_000_000)
        result.limitPrice = 7_010_000_000_000
        result.confidence = 700_000
        result.message = "fast over slow by 0.4 %"
        result.reasons = ["golden_cross"]
        result.tags["model"] = "gbm@3f2a"
        message.results.append(result)
    }
    message.watermark = UInt64(count) << 20
    return PBServerMessage(message: .results(message))
}
