import TestKit

/// Generated trades of four symbols, each walking by its own step: the same for the same seed.
struct SampleTicks {
    var count: Int
    var seed: UInt64 = 20_240_102
    /// Between trades on average, ns.
    var pause: Int64 = 1_500_000_000
    static let symbols = ["A", "B", "C", "D"]
    private static let steps: [Int64] = [100, 10, 500, 5]

    var csv: String {
        var random = SeededRandom(seed)
        var prices: [Int64] = [72_000, 9_850, 245_000, 3_120]
        var time: Int64 = 1_704_153_600_000_000_000
        var text = "ts,symbol,price,size,side\n"
        for _ in 0..<count {
            time += Int64.random(in: 1...2 * pause, using: &random)
            let symbol = Int.random(in: 0..<4, using: &random)
            prices[symbol] += Int64.random(in: -1...1, using: &random) * Self.steps[symbol]
            let size = Int.random(in: 1...50, using: &random)
            let side = Bool.random(using: &random) ? "B" : "S"
            text += "\(time),\(Self.symbols[symbol]),\(prices[symbol]),\(size),\(side)\n"
        }
        return text
    }
}
