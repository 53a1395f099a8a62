import Platform
import TradingModel

/// Amounts are numbers: what is priced in one currency would be paid from cash in another as it stands.
extension ConfigurationLoader {
    /// Refuses accounts that trade what is priced in another currency: nothing is converted.
    ///
    /// - Parameter section: Where the strategies and rules stand.
    func checkCurrencies(_ section: Section) {
        for account in configuration.accounts {
            let traders = configuration.traders(of: [account.name])
            let foreign = Set(traders.flatMap(\.symbols)).sorted().map {
                configuration.instruments[Int($0.index)]
            }.filter { $0.currency != account.currency }
            guard let first = foreign.first,
                let trader = traders.first(where: { $0.symbols.contains(first.id) })
            else { continue }
            let symbols = foreign.prefix(5).map { "\($0.symbol) (\($0.currency))" }
            section.report(
                trader.isRule ? "rules" : "strategies",
                "account '\(account.name)' is in \(account.currency), and '\(trader.name)' would"
                    + " trade \(symbols.joined(separator: ", "))\(foreign.count > 5 ? ", …" : "")"
                    + " with it: nothing is converted",
                advice: "give each currency an account of its own, and each strategy and rule its"
                    + " 'account' and 'symbols'; or, where the symbols are priced in"
                    + " \(account.currency), say so: currency under 'instruments'")
        }
    }
}
