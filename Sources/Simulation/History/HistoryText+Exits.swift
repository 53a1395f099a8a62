import TradingModel

extension HistoryText {
    /// `nil`: it is no word about exits.
    func exitWords(_ what: Happening) -> (place: String, intent: OrderNumber?, what: String)? {
        switch what {
        case .came(let instrument, let price, _), .saw(let instrument, let price):
            ("host", nil, "sees \(symbol(instrument)) at \(grouped(price.description))")
        case .guarded(let instrument, let on):
            ("host", nil, "\(symbol(instrument)) is \(on ? "guarded" : "guarded no more")")
        case .exitFired(let instrument, let tier, let price, let record):
            (
                "host", nil,
                "exit \(tier + 1) of \(symbol(instrument)) fires at "
                    + "\(grouped(price.description)) [record \(record)]"
            )
        case .soldOut(let instrument, let price, let record):
            (
                "host", nil,
                "\(symbol(instrument)) is sold, whatever its price: \(grouped(price.description)) "
                    + "[record \(record)]"
            )
        case .flattening(let on, let record):
            ("people", nil, (on ? "SELL EVERYTHING" : "sell no more") + " [record \(record)]")
        case .exitsHeld(let on, let record):
            ("people", nil, "exits \(on ? "held" : "let go") [record \(record)]")
        case .tradingHalted(let instrument, let on, let record):
            (
                "people", nil,
                "\(symbol(instrument)) \(on ? "does not trade" : "trades again") [record \(record)]"
            )
        case .dayLimited(let instrument, let limits, let record):
            (
                "people", nil,
                "\(symbol(instrument)) trades "
                    + (limits.map { "from \($0.lower) to \($0.upper)" } ?? "at any price")
                    + " today [record \(record)]"
            )
        case .split(let instrument, let new, let old):
            ("market", nil, "\(symbol(instrument)) is split, \(new) for \(old)")
        case .rescaled(let instrument, let new, let old, let record):
            (
                "host", nil,
                "is told that \(symbol(instrument)) was split, \(new) for \(old) "
                    + "[record \(record)]"
            )
        default: driftWords(what)
        }
    }

    private func driftWords(
        _ what: Happening
    ) -> (place: String, intent: OrderNumber?, what: String)? {
        switch what {
        case .dealt(let broker, let instrument, let quantity, let amount):
            (
                terms.brokers[broker].name, nil,
                "a stranger: "
                    + (instrument.map { "\(quantity) \(symbol($0)), " } ?? "") + money(amount)
            )
        case .compared(let broker, let differing):
            (
                "host", nil,
                "held against \(terms.brokers[broker].name): "
                    + (differing.isEmpty
                        ? "the same" : differing.map { symbol($0) }.joined(separator: ", "))
            )
        case .corrected(let correction, let record):
            (
                correction.order.author == .person ? "people" : "host", nil,
                "CORRECTS "
                    + (correction.order.instrument.map {
                        "\(symbol($0)) \(correction.positionBefore) -> \(correction.positionAfter)"
                    } ?? "cash \(money(correction.cashBefore)) -> \(money(correction.cashAfter))")
                    + " [record \(record)]"
            )
        default: nil
        }
    }
}
