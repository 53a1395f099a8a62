import PaperExchange
import TradingModel

/// How a backtest fills, in sentences that its report and documents share.
struct FillTerms {
    private let settings: PaperExchange.Settings

    init(_ configuration: HostConfiguration) {
        settings = configuration.brokers.first?.exchange ?? .init(feeMicroBasisPoints: 0)
    }

    var lines: [String] {
        var lines = [
            "An order made at a row of its instrument fills from the next one at the earliest: a"
                + " trade's price, a candle's open, a quote's other side."
        ]
        switch settings.slippage {
        case .none: lines.append("No slippage is added.")
        case .steps(let count):
            lines.append(
                "A market order fills \(counted(Int(count), "price step")) worse than its print.")
        case .microBasisPoints(let share):
            lines.append(
                "A market order fills \(number(share)) basis points worse than its print, then on"
                    + " the next price step.")
        }
        if let share = settings.participation {
            lines.append(
                "Orders take at most \(decimalString(Int128(share), scale: 4)) % of what traded in"
                    + " each row; the rest waits for the next.")
        } else if settings.partialFills {
            lines.append("Each print fills between a quarter and all of an order, by a fixed seed.")
        } else {
            lines.append("An order fills in full, whatever the volume.")
        }
        lines.append(
            "Fees are \(number(settings.feeMicroBasisPoints)) basis points of each fill,"
                + " the tax on sales \(number(settings.sellTaxMicroBasisPoints)); neither is rounded."
        )
        lines.append(
            "Strategies are given the rows one by one and nothing else, so none can look ahead.")
        lines.append(
            "There are no stop or target orders yet, so no row has to say which came first in it.")
        return lines
    }

    private func number(_ microBasisPoints: Int64) -> String {
        decimalString(Int128(microBasisPoints), scale: 6)
    }
}
