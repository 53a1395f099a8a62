public import TradingModel

/// Which of a strategy's servers each instrument belongs to: round robin, in the order of the strategy's list.
///
/// A value of the configuration alone: the same after every restart and on every machine. By turns and not by
/// a hash, so that no server is left without instruments and none has more than one above another.
public struct ShardPlan: Hashable, Sendable {
    /// Servers; at least 1, and no more than there are instruments.
    public let count: Int
    /// By instrument; those that are not in the list have 0, and nobody asks for them.
    private let numbers: [Int]

    /// - Parameter instruments: Each once; the first belongs to shard 0, the second to shard 1.
    public init(_ count: Int, over instruments: [InstrumentID]) {
        self.count = max(1, min(count, instruments.count))
        let last = instruments.map { Int($0.index) }.max() ?? -1
        var numbers = [Int](repeating: 0, count: last + 1)
        for (place, instrument) in instruments.enumerated() {
            numbers[Int(instrument.index)] = place % self.count
        }
        self.numbers = numbers
    }

    public func shard(of instrument: InstrumentID) -> Int {
        let index = Int(instrument.index)
        return numbers.indices.contains(index) ? numbers[index] : 0
    }
}

extension SourcePlan {
    /// How many servers answer for it.
    public var shardCount: Int { shards?.count ?? 1 }
    /// Whose word on an instrument it is.
    public func shard(of instrument: InstrumentID) -> Int { shards?.shard(of: instrument) ?? 0 }
}
