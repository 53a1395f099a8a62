import PaperExchange
import TradingModel

/// How a backtest fills, in sentences that its report and documents share.
struct FillTerms {
    private let settings: PaperExchange.Settings
    private let hasExits: Bool
    private let hasServers: Bool

    init(_ configuration: HostConfiguration) {
        hasExits = !configuration.exits.plans.isEmpty
        hasServers = configuration.strategies.contains(where: \.isServer)
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
        if hasServers {
            lines.append(
                "A strategy server answers at the moment of its event, however long it works at it: at"
                    + " a pace what comes after its deadline is not traded.")
        }
        if hasExits { lines.append(exits) }
        return lines
    }

    /// Of candles: which of stop and target comes first in one, and at what price.
    private var exits: String {
        let order: String
        switch settings.candlePath {
        case .lowFirst: order = "open, low, high, close: a stop before a target that it reaches too"
        case .highFirst:
            order = "open, high, low, close: a target before a stop that it reaches too"
        case .nearerFirst:
            order = "open, whichever of high and low is nearer to it, the other, close"
        case .atClose:
            return "An exit that a candle reaches fires at its end, a stop before a target, and"
                + " fills from the next candle."
        }
        return
            "Inside of a candle exits meet its prices in the order \(order). They are sold at their"
            + " own price, or at the open where that lies beyond it."
    }

    private func number(_ microBasisPoints: Int64) -> String {
        decimalString(Int128(microBasisPoints), scale: 6)
    }
}
