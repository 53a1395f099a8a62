import BenchmarkKit

/// What a task measures: from the first message behind the warm-up to the last. As `client.cc` does.
struct Figures {
    let warmUp: Int
    let total: Int
    private var times: [Int64] = []
    private var begun: Int64 = 0
    private(set) var wall: Int64 = 0
    private(set) var processor: Int64 = 0

    init(count: Int) {
        warmUp = count / 10
        total = warmUp + count
        times.reserveCapacity(count)
    }

    /// Before message `index` is made, from 0.
    mutating func begin(_ index: Int) {
        begun = wallTime()
        guard index == warmUp else { return }
        wall = begun
        processor = processorTime()
    }
    /// When its answer has been read and understood.
    mutating func end(_ index: Int, isAlone: Bool = true) {
        if isAlone, index >= warmUp { times.append(wallTime() - begun) }
        guard index == total - 1 else { return }
        wall = wallTime() - wall
        processor = processorTime() - processor
    }

    var outcome: Outcome {
        let sorted = times.map(Double.init)
        return Outcome(
            p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), wall: Double(wall),
            processor: Double(processor), count: Double(total - warmUp))
    }
}

/// One task's figures, of either side: ns.
struct Outcome {
    var p50: Double
    var p99: Double
    var wall: Double
    var processor: Double
    var count: Double

    init(p50: Double, p99: Double, wall: Double, processor: Double, count: Double) {
        self.p50 = p50
        self.p99 = p99
        self.wall = wall
        self.processor = processor
        self.count = count
    }

    /// As `client.cc` writes it.
    init(_ object: [String: Any]) {
        func number(_ name: String) -> Double {
            guard let value = object[name] as? Double ?? (object[name] as? Int).map(Double.init)
            else { giveUp("the C++ client did not say its \(name)") }
            return value
        }
        self.init(
            p50: number("p50"), p99: number("p99"), wall: number("wall"), processor: number("cpu"),
            count: number("count"))
    }
}
