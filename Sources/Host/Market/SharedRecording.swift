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
    private struct State {
        var reader: (any RecordedReader)?
        /// The newest blocks; the first one's number is `first`.
        var blocks: [Block] = []
        var first = 0

        mutating func open(_ base: any RecordedFeed) throws(FeedError) {
            if reader == nil { reader = try base.open() }
        }

        mutating func block(_ number: Int) -> Block? {
            guard number >= first, let reader else { return nil }
            if number - first < blocks.count { return blocks[number - first] }
            var block = Block()
            if blocks.count == kept {
                // Its memory serves again, unless somebody still reads it.
                block.rows = blocks.removeFirst().rows
                block.rows.removeAll(keepingCapacity: true)
                first += 1
            }
            do {
                block.hasMore = try reader.read(into: &block.rows, limit: SharedRecording.block)
            } catch { block.failure = error }
            block.fraction = reader.fraction
            blocks.append(block)
            return block
        }
    }
    fileprivate let base: any RecordedFeed
    private let state = Locked(State())
    /// Rows in a block.
    static let block = 1_024
    /// Blocks kept: what a session is ahead of the loop at most, and a little.
    private static let kept = 72

    package init(_ base: any RecordedFeed) { self.base = base }

    package var name: String { base.name }
    package func fingerprint() throws(FeedError) -> String { try base.fingerprint() }
    package var counts: FeedCounts { base.counts }
    package var instruments: Set<InstrumentID> { base.instruments }
    package var remarks: [String] { base.remarks }

    package func open() throws(FeedError) -> any RecordedReader {
        let base = base
        try state.withLock { state throws(FeedError) in try state.open(base) }
        return SharedReader(self)
    }

    /// - Returns: `nil` where that block is not kept any more.
    fileprivate func block(_ number: Int) -> Block? {
        state.withLock { state -> Block? in state.block(number) }
    }
}

/// One owner, one thread at a time.
private final class SharedReader: RecordedReader {
    private let recording: SharedRecording
    private var next = 0
    private var block = SharedRecording.Block()
    private var at = 0
    /// Of its own, behind what the others share.
    private var own: (any RecordedReader)?

    init(_ recording: SharedRecording) { self.recording = recording }

    var fraction: Double { own?.fraction ?? block.fraction }

    func read(into rows: inout [MarketInput], limit: Int) throws(FeedError) -> Bool {
        if let own { return try own.read(into: &rows, limit: limit) }
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
            rows.append(contentsOf: block.rows[at..<at + count])
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
