package import Kernel
import Platform
package import Ports
package import TradingModel

/// A change of strategies and rules while a run goes on, as the log has it.
package struct PlanChange: Hashable, Sendable {
    /// Rises with each change of a run.
    package var number: Int
    /// The piece of configuration that was taken, whole: with what was before it, it is all that is attached.
    package var text: String
    /// Of everything that is attached behind it: a host that makes something else of the text does not go on.
    package var hash: String
    /// What changed, for people: a line for each.
    package var words: [String]

    package init(number: Int, text: String, hash: String, words: [String]) {
        self.number = number
        self.text = text
        self.hash = hash
        self.words = words
    }

    func write(to out: inout ByteWriter) {
        out.write(varint: UInt64(clamping: number))
        out.write(text)
        out.write(hash)
        out.write(varint: UInt64(words.count))
        for line in words { out.write(line) }
    }

    init(_ from: inout ByteReader) throws(ByteError) {
        let at = from.offset
        guard let number = Int(exactly: try from.readVarint()) else {
            throw .malformed(at: at, what: "number of a change")
        }
        self.number = number
        text = try from.readString()
        hash = try from.readString()
        words = []
        for _ in 0..<(try from.readVarint()) { words.append(try from.readString()) }
    }
}

/// Somebody wants a change.
package struct PlanRequest: Sendable {
    package var change: PlanChange
    /// What is attached behind it.
    package var plan: KernelPlan
    /// The step behind which it is due; `nil`: at once.
    package var behind: UInt64?
    package var entrance: Entrance

    /// - Parameters:
    ///   - old: What is attached before it.
    ///   - inputs: Of strategy servers whose instruments may change.
    package init(
        _ change: PlanChange, _ plan: KernelPlan, instead old: KernelPlan, behind: UInt64? = nil,
        inputs: [SourceID: [ServerInput]] = [:]
    ) {
        self.change = change
        self.plan = plan
        self.behind = behind
        entrance = Entrance(plan, instead: old, inputs: inputs)
    }
}

/// What became of a change.
package struct PlanAnswer: Hashable, Sendable {
    /// Behind which it counts.
    package var step: UInt64
    /// Positions and orders of those who went.
    package var left: [String] = []
    /// Why nothing came of it; `nil`: it counts.
    package var refused: String?
}
