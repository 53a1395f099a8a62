import Ports
import TestKit
import Testing
import TradingModel

@testable import Feeds

@Suite struct PlainRowTests {
    /// Rows that are mostly plain: among them equal times, the same row again, steps back, jumps, blank lines, numbers
    /// of every form, and what is no number. Every row has `1` in its last column.
    ///
    /// - Parameter empty: In place of a price.
    static func file(_ random: inout SeededRandom, rows: Int, empty: String) -> [UInt8] {
        var text = "t,s,p,q,side,k\n"
        var line = ""
        var time = 1_700_000_000_000_000_000
        for row in 0..<rows {
            if row == 0 || random.next() % 8 != 0 {
                switch random.next() % 40 {
                case 0: time -= 5
                case 1: time += 90_000_000_000_000
                case 2...20: time += Int(random.next() % 1_000)
                default: break
                }
                let symbol = ["A", "B", "C", "Z"][Int(random.next() % 4)]
                let price = [
                    "7", "70000", "70000.25", "123456789.5", "0.00000001", "7.", ".5", "+7", "-7",
                    "0", empty, "7e3", "12345678", "1.234567890",
                ][random.next() % 3 == 0 ? Int(random.next() % 14) : 1]
                let size = ["1", "250", "0.5", "", "x", "\"3\""][
                    random.next() % 6 == 0 ? Int(random.next() % 6) : 0]
                let side = ["B", "S", "", "?"][Int(random.next() % 64) / 21]
                line = "\(time),\(symbol),\(price),\(size),\(side),1"
            }
            text += line + (random.next() % 4 == 0 ? "\r\n" : "\n")
            if random.next() % 30 == 0 { text += "\n" }
        }
        if random.next() % 2 == 0 { text.removeLast() }
        return Array(text.utf8)
    }

    /// Where rows are chosen by a column, each is asked everything: what is read at once says the same.
    @Test(arguments: seeds(0..<60))
    func plainRowsSayWhatEveryQuestionSays(seed: UInt64) throws {
        var random = SeededRandom(seed)
        // Where zero is a price, none at all ends the reading.
        let empty = seed % 2 == 0 ? "" : "-0.5"
        let bytes = Self.file(&random, rows: seed == 0 ? 12_000 : 400, empty: empty)
        let settings = CSVFeedSettings.ticks {
            $0.columns[.side] = "side"
            $0.sides = ["B": .buyer, "S": .seller]
            $0.badRows = .skip
            $0.untraded = [.skip, .allow][Int(seed % 2)]
            $0.duplicates = [.keep, .drop][Int(seed / 2 % 2)]
            $0.stepsBack = [.keep, .drop][Int(seed / 4 % 2)]
        }
        var asked = settings
        asked.filters = [(column: "k", value: "1")]
        let plain = try readAll(settings, MemorySource(bytes))
        let expected = try readAll(asked, MemorySource(bytes))
        #expect(plain.rows == expected.rows)
        #expect(plain.counts == expected.counts)
        #expect(plain.rows.count > 100)
    }

    /// The place of what is wrong counts the lines that were read at once.
    @Test func aWrongRowBehindPlainOnesIsToldWithItsLine() {
        let rows = (1...50).map { "\($0),A,7,1\n" }.joined()
        let error = #expect(throws: FeedError.self) {
            try readAll(.ticks(), MemorySource("t,s,p,q\n" + rows + "\n51,A,x,1\n"))
        }
        #expect(error.map { "\($0)" }?.contains("t.csv:53") == true)
    }

    /// A field of a row is read as `parseDecimal` reads it, whatever follows it.
    @Test(arguments: seeds(0..<20))
    func fieldsAreReadAsTheModelReadsThem(seed: UInt64) {
        var random = SeededRandom(seed)
        for _ in 0..<2_000 {
            let alphabet = random.next() % 4 == 0 ? "0123456789.-+ e,x" : "0123456789000."
            let bytes = (0..<48).compactMap { _ in alphabet.utf8.randomElement(using: &random) }
            let count = Int(random.next() % 24)
            let decimals = Int(random.next() % 10)
            let expected = parseDecimal(Array(bytes.prefix(count)), scale: decimals)
            bytes.withUnsafeBufferPointer { bytes in
                let text = UnsafeBufferPointer(rebasing: bytes[..<count])
                #expect(
                    fixedField(text, decimals: decimals) == expected.flatMap(Int64.init(exactly:)))
            }
        }
    }
}
