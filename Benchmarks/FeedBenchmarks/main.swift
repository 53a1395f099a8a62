import BenchmarkKit
import Feeds
import Glibc
import Ports
import TradingModel
import Vault

// Rows a second of the CSV feed, against the time to find the line ends of the same bytes.

let rowCount = 1_000_000
let folder = "/tmp/madang-feed-benchmark-\(getpid())"
mkdir(folder, 0o700)
defer { rmdir(folder) }

let rounds = Given.rounds(7)

/// A tick file of 1 000 000 rows of four symbols, seeded.
func sampleFile(path: String, withDates: Bool) throws -> [UInt8] {
    var bytes =
        Array((withDates ? "date,ms_of_day" : "ts").utf8) + Array(",symbol,price,size,side\n".utf8)
    var state: UInt64 = 7
    for row in 0..<rowCount {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let time =
            withDates ? "2013-10-07,\(row * 80)" : "\(1_700_000_000_000_000_000 + row * 1_000_003)"
        let price = "\(70_000 + state >> 56).\(state >> 40 & 63)"
        bytes += Array(
            "\(time),00593\(row & 3),\(price),\(state >> 33 & 1023),\(row % 3 == 0 ? "B" : "S")\n"
                .utf8)
    }
    let file = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0o600)
    guard file >= 0 else { throw FeedError("cannot be written", at: path) }
    defer { close(file) }
    var written = 0
    while written < bytes.count {
        let count = bytes.withUnsafeBytes {
            write(file, $0.baseAddress.map { $0 + written }, bytes.count - written)
        }
        guard count > 0 else { throw FeedError("cannot be written", at: path) }
        written += count
    }
    return bytes
}

func lineEnds(_ bytes: [UInt8]) -> Int {
    bytes.withUnsafeBytes { bytes in
        var lines = 0
        var rest = bytes[...]
        while let base = UnsafeRawBufferPointer(rebasing: rest).baseAddress,
            let found = memchr(base, 10, rest.count)
        {
            lines += 1
            rest = rest.dropFirst(UnsafeRawPointer(found) - base + 1)
        }
        return lines
    }
}

func run(_ name: String, withDates: Bool) throws {
    let path = "\(folder)/\(name).csv"
    let bytes = try sampleFile(path: path, withDates: withDates)
    defer { unlink(path) }
    var settings = CSVFeedSettings(
        path: path, content: .ticks,
        columns: [
            .time: withDates ? "date" : "ts", .symbol: "symbol", .price: "price", .quantity: "size",
            .side: "side",
        ])
    settings.timeFormat = withDates ? .iso : .unixNanoseconds
    if withDates {
        settings.columns[.timeOfDay] = "ms_of_day"
        settings.zone = "America/New_York"
    }
    let feed = CSVFeed(settings, digest: OpenSSLDigest()) { symbol in
        symbol.utf8.last.map { InstrumentID(Int($0) - 48) }
    }
    var rows: [MarketInput] = []
    let figures = try inTurns(rounds) {
        try duration {
            let reader = try feed.open()
            var sum = 0
            var hasMore = true
            while hasMore {
                rows.removeAll(keepingCapacity: true)
                hasMore = try reader.read(into: &rows, limit: 4096)
                sum &+= rows.count &+ Int(truncatingIfNeeded: rows.last?.time.nanoseconds ?? 0)
            }
            return sum
        } / Double(rowCount)
    } ceiling: {
        duration { lineEnds(bytes) } / Double(rowCount)
    }
    Finding(
        "feeds.csv.\(name)", unit: "ns a row", figures.ours, against: "finding the line ends",
        figures.ceiling
    ).tell()
    guard feed.counts.rows == rowCount, lineEnds(bytes) == rowCount + 1 else {
        throw FeedError("rows were lost", at: path)
    }
}

try run("ticks", withDates: false)
try run("ticks-by-date-in-a-zone", withDates: true)
