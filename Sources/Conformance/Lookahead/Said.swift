import StrategyWire
import TradingModel

/// Where two passages of a recording say other things.
struct Difference: Hashable, Sendable {
    let position: UInt64
    let instrument: UInt32
    /// What the first said there, and what the second said.
    let one: [PBResult]
    let other: [PBResult]
}

/// What a server said in a passage, by event. A value made of a transcript; judged without a server.
struct Said: Sendable {
    let results: [PBResult]

    init(_ transcript: Transcript) { self.init(transcript.results) }

    init(_ results: [PBResult]) {
        self.results = results.sorted {
            ($0.position, $0.instrument, $0.index) < ($1.position, $1.instrument, $1.index)
        }
    }

    /// Without words for people, which may name a date.
    func withoutTexts() -> Said {
        Said(
            results.map { result in
                var result = result
                result.message = ""
                result.reasons = []
                result.tags = [:]
                return result
            })
    }

    func behind(_ position: UInt64) -> Said { Said(results.filter { $0.position > position }) }

    /// The earliest event of which the two say other things, looking at those up to `last`.
    func difference(from other: Said, through last: UInt64 = .max) -> Difference? {
        var mine = results[...]
        var theirs = other.results[...]
        while let position = [mine.first, theirs.first].compactMap({ $0?.position }).min(),
            position <= last
        {
            let one = Array(mine.prefix { $0.position == position })
            let two = Array(theirs.prefix { $0.position == position })
            guard one == two else {
                let instrument = Self.instrument(one, two)
                return Difference(
                    position: position, instrument: instrument,
                    one: one.filter { $0.instrument == instrument },
                    other: two.filter { $0.instrument == instrument })
            }
            mine = mine.dropFirst(one.count)
            theirs = theirs.dropFirst(two.count)
        }
        return nil
    }

    /// The first of which the two lists say other things.
    private static func instrument(_ one: [PBResult], _ two: [PBResult]) -> UInt32 {
        for (mine, theirs) in zip(one, two) where mine != theirs {
            return min(mine.instrument, theirs.instrument)
        }
        let rest = one.count > two.count ? one[two.count...] : two[one.count...]
        return rest.first?.instrument ?? 0
    }
}

extension [PBResult] {
    /// `buy 10 at 70500, sure 0.7, "fast over slow"`; `nothing`.
    var spoken: String { isEmpty ? "nothing" : map(\.spoken).joined(separator: "; ") }
}

extension PBResult {
    fileprivate var spoken: String {
        var words = ["\(action)"]
        switch size {
        case .quantity(let units): words[0] += " \(Quantity(units: units))"
        case .targetWeight(let share): words[0] += " weight \(millionths(share))"
        case .fraction(let share): words[0] += " fraction \(millionths(Int64(clamping: share)))"
        case nil: break
        }
        if let limitPrice { words[0] += " at \(Price(units: limitPrice))" }
        if confidence > 0 { words.append("sure \(millionths(Int64(confidence)))") }
        if let validForNs { words.append("for \(validForNs) ns") }
        if !reasons.isEmpty { words.append(reasons.joined(separator: ", ")) }
        if !message.isEmpty { words.append("\"\(message)\"") }
        for (key, value) in tags.entries { words.append("\(key)=\(value)") }
        return words.joined(separator: ", ")
    }

    private func millionths(_ value: Int64) -> String {
        decimalString(Int128(value), scale: 6)
    }
}
