import Feeds
import Foundation
import Kernel
import PaperExchange
import Platform
import Ports
import TradingModel

/// How the model's values are written in a configuration.
enum Formats {
    static var money: ValueFormat<Money> {
        .parsed("an amount such as 100000000 or 12.5", show: { "\($0)" }) { text in
            guard let money = Money(plain(text)), money.units >= 0,
                money.units <= 1_000_000_000_000_000_000 * Money.scale
            else { return nil }
            return money
        }
    }
    static var quantity: ValueFormat<Quantity> {
        .parsed("a quantity above 0, up to eight decimals", show: { "\($0)" }) { text in
            guard let quantity = Quantity(plain(text)), quantity.isPositive else { return nil }
            return quantity
        }
    }
    static var ladder: ValueFormat<PriceLadder> {
        .parsed(
            "'krx', 'any', or a price step above 0",
            show: { ladder in
                switch ladder {
                case .krx: "krx"
                case .fixed(let step): step.units == 0 ? "any" : "\(step)"
                }
            }
        ) { text in
            if text == "krx" { return .krx }
            if text == "any" { return .fixed(.zero) }
            guard let step = Price(text), step.units > 0 else { return nil }
            return .fixed(step)
        }
    }
    /// Millionths of a plain number: weights, confidences, thresholds.
    static func share(_ range: ClosedRange<Int64>, _ words: String) -> ValueFormat<Int64> {
        .parsed(
            "a number from \(words), up to six decimals",
            show: { decimalString(Int128($0), scale: 6) }
        ) {
            text in
            guard let value = parseDecimal(text.utf8, scale: 6).flatMap({ Int64(exactly: $0) }),
                range.contains(value)
            else { return nil }
            return value
        }
    }
    static var canaryShare: ValueFormat<Int64> {
        .parsed("a share such as 10%", show: { VersionPlan.percent($0) }) {
            VersionPlan.share($0.replacing(" ", with: ""))
        }
    }
    static var slippage: ValueFormat<Slippage> {
        .parsed(
            "none, price steps such as '1 tick' or '2 ticks', '5 bps' or '0.05 %'",
            show: { slippage in
                switch slippage {
                case .none: "none"
                case .steps(let count): count == 1 ? "1 tick" : "\(count) ticks"
                case .microBasisPoints(let share): "\(decimalString(Int128(share), scale: 6)) bps"
                }
            }, parseSlippage)
    }
    static func parseSlippage(_ text: String) -> Slippage? {
        if text == "none" { return Slippage.none }
        let unit = String(text.drop { "0123456789.".contains($0) }).trimmingPrefix(" ")
        let number = text.prefix { "0123456789.".contains($0) }
        switch unit {
        case "tick", "ticks":
            guard let count = Int64(number), (1...1_000).contains(count) else { return nil }
            return .steps(count)
        case "bps": return share(of: number, scale: 6)
        case "%": return share(of: number, scale: 8)
        default: return nil
        }
    }
    /// Up to half of the price.
    private static func share(of number: some StringProtocol, scale: Int) -> Slippage? {
        guard let value = parseDecimal(number.utf8, scale: scale).flatMap({ Int64(exactly: $0) }),
            (1...5_000_000_000).contains(value)
        else { return nil }
        return .microBasisPoints(value)
    }
    static var input: ValueFormat<Attachment.Input> {
        .parsed(
            "'ticks' or candles such as 'candles:1m'",
            show: { input in
                switch input {
                case .ticks: "ticks"
                case .candles(let interval): "candles:\(interval)"
                }
            }, parseInput)
    }
    static func parseInput(_ text: String) -> Attachment.Input? {
        if text == "ticks" { return .ticks }
        guard text.hasPrefix("candles:"), let interval = Interval(text.dropFirst(8)) else {
            return nil
        }
        return .candles(interval)
    }
    static var cpus: ValueFormat<CPUSet> {
        .parsed("processors by number, such as 0, 0-1 or 0,2-3") { CPUSet($0) }
    }
    static var timeUnit: ValueFormat<TimeFormat> {
        .choice(
            "a way of writing times",
            [
                ("iso", .iso), ("s", .unixSeconds), ("ms", .unixMilliseconds),
                ("us", .unixMicroseconds), ("ns", .unixNanoseconds),
            ] as [(String, TimeFormat)])
    }
    static var zone: ValueFormat<String> {
        .parsed("a time zone such as Asia/Seoul") { TimeZone(identifier: $0) == nil ? nil : $0 }
    }
    static var interval: ValueFormat<Interval> {
        .parsed("an interval such as 30s, 1m, 1h or 1d") { Interval($0) }
    }
    static var name: ValueFormat<String> {
        .parsed("a name of 1 to 64 letters, digits, spaces, _ . -") { isName($0) ? $0 : nil }
    }
    static func isName(_ text: String) -> Bool {
        let allowed = text.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || "0123456789 _.-".unicodeScalars.contains($0)
        }
        return allowed && (1...64).contains(text.count) && text.first != " " && text.last != " "
    }
    /// `1_000_000` and `1,000,000` as people write amounts.
    private static func plain(_ text: String) -> String {
        text.filter { $0 != "_" && $0 != "," }
    }
}
