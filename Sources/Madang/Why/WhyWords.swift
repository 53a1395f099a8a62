import Foundation
import Host
import Ports
import TradingModel

extension Side {
    var shown: String { self == .buy ? "BUY" : "SELL" }
}
extension Action {
    var shown: String { "\(self)".uppercased() }
}

/// A number at 10⁻⁶.
struct Millionths {
    let value: Int128
    init(_ value: Int64) { self.value = Int128(value) }
    init(_ value: Int128) { self.value = value }

    /// `0.7`, exact.
    var text: String { decimalString(value, scale: 6) }
    /// `0.70`
    var hundredths: String {
        let text = decimalString((value.magnitude.asSigned + 5_000) / 10_000, scale: 2)
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        return (value < 0 ? "-" : "") + parts[0] + "."
            + fraction + String(repeating: "0", count: 2 - fraction.count)
    }
}

extension UInt128 {
    fileprivate var asSigned: Int128 { Int128(clamping: self) }
}

/// Numbers as people read them.
enum NumberWords {
    /// To a hundred-millionth, cut; with separators.
    static func money(_ money: Money) -> String {
        grouped("\(Money(units: money.units / 100_000_000 * 100_000_000))")
    }
    static func signed(_ money: Money) -> String {
        (money.units > 0 ? "+" : "") + self.money(money)
    }
    /// Of a sale whose tax somebody told, `1,234 (tax 1,100)`.
    static func fee(
        _ fee: Money, tax: Money?, _ text: (Money) -> String = NumberWords.money
    ) -> String {
        guard let tax, tax != .zero else { return text(fee) }
        return "\(text(fee)) (tax \(text(tax)))"
    }

    /// `312 ms`, `2.5 s`, `3 h 4 min`.
    static func span(_ span: Nanoseconds) -> String {
        let count = span.count
        switch count.magnitude {
        case ..<1_000_000: return "\(count / 1_000) µs"
        case ..<10_000_000: return String(format: "%.1f ms", Double(count) / 1e6)
        case ..<1_000_000_000: return "\(count / 1_000_000) ms"
        case ..<120_000_000_000: return String(format: "%.1f s", Double(count) / 1e9)
        case ..<7_200_000_000_000: return "\(count / 60_000_000_000) min"
        case ..<172_800_000_000_000: return "\(count / 3_600_000_000_000) h"
        default: return "\(count / 86_400_000_000_000) days"
        }
    }

    /// A model as people tell it from others: `gbm@1@470f0b44`, its hash cut short.
    static func model(_ text: String) -> String {
        text.split(separator: "@", omittingEmptySubsequences: false).map { part in
            let isHash = part.count >= 16 && part.allSatisfy(\.isHexDigit)
            return isHash ? String(part.prefix(8)) : String(part)
        }.joined(separator: "@")
    }

    /// Separators in every number of a text: `order value 1200000 > 1000000`.
    static func separated(_ text: String) -> String {
        text.split(separator: " ", omittingEmptySubsequences: false).map { word in
            let end = word.hasSuffix(",") || word.hasSuffix(";") ? word.suffix(1) : ""
            let number = word.dropLast(end.count)
            let isNumber =
                number.contains { $0.isNumber }
                && number.allSatisfy { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-") }
            return isNumber ? grouped(String(number)) + end : String(word)
        }.joined(separator: " ")
    }
}

/// What a result was computed from, in words.
struct EventWords {
    let event: EventRow
    init(_ event: EventRow) { self.event = event }

    var text: String {
        let (kind, interval) = split
        switch kind {
        case "tick": return "tick of \(event.symbol): \(amount(event.price)) x \(volume)"
        case "fill": return "own fill of \(event.symbol): \(amount(event.price)) x \(volume)"
        case "quote":
            return "quote of \(event.symbol): bid \(amount(event.bid)), ask \(amount(event.ask))"
        case "candles":
            return "candle \(interval) of \(event.symbol) closed: open \(amount(event.open)),"
                + " high \(amount(event.high)), low \(amount(event.low)),"
                + " close \(amount(event.price)), volume \(volume)"
        case "timers": return "timer every \(interval)"
        default: return "\(event.kind) \(event.symbol)"
        }
    }

    private var split: (kind: String, interval: String) {
        let parts = event.kind.split(separator: ":", maxSplits: 1)
        return (parts.first.map(String.init) ?? "", parts.count > 1 ? String(parts[1]) : "")
    }
    private func amount(_ price: Price?) -> String { price.map { grouped("\($0)") } ?? "-" }
    private var volume: String { event.volume.map { grouped("\($0)") } ?? "-" }
}

/// Why a round came to no order, in a few words.
struct WhyNot {
    let round: RoundRow
    init(_ round: RoundRow) { self.round = round }

