package import Ports
package import TradingModel

/// A recording in memory.
package struct MemoryFeed: RecordedFeed {
    package let rows: [MarketInput]
    /// A bad row stands at this index.
    package let badRow: Int?
    /// Readers hand out fewer rows at a time than are asked for, by this seed.
    package var cutBy: UInt64?
    package init(_ rows: [MarketInput], badRow: Int? = nil) {
        self.rows = rows
        self.badRow = badRow
    }
    package var name: String { "memory" }
    package func fingerprint() throws(FeedError) -> String { "memory" }
    package func open() throws(FeedError) -> any RecordedReader { MemoryReader(self) }
    package var counts: FeedCounts { FeedCounts() }
    package var instruments: Set<InstrumentID> { Set(rows.map(\.instrument)) }
}

private final class MemoryReader: RecordedReader {
    private let feed: MemoryFeed
    private var next = 0
    private var cuts: SeededRandom?
    init(_ feed: MemoryFeed) {
        self.feed = feed
        cuts = feed.cutBy.map { SeededRandom($0) }
    }
    var fraction: Double { Double(next) / Double(max(1, feed.rows.count)) }

    func read(into rows: inout [MarketInput], limit: Int) throws(FeedError) -> Bool {
        let end = min(next + share(of: limit), feed.rows.count)
        for index in next..<end {
            next = index
            if index == feed.badRow { throw FeedError("a bad row", at: "memory:\(index + 1)") }
            rows.append(feed.rows[index])
        }
        next = end
        return next < feed.rows.count
    }

    private func share(of limit: Int) -> Int {
        guard var random = cuts else { return limit }
        defer { cuts = random }
        return Int.random(in: 1...max(1, min(limit, 40)), using: &random)
    }
}
