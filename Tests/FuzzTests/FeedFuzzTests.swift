import Foundation
import Ports
import TestKit
import Testing
import TradingModel
import Vault

@testable import Feeds

/// A recording is rows, or ends with its file and line; how it is cut into blocks changes nothing.
@Suite struct FeedFuzzTests {
    private static let ticks = Mutator(
        ["ts,symbol,price,size\n1,A,70000,1\n2,B,9850.5,117\n2,B,9850.5,117\n3,\"A\",\"1\",2\n"],
        words: [",", "\n", "\r\n", "\"", "\"\"", "\u{FEFF}", "\0", "-", ";", "A", "B", "Z", "ts"])
    private static let candles = Mutator(
        [
            "time,symbol,open,high,low,close,volume\n2024-01-02,A,1,3,1,2,9\n"
                + "2024-01-02T09:00:00+09:00,A,1,3,1,2,9\n2024-01-03 22:00:01.5,B,1,1,1,1,\n"
        ], words: ["2024-02-30", "T25:00", "Z", "+99:99", "0000-00-00", ",", "\n", "9999-12-31"])

    @Test(arguments: 0..<trials(8 as UInt64)) func aRecordingIsRowsOrEndsWithItsPlace(
        _ seed: UInt64
    ) throws {
        var random = SeededRandom(seed)
        for _ in 0..<triesOfASeed {
            let isTicks = random.oneIn(2)
            let bytes = (isTicks ? Self.ticks : Self.candles).next(&random)
            let settings = isTicks ? tickSettings(&random) : candleSettings(&random)
            let whole = read(bytes, settings, pieces: bytes.count)
            let cut = read(bytes, settings, pieces: Int.random(in: 1...7, using: &random))
            #expect(whole == cut, "\(String(decoding: bytes, as: UTF8.self))")
            #expect(whole.rows.count == whole.counted)
            if let error = whole.error { #expect(error.hasPrefix("f.csv"), "\(error)") }
        }
    }

    private func tickSettings(_ random: inout SeededRandom) -> CSVFeedSettings {
        var settings = CSVFeedSettings(
            path: "f.csv", content: .ticks,
            columns: [.time: "ts", .symbol: "symbol", .price: "price", .quantity: "size"])
        settings.timeFormat = random.pick([.unixNanoseconds, .unixSeconds, .unixMilliseconds, .iso])
        policies(&settings, &random)
        return settings
    }

    private static let day: Interval = {
        guard let day = Interval("1d") else { preconditionFailure("1d is an interval") }
        return day
    }()

    private func candleSettings(_ random: inout SeededRandom) -> CSVFeedSettings {
        var settings = CSVFeedSettings(
            path: "f.csv", content: .candles(Self.day, time: random.pick([.open, .close])),
            columns: [
                .time: "time", .symbol: "symbol", .open: "open", .high: "high", .low: "low",
                .close: "close", .volume: "volume",
            ])
        settings.zone = random.pick(["UTC", "Asia/Seoul", "America/New_York"])
        policies(&settings, &random)
        return settings
    }

    private func policies(_ settings: inout CSVFeedSettings, _ random: inout SeededRandom) {
        settings.badRows = random.pick([.stop, .skip])
        settings.untraded = random.pick([.stop, .skip, .allow])
        settings.extraDecimals = random.pick([.stop, .cut])
        settings.duplicates = random.pick([.keep, .drop])
        settings.stepsBack = random.pick([.keep, .drop, .stop])
        settings.unknownSymbols = random.pick([.skip, .stop])
        settings.isBlankVolumeZero = random.oneIn(2)
        settings.priceExponent = Int.random(in: 0...8, using: &random)
    }

    private struct Outcome: Equatable {
        var rows: [MarketInput] = []
        var counted = 0
        var error: String?
    }

    private func read(_ bytes: [UInt8], _ settings: CSVFeedSettings, pieces: Int) -> Outcome {
        let feed = CSVFeed(settings, digest: OpenSSLDigest()) { symbol in
            ["A", "B"].firstIndex(of: symbol).map { InstrumentID($0) }
        }
        var outcome = Outcome()
        do throws(FeedError) {
            let reader = try feed.open(PieceSource(bytes, pieces))
            while try reader.read(into: &outcome.rows, limit: 3) {}
        } catch {
            outcome.error = "\(error)"
        }
        outcome.counted = feed.counts.rows
        return outcome
    }
}

/// Bytes in memory, handed out a few at a time.
private final class PieceSource: ByteSource {
    private let bytes: [UInt8]
    private let most: Int
    private var next = 0
    init(_ bytes: [UInt8], _ most: Int) {
        self.bytes = bytes
        self.most = max(1, most)
    }
    var fraction: Double { bytes.isEmpty ? 1 : Double(next) / Double(bytes.count) }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(most, buffer.count, bytes.count - next)
        buffer.copyBytes(from: bytes[next..<next + count])
        next += count
        return count
    }
}
