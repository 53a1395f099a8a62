package import TradingModel

/// Recorded data that can be read again from the start, any number of times, with the same answer.
package protocol RecordedFeed: Sendable {
    /// For people: the path as configured.
    var name: String { get }
    /// SHA-256 of the bytes of the file, lower-case hex: part of a run's identity.
    func fingerprint() throws(FeedError) -> String
    /// A reader at the first row, with one owner.
    func open() throws(FeedError) -> any RecordedReader
    /// Counted while reading, of the reader that is furthest.
    var counts: FeedCounts { get }
    /// Those of whom rows were met while reading.
    var instruments: Set<InstrumentID> { get }
    /// For people: what was taken for granted while reading and may be a mistake, a line each.
    var remarks: [String] { get }
}

extension RecordedFeed {
    package var remarks: [String] { [] }
}

/// Reads rows in file order. One owner, one thread at a time.
package protocol RecordedReader: AnyObject {
    /// Appends up to `limit` rows.
    ///
    /// - Returns: False when the end has been reached; rows may have been appended then too.
    /// - Throws: ``FeedError``; rows appended before the bad one are good. Asked again it throws again.
    func read(into rows: inout [MarketInput], limit: Int) throws(FeedError) -> Bool

    /// How much of the recording was read, 0 to 1, by its bytes.
    var fraction: Double { get }
}

/// How far the reader of a block is that was read ahead: between what had been read before and after.
package struct BlockProgress {
    /// Of the recording, before the block.
    private var before = 0.0
    package init() {}
    package mutating func begin(at fraction: Double) { before = fraction }
    package func fraction(_ taken: Int, of count: Int, after: Double) -> Double {
        count > 0 ? before + (after - before) * Double(min(taken, count)) / Double(count) : after
    }
}

/// What was odd in a recording.
package struct FeedCounts: Hashable, Sendable {
    package var rows = 0
    package var skipped = 0
    package var stepsBack = 0
    /// Of the first step back, from 1.
    package var lineOfStepBack = 0
    package var duplicates = 0
    /// Candles that begin before the one before them ends.
    package var overlaps = 0
    /// Of the first of them, from 1.
    package var lineOfOverlap = 0
    /// Whether a time carried no offset.
    package var hasLocalTimes = false
    package init() {}
}

/// What is wrong with a feed: what, where, what to do.
package struct FeedError: Error, Hashable, CustomStringConvertible {
    package let what: String
    /// `path`, or `path:line`, or `path:line: column 'price'`.
    package let place: String
    package let advice: String
    package init(_ what: String, at place: String, advice: String = "") {
        self.what = what
        self.place = place
        self.advice = advice
    }
    package var description: String {
        "\(place): \(what)" + (advice.isEmpty ? "" : "\n  \(advice)")
    }
}
