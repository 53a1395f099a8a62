import Platform
package import Ports
package import TradingModel

/// A recording that the loop and the sessions read one behind the other, each of its rows parsed once.
///
/// Whoever comes first reads a block; the newest are kept for those behind. A reader that falls behind what
/// is kept goes on by itself, and so does one that begins when the first block has gone.
package final class SharedRecording: RecordedFeed {
    /// What one read gave.
    fileprivate struct Block: Sendable {
        var rows: [MarketInput] = []
        /// Behind the rows.
        var hasMore = true
        var failure: FeedError?
        var fraction = 0.0
    }
    /// The newest blocks; the first one's number is `first`.
    private struct Kept {
        var blocks: [Block] = []
        var first = 0

        /// Of the block that is read next.
        var next: Int { first + blocks.count }

        /// - Returns: `nil` where it is not kept any more, or not read yet.
        func block(_ number: Int) -> Block? {
            number >= first && number < next ? blocks[number - first] : nil
        }

        /// Makes room for one more.
        ///
        /// - Returns: Memory that serves again, unless somebody still reads it.
        mutating func takeOldest() -> [MarketInput] {
            guard blocks.count == SharedRecording.most else { return [] }
            first += 1
            return blocks.removeFirst().rows
        }
    }
    fileprivate let base: any RecordedFeed
    /// Held while a block is read, and never asked for under ``kept``.
    private let reader = Locked((any RecordedReader)?.none)
    /// Held for a moment: whoever is behind takes what there is while another reads on.
    private let kept = Locked(Kept())
    /// Rows in a block.
    static let block = 1_024
    /// Blocks kept: what a session is ahead of the loop at most, and a little.
    private static let most = 72

    package init(_ base: any RecordedFeed) { self.base = base }

    package var name: String { base.name }
    package func fingerprint() throws(FeedError) -> String { try base.fingerprint() }
    package var counts: FeedCounts { base.counts }
    package var instruments: Set<InstrumentID> { base.instruments }
    package var remarks: [String] { base.remarks }

    package func open() throws(FeedError) -> any RecordedReader {
        let base = base
        try reader.withLock { reader throws(FeedError) in
            if reader == nil { reader = try base.open() }
        }
        return SharedReader(self)
    }

    /// - Returns: `nil` where that block is not kept any more.
    fileprivate func block(_ number: Int) -> Block? {
        if let block = kept.withLock({ $0.block(number) }) { return block }
        return reader.withLock { reader -> Block? in
            // Another may have read it meanwhile.
            let (block, next) = kept.withLock { ($0.block(number), $0.next) }
            guard let reader, block == nil, number == next else { return block }
            return read(reader)
        }
    }

    private func read(_ reader: any RecordedReader) -> Block {
        var block = Block()
        block.rows = kept.withLock { $0.takeOldest() }
        block.rows.removeAll(keepingCapacity: true)
        do {
            block.hasMore = try reader.read(into: &block.rows, limit: Self.block)
        } catch { block.failure = error }
        block.fraction = reader.fraction
        kept.withLock { $0.blocks.append(block) }
        return block
    }
}

/// A reader that gives whole arrays of its own to who has none: what is kept for the next read is of no use to it.
protocol LendingReader: RecordedReader {}

/// One owner, one thread at a time.
private final class SharedReader: LendingReader {
    private let recording: SharedRecording
    private var next = 0
    private var block = SharedRecording.Block()
    private var at = 0
    /// Of its own, behind what the others share.
    private var own: (any RecordedReader)?

    init(_ recording: SharedRecording) { self.recording = recording }

    var fraction: Double { own?.fraction ?? block.fraction }

    func read(into rows: inout [MarketInput], limit: Int) throws(FeedError) -> Bool {
        if let own {
            if rows.isEmpty { rows.reserveCapacity(limit) }
            return try own.read(into: &rows, limit: limit)
        }
        var left = limit
        while left > 0 {
            if at == block.rows.count {
                if let failure = block.failure { throw failure }
                guard block.hasMore else { return false }
                guard let following = recording.block(next) else {
                    let own = try goOnAlone()
                    return try own.read(into: &rows, limit: left)
                }
                block = following
                at = 0
                next += 1
            }
            let count = min(left, block.rows.count - at)
            if rows.isEmpty, count == block.rows.count {
                rows = block.rows  // in one piece, and no row is copied
            } else {
                rows.append(contentsOf: block.rows[at..<at + count])
            }
            at += count
            left -= count
        }
        // As a reader that meets the end, or what cannot be read, with the last of its rows.
        return at < block.rows.count || block.hasMore || block.failure != nil
    }

    /// A reader of its own, where this one stands.
    private func goOnAlone() throws(FeedError) -> any RecordedReader {
        let reader = try recording.base.open()
        var passed: [MarketInput] = []
        for _ in 0..<next {
            passed.removeAll(keepingCapacity: true)
            _ = try reader.read(into: &passed, limit: SharedRecording.block)
        }
        own = reader
        block = SharedRecording.Block()
        at = 0
        return reader
    }
}
