/// Says at every seam whether something goes wrong there. Each kind draws from a stream of its own.
package struct FaultPlan: Sendable {
    /// What is left out of a run, to find what a violation needs.
    package struct Omissions: Hashable, Sendable {
        package var kinds: Set<Fault>
        /// Of faults by their number in the whole run, counted from 1 with these left out too.
        package var numbers: Set<UInt64>
        package init(kinds: Set<Fault> = [], numbers: Set<UInt64> = []) {
            self.kinds = kinds
            self.numbers = numbers
        }
        package var isEmpty: Bool { kinds.isEmpty && numbers.isEmpty }
    }
    private let omissions: Omissions
    /// How often in a million occasions, by kind; in the order of ``Fault/allCases``.
    private let rates: [Int64]
    private var streams: [SeededStream]
    /// Faults so far.
    package private(set) var count: UInt64 = 0
    /// Nothing goes wrong any more.
    package var isCalm = false

    package init(seed: UInt64, rates: [Fault: Int64], leavingOut omissions: Omissions) {
        self.omissions = omissions
        self.rates = Fault.allCases.map { rates[$0] ?? 0 }
        streams = Fault.allCases.indices.map { index in
            SeededStream(seed: seed &+ UInt64(index) &* 0x1_0000_0001, .faults)
        }
    }

    /// Whether it goes wrong this time. Draws from the kind's stream whatever the answer.
    package mutating func strikes(_ fault: Fault) -> Bool {
        let index = Self.index(of: fault)
        let happens = streams[index].happens(rates[index])
        guard happens, !isCalm else { return false }
        count += 1
        return !omissions.kinds.contains(fault) && !omissions.numbers.contains(count)
    }

    /// For how long, or how late: of the same stream.
    package mutating func stream<T>(
        of fault: Fault, _ body: (inout SeededStream) -> T
    ) -> T {
        body(&streams[Self.index(of: fault)])
    }

    private static let indices = Dictionary(
        uniqueKeysWithValues: Fault.allCases.enumerated().map { ($0.element, $0.offset) })
    private static func index(of fault: Fault) -> Int { indices[fault] ?? 0 }
}
