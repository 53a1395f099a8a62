import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Host

/// Counts how often it is opened, and by how many rows it was read.
private final class CountingFeed: RecordedFeed {
    private let feed: MemoryFeed
    private let counted = Locked((opened: 0, read: 0))

    init(_ feed: MemoryFeed) { self.feed = feed }
    var opened: Int { counted.withLock { $0.opened } }
    var read: Int { counted.withLock { $0.read } }
    var name: String { feed.name }
    func fingerprint() throws(FeedError) -> String { try feed.fingerprint() }
    var counts: FeedCounts { feed.counts }
    var instruments: Set<InstrumentID> { feed.instruments }

    func open() throws(FeedError) -> any RecordedReader {
        counted.withLock { $0.opened += 1 }
        return Reader(of: self, try feed.open())
    }

    private final class Reader: RecordedReader {
        private let owner: CountingFeed
        private let reader: any RecordedReader
        init(of owner: CountingFeed, _ reader: any RecordedReader) {
            self.owner = owner
            self.reader = reader
        }
        var fraction: Double { reader.fraction }
        func read(into rows: inout [MarketInput], limit: Int) throws(FeedError) -> Bool {
            let before = rows.count
            defer { owner.counted.withLock { $0.read += rows.count - before } }
            return try reader.read(into: &rows, limit: limit)
        }
    }
}

/// Stands still in one of its reads until it may go on.
private final class HaltingFeed: RecordedFeed {
    private let feed: MemoryFeed
    private let haltsAt: Int
    private let reads = Locked(0)
    let hasHalted = Doorbell()
    let mayGoOn = Doorbell()

    init(_ feed: MemoryFeed, haltsAt: Int) {
        self.feed = feed
        self.haltsAt = haltsAt
    }
    var name: String { feed.name }
    func fingerprint() throws(FeedError) -> String { try feed.fingerprint() }
    var counts: FeedCounts { feed.counts }
    var instruments: Set<InstrumentID> { feed.instruments }
    func open() throws(FeedError) -> any RecordedReader { Reader(of: self, try feed.open()) }

    private final class Reader: RecordedReader {
        private let owner: HaltingFeed
        private let reader: any RecordedReader
        init(of owner: HaltingFeed, _ reader: any RecordedReader) {
            self.owner = owner
            self.reader = reader
        }
        var fraction: Double { reader.fraction }
        func read(into rows: inout [MarketInput], limit: Int) throws(FeedError) -> Bool {
            let number = owner.reads.withLock { reads in
                reads += 1
                return reads
            }
            if number == owner.haltsAt {
                owner.hasHalted.ring()
                _ = owner.mayGoOn.wait()
            }
            return try reader.read(into: &rows, limit: limit)
        }
    }
}

@Suite struct SharedRecordingTests {
    static func rows(_ count: Int) -> [MarketInput] {
        (0..<count).map { .tick(.at(Int64($0 + 1), Int64(100 + $0 % 7), of: $0 % 3)) }
    }

    /// A reader with what it read so far, and how that ended.
    private struct Reading {
        let reader: any RecordedReader
        var rows: [MarketInput] = []
        var isOver = false
        var error: FeedError?

        mutating func go(_ limit: Int) {
            guard !isOver else { return }
            do throws(FeedError) {
                isOver = try !reader.read(into: &rows, limit: limit)
            } catch {
                self.error = error
                isOver = true
            }
        }
    }

    @Test(arguments: seeds(0..<8))
    func eachReadsWhatItWouldReadAlone(_ seed: UInt64) throws {
        var random = SeededRandom(seed)
        let count = Int.random(in: 0...9_000, using: &random)
        let badRow = random.oneIn(2) ? Int.random(in: 0...9_000, using: &random) : nil
        let feed = MemoryFeed(Self.rows(count), badRow: badRow)
        let shared = SharedRecording(feed)
        var readings: [Reading] = []
        while readings.count < 4 || readings.contains(where: { !$0.isOver }) {
            // Some begin when others are far ahead.
            if readings.count < 4, readings.isEmpty || random.oneIn(5) {
                readings.append(Reading(reader: try shared.open()))
            }
            let index = Int.random(in: 0..<readings.count, using: &random)
            readings[index].go(Int.random(in: 1...3_000, using: &random))
        }
        var alone = Reading(reader: try feed.open())
        while !alone.isOver { alone.go(1_024) }
        for reading in readings {
            #expect(reading.rows == alone.rows)
            #expect(reading.error == alone.error)
        }
    }

    @Test func rowsAreReadOnceForAllWhoKeepTogether() throws {
        let feed = CountingFeed(MemoryFeed(Self.rows(200_000)))
        let shared = SharedRecording(feed)
        var first = Reading(reader: try shared.open())
        var second = Reading(reader: try shared.open())
        while !second.isOver {
            while !first.isOver, first.rows.count < second.rows.count + 65_536 { first.go(1_024) }
            second.go(1_024)
        }
        #expect(first.rows == second.rows)
        #expect((feed.opened, feed.read) == (1, 200_000))
    }

    @Test func whoeverFallsBehindReadsOnAlone() throws {
        let rows = Self.rows(150_000)
        let feed = CountingFeed(MemoryFeed(rows))
        let shared = SharedRecording(feed)
        var first = Reading(reader: try shared.open())
        var second = Reading(reader: try shared.open())
        second.go(1_500)  // in the middle of a block
        while !first.isOver { first.go(1_024) }
        var late = Reading(reader: try shared.open())
        while !second.isOver { second.go(700) }
        while !late.isOver { late.go(1_024) }
        #expect(second.rows == rows)
        #expect(late.rows == rows)
        #expect(feed.opened == 3)
    }

    /// The loop takes what a session has read while that session reads on.
    @Test(.timeLimit(.minutes(1)))
    func nobodyWaitsForAReadThatIsNotHisOwn() throws {
        let rows = Self.rows(5_000)
        let feed = HaltingFeed(MemoryFeed(rows), haltsAt: 4)
        let shared = SharedRecording(feed)
        let ahead = Locked(Reading(reader: try shared.open()))
        var behind = Reading(reader: try shared.open())
        let thread = HostThread.start(named: "ahead") {
            ahead.withLock { for _ in 0..<5 { $0.go(1_024) } }
        }
        _ = feed.hasHalted.wait()
        for _ in 0..<3 { behind.go(1_024) }
        #expect(behind.rows == Array(rows[..<3_072]))
        feed.mayGoOn.ring()
        thread.join()
        for _ in 0..<3 { behind.go(1_024) }
        #expect(behind.rows == rows)
        #expect(ahead.withLock { $0.rows } == rows)
    }

    /// Rows in one piece share their memory with the block; who changes them changes them for himself.
    @Test func whoChangesHisRowsChangesThemForNobodyElse() throws {
        let rows = Self.rows(2_048)
        let shared = SharedRecording(MemoryFeed(rows))
        let (first, second) = (try shared.open(), try shared.open())
        var mine: [MarketInput] = []
        _ = try first.read(into: &mine, limit: 1_024)
        mine.reverse()
        mine.removeAll(keepingCapacity: true)
        mine += Self.rows(3)
        var others: [MarketInput] = []
        _ = try second.read(into: &others, limit: 2_048)
        #expect(others == rows)
    }
}
