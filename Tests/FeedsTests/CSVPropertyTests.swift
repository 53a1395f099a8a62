import Ports
import TestKit
import Testing
import TradingModel

@testable import Feeds

@Suite struct CSVPropertyTests {
    /// A file with quoted fields, line ends of both kinds, blank lines and equal neighbours.
    static func file(_ random: inout SeededRandom, rows: Int) -> [UInt8] {
        var text = "t,\"s\",p,q,note\n"
        var line = ""
        for row in 0..<rows {
            if row == 0 || random.next() % 8 != 0 {
                let symbol = ["A", "\"B\"", "C", "Z"][Int(random.next() % 4)]
                let note = ["", "x", "\"a,b\"", "\"say \"\"hi\"\"\"", "\"two\nlines\""][
                    Int(random.next() % 5)]
                line =
                    "\(1_000 + row + Int(random.next() % 3)),\(symbol),\(random.next() % 1000 + 1)"
                line += ".\(random.next() % 100_000_000),\(random.next() % 50),\(note)"
            }
            text += line + (random.next() % 2 == 0 ? "\r\n" : "\n")
            if random.next() % 20 == 0 { text += "\n" }
        }
        return Array(text.utf8)
    }

    /// However the bytes come in pieces, and however they are asked for, the rows are the same.
    @Test(arguments: seeds(0..<40))
    func blockCutsDoNotMatter(seed: UInt64) throws {
        var random = SeededRandom(seed)
        let bytes = Self.file(&random, rows: 300)
        let whole = try readAll(.ticks(), MemorySource(bytes), limit: .max)
        #expect(whole.rows.count + whole.counts.skipped == 300)
        var sizes = SeededRandom(seed &+ 1000)
        let pieces = MemorySource(bytes) { Int(sizes.next() % 37) + 1 }
        let cut = try readAll(.ticks(), pieces, limit: Int(seed % 7) + 1)
        #expect(cut.rows == whole.rows)
        #expect(cut.counts == whole.counts)
        let packed = GzipSource(
            MemorySource(gzip(bytes)) { Int(sizes.next() % 90) + 1 }, path: "t.gz")
        let unpacked = try readAll(.ticks(), packed)
        #expect(unpacked.rows == whole.rows)
        #expect(unpacked.counts == whole.counts)
    }

    /// A file larger than the block, so that rows and equal neighbours lie across its end.
    @Test func filesLargerThanTheBlockKeepEveryRow() throws {
        var random = SeededRandom(5)
        let bytes = Self.file(&random, rows: 40_000)
        try #require(bytes.count > 2 * 256 * 1024)
        let whole = try readAll(.ticks(), MemorySource(bytes))
        var sizes = SeededRandom(6)
        let cut = try readAll(.ticks(), MemorySource(bytes) { Int(sizes.next() % 5_000) + 1 })
        #expect(cut.rows == whole.rows)
        #expect(cut.counts == whole.counts)
        #expect(whole.rows.count + whole.counts.skipped == 40_000)
    }

    /// Damaged files give rows or an error, and never trap.
    @Test(arguments: seeds(0..<300))
    func damageNeverTraps(seed: UInt64) throws {
        var random = SeededRandom(seed)
        var bytes = Self.file(&random, rows: 30)
        for _ in 0...(random.next() % 10) where !bytes.isEmpty {
            let at = Int(random.next() % UInt64(bytes.count))
            switch random.next() % 3 {
            case 0: bytes[at] = UInt8(truncatingIfNeeded: random.next())
            case 1: bytes.removeSubrange(at..<min(bytes.count, at + Int(random.next() % 30)))
            default:
                bytes.insert(
                    contentsOf: Array("\",\r\n\0-.9".utf8).shuffled(using: &random).prefix(3),
                    at: at)
            }
        }
        let settings = CSVFeedSettings.ticks {
            $0.badRows = seed % 2 == 0 ? .skip : .stop
            $0.untraded = .skip
        }
        if let result = try? readAll(settings, MemorySource(bytes)) {
            #expect(result.rows.count == result.counts.rows)
        }
        var packed = gzip(bytes)
        packed[Int(random.next() % UInt64(packed.count))] ^= UInt8(1 << (random.next() % 8))
        _ = try? readAll(settings, GzipSource(MemorySource(packed), path: "t.gz"))
        let head = GzipSource(MemorySource(Array(packed.prefix(packed.count / 2))), path: "t.gz")
        #expect(throws: FeedError.self) { try readAll(settings, head) }
    }

    /// The fast readers answer as `parseDecimal` does, whatever the text.
    @Test(arguments: seeds(0..<20))
    func numbersAreReadAsTheModelReadsThem(seed: UInt64) {
        var random = SeededRandom(seed)
        for _ in 0..<2_000 {
            let alphabet = random.next() % 4 == 0 ? "0123456789.-+ e,x" : "0123456789000."
            let bytes = (0..<(random.next() % 24)).compactMap { _ in
                alphabet.utf8.randomElement(using: &random)
            }
            let decimals = Int(random.next() % 9)
            let expected = parseDecimal(bytes, scale: decimals)
            bytes.withUnsafeBufferPointer { text in
                #expect(wideDecimal(text, decimals: decimals) == expected, "\(text)")
                #expect(
                    fixedDecimal(text, decimals: decimals) == expected.flatMap(Int64.init(exactly:))
                )
            }
        }
    }
}
