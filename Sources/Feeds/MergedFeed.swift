package import Ports
package import TradingModel

/// Several recordings as one, by time; at the same time in the order given.
///
/// Each one's own order is kept, steps back included. Safe from any thread.
package final class MergedFeed: RecordedFeed {
    package let name: String
    private let feeds: [any RecordedFeed]
    private let digest: any Digest

    /// - Parameter feeds: At least one.
    package init(_ feeds: [any RecordedFeed], digest: any Digest) {
        precondition(!feeds.isEmpty, "nothing to merge")
        self.feeds = feeds
        self.digest = digest
        name = feeds.map(\.name).joined(separator: " + ")
    }

    /// SHA-256 of the parts' fingerprints, in order.
    package func fingerprint() throws(FeedError) -> String {
        var text = ""
        for feed in feeds { text += try feed.fingerprint() + "\n" }
        return hexText(digest.sha256(Array(text.utf8)))
    }

    package func open() throws(FeedError) -> any RecordedReader {
        var readers: [any RecordedReader] = []
        for feed in feeds { readers.append(try feed.open()) }
        return MergedReader(readers)
    }

    package var instruments: Set<InstrumentID> {
        feeds.reduce(into: []) { $0.formUnion($1.instruments) }
    }
    package var remarks: [String] { feeds.flatMap(\.remarks) }
    /// As ``CSVFeed/strangers``, of all parts.
    package var strangers: [String] {
        feeds.reduce(into: []) { all, feed in
            for symbol in (feed as? CSVFeed)?.strangers ?? [] where !all.contains(symbol) {
                all.append(symbol)
            }
        }
    }

    /// Lines and the like are each file's own.
    package var counts: FeedCounts {
        feeds.reduce(into: FeedCounts()) { sum, feed in
            let counts = feed.counts
            sum.rows += counts.rows
            sum.skipped += counts.skipped
            sum.stepsBack += counts.stepsBack
            sum.duplicates += counts.duplicates
        }
    }
}

/// Takes from the reader whose next row is the earliest.
final class MergedReader: RecordedReader {
    private struct Part {
        let reader: any RecordedReader
        var rows: [MarketInput] = []
        var next = 0
        var isOpen = true
        var progress = BlockProgress()
        var fraction: Double {
            progress.fraction(next, of: rows.count, after: reader.fraction)
        }
        /// ns of the next row; the largest when there is none.
        var time = Int64.max

        mutating func noteTime() { time = next < rows.count ? rows[next].time.nanoseconds : .max }
    }
    private var parts: [Part]
    private static let block = 4096

    init(_ readers: [any RecordedReader]) { parts = readers.map { Part(reader: $0) } }

    func read(into rows: inout [MarketInput], limit: Int) throws(FeedError) -> Bool {
        var left = limit
        while left > 0 {
            for index in parts.indices where parts[index].next == parts[index].rows.count {
                try refill(index)
            }
            guard let first = earliest(), parts[first].next < parts[first].rows.count else {
                return false
            }
            left -= takeRun(of: first, until: bound(without: first), limit: left, into: &rows)
        }
        return true
    }

    var fraction: Double {
        parts.reduce(0) { $0 + $1.fraction } / Double(max(1, parts.count))
    }

    private func refill(_ index: Int) throws(FeedError) {
        while parts[index].next == parts[index].rows.count, parts[index].isOpen {
            parts[index].rows.removeAll(keepingCapacity: true)
            parts[index].next = 0
            parts[index].progress.begin(at: parts[index].reader.fraction)
            do {
                parts[index].isOpen = try parts[index].reader.read(
                    into: &parts[index].rows, limit: Self.block)
            } catch {
                // Its good rows come first; asked again, the reader fails again.
                guard !parts[index].rows.isEmpty else { throw error }
            }
        }
        parts[index].noteTime()
    }

    /// The first of those with the least time that have a row.
    private func earliest() -> Int? {
        var best: Int?
        for index in parts.indices where parts[index].next < parts[index].rows.count {
            if best.map({ parts[index].time < parts[$0].time }) ?? true { best = index }
        }
        return best
    }

    /// The time up to which `index` may go on alone, and whether it may take that time itself.
    private func bound(without index: Int) -> (time: Int64, isIncluded: Bool) {
        var bound: (time: Int64, isIncluded: Bool) = (.max, true)
        for other in parts.indices
        where other != index && parts[other].next < parts[other].rows.count
            && parts[other].time < bound.time
        {
            bound = (parts[other].time, index < other)
        }
        return bound
    }

    private func takeRun(
        of index: Int, until bound: (time: Int64, isIncluded: Bool), limit: Int,
        into rows: inout [MarketInput]
    ) -> Int {
        var taken = 0
        while taken < limit, parts[index].next < parts[index].rows.count {
            let row = parts[index].rows[parts[index].next]
            let time = row.time.nanoseconds
            let isFirst = time < bound.time || (time == bound.time && bound.isIncluded)
            guard taken == 0 || isFirst else { break }
            rows.append(row)
            parts[index].next += 1
            taken += 1
        }
        parts[index].noteTime()
        return taken
    }
}
