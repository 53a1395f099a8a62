/// Decides whether a program and what it started use too much memory. A value without a clock.
///
/// What is sampled is the sum of resident sizes, which counts shared pages once for each process; so
/// beyond the limit the shares are weighed exactly before anything ends. Weighing walks page tables:
/// it is asked for so rarely that it takes a twentieth of the time at most.
package struct MemoryWatch: Sendable {
    package enum Answer: Hashable, Sendable {
        case fine
        /// Tell the exact shares: ``weighed(_:for:at:)``.
        case weigh
        case end(MemoryExcess)
    }

    /// Bytes.
    package let limit: Int64
    private var last: (resident: Int64, proportional: Int64, next: Int64)?

    package init(limit: Int64) { self.limit = limit }

    /// - Parameters:
    ///   - resident: Bytes, the sum over the processes.
    ///   - now: Monotonic ns.
    package func sampled(_ resident: Int64, at now: Int64) -> Answer {
        guard resident > limit else { return .fine }
        guard let last, now < last.next else { return .weigh }
        // Even if everything new is its own, there may be room.
        return resident - last.resident > limit - last.proportional ? .weigh : .fine
    }

    /// - Parameters:
    ///   - proportional: Bytes, shared pages divided among those who share them.
    ///   - resident: As sampled.
    ///   - cost: ns of processor time that the weighing took.
    package mutating func weighed(
        _ proportional: Int64, of resident: Int64, for cost: Int64, at now: Int64
    ) -> Answer {
        last = (resident, proportional, now + max(0, cost) * 20)
        guard proportional > limit else { return .fine }
        return .end(MemoryExcess(resident: proportional, limit: limit))
    }
}

/// More memory than a server may use, in bytes.
package struct MemoryExcess: Hashable, Sendable, CustomStringConvertible {
    package let resident: Int64
    package let limit: Int64
    package init(resident: Int64, limit: Int64) {
        self.resident = resident
        self.limit = limit
    }

    package var description: String {
        let (used, allowed) = (sizeText(resident), sizeText(limit))
        // The kernel lets nobody beyond.
        if resident == limit { return "it needed more than its limit of \(allowed) (memory)" }
        // A little too much must not read as if it were none.
        let words = used == allowed ? "\(grouped(resident >> 10)) KiB" : used
        return "\(words) resident, its limit is \(allowed) (memory)"
    }
}
