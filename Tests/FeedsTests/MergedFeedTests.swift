import Ports
import TestKit
import Testing
import TradingModel
import Vault

@testable import Feeds

@Suite struct MergedFeedTests {
    /// Gives out its rows, a few at a time.
    final class ListReader: RecordedReader {
        private var rest: ArraySlice<MarketInput>
        private let most: Int
        init(_ rows: [MarketInput], most: Int) {
            rest = rows[...]
            self.most = most
        }
        var fraction: Double { rest.isEmpty ? 1 : 0 }
        func read(into rows: inout [MarketInput], limit: Int) -> Bool {
            let part = rest.prefix(min(limit, most))
            rows += part
            rest = rest.dropFirst(part.count)
            return !rest.isEmpty
        }
    }

    private func tick(_ feed: Int, _ time: Int64, _ number: Int) -> MarketInput {
        .tick(
            Tick(
                instrument: InstrumentID(feed), feedTime: Timestamp(nanoseconds: time),
                price: Price(units: Int64(number)), quantity: .zero))
    }

    /// As a stable sort by time would have it, for feeds that are sorted themselves.
    @Test(arguments: seeds(0..<60))
    func mergingIsAStableSort(seed: UInt64) throws {
        var random = SeededRandom(seed)
        var all: [MarketInput] = []
        let readers = (0..<Int(random.next() % 4 + 1)).map { feed in
            var time: Int64 = 0
            let rows = (0..<Int(random.next() % 60)).map { number in
                time += Int64(random.next() % 3)
                return tick(feed, time, number)
            }
            all += rows
            return ListReader(rows, most: Int(random.next() % 9) + 1)
        }
        let expected = all.enumerated().sorted {
            ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
        }.map(\.element)
        let merged = MergedReader(readers)
        var rows: [MarketInput] = []
        while try merged.read(into: &rows, limit: Int(random.next() % 11) + 1) {}
        #expect(rows == expected)
    }

    /// The rows before a bad one are good, and come first.
    @Test func aBadRowEndsItBehindTheGoodOnes() throws {
        final class BadReader: RecordedReader {
            let row: MarketInput
            var isFirst = true
            init(_ row: MarketInput) { self.row = row }
            var fraction: Double { 0.5 }
            func read(into rows: inout [MarketInput], limit: Int) throws(FeedError) -> Bool {
                if isFirst { rows.append(row) }
                isFirst = false
                throw FeedError("a bad row", at: "list")
            }
        }
        let merged = MergedReader([
            BadReader(tick(0, 2, 0)), ListReader([tick(1, 1, 0), tick(1, 3, 1)], most: 9),
        ])
        #expect(merged.fraction == 0.25)
        var rows: [MarketInput] = []
        #expect(throws: FeedError.self) {
            while try merged.read(into: &rows, limit: 100) {}
        }
        #expect(rows == [tick(1, 1, 0), tick(0, 2, 0)])
        #expect(throws: FeedError.self) { try merged.read(into: &rows, limit: 100) }
    }

    @Test func aStepBackStaysInItsFeed() throws {
        let merged = MergedReader([
            ListReader([tick(0, 5, 0), tick(0, 3, 1), tick(0, 6, 2)], most: 9),
            ListReader([tick(1, 4, 0), tick(1, 6, 1)], most: 9),
        ])
        var rows: [MarketInput] = []
        while try merged.read(into: &rows, limit: 100) {}
        #expect(
            rows == [tick(1, 4, 0), tick(0, 5, 0), tick(0, 3, 1), tick(0, 6, 2), tick(1, 6, 1)])
    }
}
