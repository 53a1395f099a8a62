import TestKit

/// One minute of trades as a feed may bring it: of one time, late, twice, dense or sparse, of some symbols.
struct MinuteOfTicks {
    let symbols: [String]
    /// How its feed reads what comes twice, or late.
    let reading: String
    private let rows: [(time: Int64, text: String)]

    init(_ seed: UInt64) {
        var random = SeededRandom(seed)
        symbols = Array(SampleTicks.symbols.prefix(Int.random(in: 1...4, using: &random)))
        reading = random.pick([
            "duplicates: keep", "duplicates: drop", "steps_back: drop",
            "duplicates: drop, steps_back: drop",
        ])
        let pause = random.pick([20_000_000, 40_000_000, 80_000_000] as [Int64])
        let steps: [Int64] = [100, 10, 500, 5]
        var prices: [Int64] = [72_000, 9_850, 245_000, 3_120]
        var time: Int64 = 1_704_153_600_000_000_000 + Int64.random(in: 0...pause, using: &random)
        let end = time + 60_000_000_000
        var rows: [(time: Int64, text: String)] = []
        while time < end {
            let symbol = Int.random(in: 0..<symbols.count, using: &random)
            prices[symbol] += Int64.random(in: -1...1, using: &random) * steps[symbol]
            let back = random.oneIn(20) ? Int64.random(in: 0...3_000_000_000, using: &random) : 0
            let size = Int.random(in: 1...50, using: &random)
            let side = Bool.random(using: &random) ? "B" : "S"
            let text = "\(time - back),\(symbols[symbol]),\(prices[symbol]),\(size),\(side)"
            for _ in 0..<(random.oneIn(20) ? 2 : 1) { rows.append((time - back, text)) }
            time += random.oneIn(4) ? 0 : Int64.random(in: 0...3 * pause, using: &random)
        }
        self.rows = rows
    }

    /// The same rows as so many files, each with a header: cut where all that follows is later, for files are
    /// merged by time.
    func files(_ count: Int, _ random: inout SeededRandom) -> [String] {
        var latest = [Int64](repeating: .min, count: rows.count + 1)
        for index in rows.indices { latest[index + 1] = max(latest[index], rows[index].time) }
        var cuts: Set<Int> = []
        var earliest = Int64.max
        var places: [Int] = []
        for index in rows.indices.dropFirst().reversed() {
            earliest = min(earliest, rows[index].time)
            if latest[index] < earliest { places.append(index) }
        }
        while cuts.count < min(count - 1, places.count) { cuts.insert(random.pick(places)) }
        let bounds = [0] + cuts.sorted() + [rows.count]
        return zip(bounds, bounds.dropFirst()).map { from, to in
            "ts,symbol,price,size,side\n" + rows[from..<to].map { $0.text + "\n" }.joined()
        }
    }
}
