import Kernel
import PaperExchange
import Rules
import TradingModel

/// What can be read and run, and is probably not meant: it is said before a run, and stops none.
struct SettingRemarks {
    struct Remark: Hashable {
        var text: String
        /// What to do about it.
        var next: String
    }
    let configuration: HostConfiguration

    var all: [Remark] { terms + hours + ranks }
    var lines: [String] { all.map(\.text) }

    /// A strategy or a rule that trades.
    struct Trader {
        var name: String
        var account: String
        var symbols: [InstrumentID]
        var priority: Int
        var isServer: Bool
    }

    var traders: [Trader] {
        configuration.strategies.map {
            Trader(
                name: $0.name, account: $0.account, symbols: $0.symbols, priority: $0.priority,
                isServer: $0.isServer)
        }
            + configuration.rules.filter { $0.action != .alert }.map {
                Trader(
                    name: $0.name, account: $0.account, symbols: $0.symbols, priority: $0.priority,
                    isServer: false)
            }
    }

    /// Of instruments, in their order and few of them.
    func names(_ instruments: some Collection<InstrumentID>) -> String {
        let symbols = instruments.sorted().prefix(5).map {
            configuration.instruments[Int($0.index)].symbol
        }
        return symbols.joined(separator: ", ") + (instruments.count > 5 ? ", …" : "")
    }

    // MARK: Terms

    /// The exchange of a backtest is one: what other brokers take is forgotten there.
    private var terms: [Remark] {
        guard let first = configuration.brokers.first else { return [] }
        return configuration.brokers.dropFirst().compactMap { broker in
            let users = configuration.accounts.filter { $0.brokers.contains(broker.name) }
            let keys = differences(broker.exchange, first.exchange)
            guard !keys.isEmpty, !users.isEmpty else { return nil }
            let names = users.map { "'\($0.name)'" }.joined(separator: ", ")
            return Remark(
                text: "'\(broker.name)' differs from '\(first.name)' in"
                    + " \(keys.joined(separator: ", ")): madang backtest fills all accounts by"
                    + " '\(first.name)', the first broker, \(names) too",
                next: "backtest each account in a file of its own, or give brokers the same keys")
        }
    }

    private func differences(
        _ one: PaperExchange.Settings, _ other: PaperExchange.Settings
    ) -> [String] {
        let keys = [
            ("fee_bps", one.feeMicroBasisPoints == other.feeMicroBasisPoints),
            ("sell_tax_bps", one.sellTaxMicroBasisPoints == other.sellTaxMicroBasisPoints),
            ("slippage", one.slippage == other.slippage),
            ("volume_share", one.participation == other.participation),
            ("partial_fills", one.partialFills == other.partialFills),
            ("seed", one.seed == other.seed), ("candle_path", one.candlePath == other.candlePath),
        ]
        return keys.filter { !$0.1 }.map(\.0)
    }

    // MARK: Hours

    /// Exchanges that are closed for most of a day, and trade a little before and after.
    private static let closing = [(market: "KR", hours: "krx"), (market: "US", hours: "us")]

    /// Without hours a day's candle holds what trades before the opening and after the close.
    private var hours: [Remark] {
        let asked = askedForDays
        return Self.closing.compactMap { market, hours in
            let bare = asked.filter {
                configuration.unwrittenHours.contains(Int($0.index))
                    && configuration.instruments[Int($0.index)].market == market
            }
            guard !bare.isEmpty else { return nil }
            return Remark(
                text: "\(names(bare)): no hours, so what trades before the opening and after the"
                    + " close is in candles of a day and in change(1d)",
                next: "give them hours: \(hours), or hours: 24h where that is meant")
        }
    }

    /// Instruments of which somebody hears candles of a day that the host makes, or holds prices against those of days
    /// before; what a server hears it says itself.
    private var askedForDays: Set<InstrumentID> {
        func isDay(_ interval: Interval) -> Bool {
            interval.nanoseconds == nanosecondsPerDay && !configuration.isRecorded(interval)
        }
        func hearsDays(_ input: Attachment.Input?) -> Bool {
            guard case .candles(let interval) = input else { return false }
            return isDay(interval)
        }
        if (configuration.candles + configuration.bars).contains(where: isDay) {
            return Set(configuration.instruments.map(\.id))
        }
        var asked: Set<InstrumentID> = []
        for setting in configuration.strategies where hearsDays(setting.input) {
            asked.formUnion(setting.symbols)
        }
        for rule in configuration.rules
        where hearsDays(rule.input) || rule.condition.looksBackDays && !isDaily(rule.input) {
            asked.formUnion(rule.symbols)
        }
        return asked
    }

    private func isDaily(_ input: Attachment.Input) -> Bool {
        guard case .candles(let interval) = input else { return false }
        return interval.nanoseconds >= nanosecondsPerDay
    }

    // MARK: Ranks

    /// A round waits for servers of a better priority than the best vote's, and for none of the same: where it goes
    /// at a pace nobody knows which of the two is heard.
    private var ranks: [Remark] {
        guard configuration.arbiter.policy == .priority else { return [] }
        let all = traders
        return all.indices.flatMap { index -> [Remark] in
            all[..<index].compactMap { other in
                let own = all[index]
                let both = Set(own.symbols).intersection(other.symbols)
                guard own.priority == other.priority, own.account == other.account,
                    own.isServer || other.isServer, !both.isEmpty
                else { return nil }
                return Remark(
                    text: "'\(other.name)' and '\(own.name)' have the same priority"
                        + " (\(own.priority)) on \(names(both)): at a pace no round waits for one of"
                        + " them once the other has voted, and either may be the one that is heard",
                    next: "give each a priority of its own; 1 is heard before 2")
            }
        }
    }
}
