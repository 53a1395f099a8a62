import CZlib
import Foundation
import Ports
import TradingModel
import Vault

@testable import Feeds

/// Bytes in memory, handed out in pieces of chosen sizes.
final class MemorySource: ByteSource {
    private var rest: ArraySlice<UInt8>
    private let pieces: () -> Int
    init(_ bytes: [UInt8], pieces: @escaping () -> Int = { .max }) {
        rest = bytes[...]
        size = bytes.count
        self.pieces = pieces
    }
    private let size: Int
    var fraction: Double { size > 0 ? 1 - Double(rest.count) / Double(size) : 1 }
    convenience init(_ text: String) { self.init(Array(text.utf8)) }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(rest.count, buffer.count, max(1, pieces()))
        buffer.copyBytes(from: rest.prefix(count))
        rest = rest.dropFirst(count)
        return count
    }
}

/// One gzip member.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    guard host_zlib_deflate_init_gzip(&stream, 6) == Z_OK else { return [] }
    defer { deflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: bytes.count + 1024)
    let room = output.count
    let isDone = input.withUnsafeMutableBufferPointer { input in
        output.withUnsafeMutableBufferPointer { output in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            stream.next_out = output.baseAddress
            stream.avail_out = UInt32(output.count)
            return deflate(&stream, Z_FINISH) == Z_STREAM_END
        }
    }
    return isDone ? Array(output.prefix(room - Int(stream.avail_out))) : []
}

extension CSVFeedSettings {
    static func ticks(_ change: (inout CSVFeedSettings) -> Void = { _ in }) -> CSVFeedSettings {
        var settings = CSVFeedSettings(
            path: "t.csv", content: .ticks,
            columns: [.time: "t", .symbol: "s", .price: "p", .quantity: "q"])
        settings.timeFormat = .unixNanoseconds
        change(&settings)
        return settings
    }

    static func candles(_ change: (inout CSVFeedSettings) -> Void = { _ in }) -> CSVFeedSettings {
        var settings = CSVFeedSettings(
            path: "c.csv", content: .candles(day, time: .open),
            columns: [.time: "t", .open: "o", .high: "h", .low: "l", .close: "c", .volume: "v"])
        settings.symbol = "A"
        change(&settings)
        return settings
    }

    static var day: Interval { interval("1d") }
    static func interval(_ text: String) -> Interval {
        guard let interval = Interval(text) else { preconditionFailure("\(text) is no interval") }
        return interval
    }
}

/// Knows `A` to `C` as 0 to 2, and nothing else.
@Sendable func letters(_ symbol: String) -> InstrumentID? {
    ["A", "B", "C"].firstIndex(of: symbol).map { InstrumentID($0) }
}

/// Gives every symbol the next number.
final class EverySymbol: @unchecked Sendable {
    // Safe because a test reads with one thread.
    private var known: [String: Int] = [:]
    @Sendable func resolve(_ symbol: String) -> InstrumentID? {
        let index = known[symbol] ?? known.count
        known[symbol] = index
        return InstrumentID(index)
    }
    var count: Int { known.count }
}

struct ReadResult {
    var rows: [MarketInput] = []
    var counts = FeedCounts()
    var instruments: Set<InstrumentID> = []
    var remarks: [String] = []
    var ticks: [Tick] { rows.compactMap { if case .tick(let tick) = $0 { tick } else { nil } } }
    var quotes: [Quote] {
        rows.compactMap { if case .quote(let quote) = $0 { quote } else { nil } }
    }
    var candles: [Candle] {
        rows.compactMap { if case .candle(let candle) = $0 { candle } else { nil } }
    }
}

/// Reads everything from a source under the settings, `limit` rows at a time.
func readAll(
    _ settings: CSVFeedSettings, _ source: any ByteSource, limit: Int = 1000,
    resolve: @escaping @Sendable (String) -> InstrumentID? = letters
) throws(FeedError) -> ReadResult {
    let feed = CSVFeed(settings, digest: OpenSSLDigest(), resolve: resolve)
    let reader = try feed.open(source)
    var result = ReadResult()
    while try reader.read(into: &result.rows, limit: limit) {}
    result.counts = feed.counts
    result.instruments = feed.instruments
    result.remarks = feed.remarks
    return result
}

func price(_ text: String) -> Price { Price(text) ?? Price(units: .min) }
func quantity(_ text: String) -> Quantity { Quantity(text) ?? Quantity(units: .min) }

/// ns since 1970 of an ISO date and time in UTC.
func utc(_ text: String) -> Timestamp {
    var reader = TimeReader(.iso, zone: ZoneClock.utc)
    let time = Array(text.utf8).withUnsafeBufferPointer { reader.read($0) }
    return Timestamp(nanoseconds: time ?? .min)
}

extension ZoneClock {
    static var utc: ZoneClock { named("UTC") }
    static func named(_ name: String) -> ZoneClock {
        guard let zone = ZoneClock(name) else { preconditionFailure("there is no zone \(name)") }
        return zone
    }
}

/// The recordings beside the package, or `nil` when they are absent.
let recordings: URL? = {
    var folder = URL(filePath: #filePath)
    for _ in 0..<3 { folder.deleteLastPathComponent() }
    folder.append(path: "../shared/market-data")
    let isThere = FileManager.default.fileExists(atPath: folder.path)
    return isThere ? folder.standardizedFileURL : nil
}()