    var words: String {
        if round.approved == false {
            let detail = NumberWords.separated(round.ruleDetail)
            guard round.rule == "sizing" else { return "refused by \(round.rule), \(detail)" }
            guard detail.hasPrefix("already holds") else { return detail }
            return detail + " (a strategy adds with adds_to_position: true, a rule never)"
        }
        if round.votes.isEmpty { return round.detail }
        if round.votes.contains(where: { $0.status == "vetoed" }) { return "vetoed" }
        if round.detail.hasPrefix("on_conflict") { return "opposed votes, and on_conflict holds" }
        if round.side == nil, let count = Counting(round).outcome { return count }
        if round.side == nil {
            return "weighed too little, \(Weighing(round).comparison ?? round.detail)"
        }
        return "it was decided, but no order is known"
    }
}

/// What a round that counts votes says of their number.
struct Counting {
    let round: RoundRow
    init(_ round: RoundRow) { self.round = round }

    /// `no quorum, 1 of 2 votes`, `no majority, 1 to 1`, `not unanimous, 2 to 1`; `nil` where the number stopped nothing.
    var outcome: String? {
        let stops = ["no quorum, ", "no majority, ", "not unanimous, "]
        guard stops.contains(where: { round.detail.hasPrefix($0) }) else { return nil }
        return round.detail.split(separator: ":", maxSplits: 1).first.map(String.init)
    }
}

/// How a round's votes were weighed, with the numbers.
struct Weighing {
    let round: RoundRow
    init(_ round: RoundRow) { self.round = round }

    private var isWeighted: Bool { ["confidence_weighted", "veto"].contains(round.policy) }

    var lines: [String] {
        guard isWeighted, !round.votes.isEmpty, Counting(round).outcome == nil else {
            return ["\(round.policy): \(words)"] + conflict
        }
        var lines = ["\(round.policy): \(formula)"]
        if !round.detail.hasPrefix("weighted") { lines.append(round.detail) }
        return lines + conflict
    }
    private var conflict: [String] { round.conflict ? ["GR030: opposed votes stood"] : [] }

    private var words: String {
        for known in ["\(round.policy): ", "\(round.policy) "] where round.detail.hasPrefix(known) {
            return String(round.detail.dropFirst(known.count))
        }
        return round.detail
    }

    /// `(BUY 0.70 x 1 - SELL 0.35 x 1) / 2 = 0.175 < 0.60`: the heavier side stands first.
    private var formula: String {
        let heavier: Action = score < 0 ? .sell : .buy
        let votes = round.votes.filter { $0.action == heavier }
        let against = round.votes.filter { $0.action != heavier }
        var text = votes.map(term).joined(separator: " + ")
        if !against.isEmpty { text += " - " + against.map(term).joined(separator: " - ") }
        return "(\(text)) / \(Millionths(total).text) = \(comparison ?? "no weight")"
    }
    private func term(_ vote: RoundVote) -> String {
        "\(vote.action.shown) \(Millionths(Int64(vote.confidence)).hundredths)"
            + " x \(Millionths(vote.weight).text)"
    }

    private var total: Int128 { round.votes.reduce(0) { $0 + Int128($1.weight) } }
    private var score: Int128 {
        round.votes.reduce(0) { sum, vote in
            sum + Int128(vote.weight) * Int128(vote.confidence) * (vote.action == .sell ? -1 : 1)
        }
    }

    /// `0.175 < 0.60`, exactly as the arbiter compares; `nil` without any weight.
    var comparison: String? {
        guard isWeighted, total > 0 else { return nil }
        let acts = score != 0 && score.magnitude >= (Int128(round.threshold) * total).magnitude
        // Any sum but nought would have acted: no bar was missed.
        if score == 0, round.threshold == 0 { return "0: as much for as against" }
        let mean = Int128(clamping: score.magnitude) / total
        return "\(Millionths(mean).shortest) \(acts ? ">=" : "<")"
            + " \(Millionths(round.threshold).hundredths)"
    }
}

extension Millionths {
    /// Two decimals, or as many as it has.
    fileprivate var shortest: String {
        let exact = text
        let decimals = exact.split(separator: ".").dropFirst().first?.count ?? 0
        return decimals > 2 ? exact : hundredths
    }
}
