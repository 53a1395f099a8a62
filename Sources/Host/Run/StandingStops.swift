package import Ports
package import TradingModel

/// What of a run is stopped and was not let go: kill switches, lockdowns and halts of symbols, from its risk events in their order. For people,
/// who ask since when, why, and what ends it.
package struct StandingStops: Hashable, Sendable {
    package enum What: Hashable, Sendable {
        case kill
        case accountKill(String)
        case strategyKill(String)
        /// Of an account at one of its brokers.
        case lockdown(account: String, broker: String)
        /// Somebody said that the symbol does not trade.
        case halt(symbol: String)
    }
    package struct Stop: Hashable, Sendable {
        package let what: What
        /// Of the data, as every risk event has it.
        package let since: Timestamp
        package let reason: String

        /// `kill switch on for account demo`, `account 'demo' is locked down at sim, nothing opens`.
        package var words: String {
            switch what {
            case .kill: "kill switch on"
            case .accountKill(let account): "kill switch on for account \(account)"
            case .strategyKill(let strategy): "kill switch on for strategy \(strategy)"
            case .lockdown(let account, let broker):
                "account '\(account)' is locked down at \(broker), nothing opens"
            case .halt(let symbol): "\(symbol) is halted"
            }
        }
        /// The command that ends it.
        package var wayOut: String {
            switch what {
            case .kill: "madang kill --off"
            case .accountKill(let account): "madang kill --off --account \(account)"
            case .strategyKill(let strategy): "madang kill --off --strategy \(strategy)"
            case .lockdown(let account, _): "madang account release \(account)"
            case .halt(let symbol): "madang exits resume \(symbol)"
            }
        }
        package var isKill: Bool {
            switch what {
            case .kill, .accountKill, .strategyKill: true
            case .lockdown, .halt: false
            }
        }

        /// Since when, why, and what ends it.
        ///
        /// - Parameters:
        ///   - show: An instant as the reader's clock has it.
        ///   - remark: Behind the instant.
        package func line(remark: String = "", _ show: (Timestamp) -> String) -> String {
            // Before the first event no data has a time.
            let since = since == .zero ? "the run's start" : show(since)
            return "\(words): \(reason) (since \(since)\(remark)); \(wayOut) ends it"
        }
    }
    /// In the order in which they began.
    package private(set) var all: [Stop] = []

    package init() {}

    /// - Parameter events: Of one run, in their order.
    package init(_ events: [RiskRow]) {
        for event in events { take(event) }
    }

    func isHalted(_ symbol: String) -> Bool {
        all.contains { $0.what == .halt(symbol: symbol) }
    }

    package mutating func take(_ row: RiskRow) {
        guard let (what, reason) = Self.read(row) else { return }
        let isOn = row.rule == "on" || row.rule == Self.haltRule
        // Said again it has stood since before.
        if isOn, all.contains(where: { $0.what == what }) { return }
        all.removeAll { $0.what == what }
        if isOn { all.append(Stop(what: what, since: row.time, reason: reason)) }
    }

    private static func read(_ row: RiskRow) -> (What, reason: String)? {
        switch row.code {
        case Self.killCode:
            if !row.account.isEmpty {
                return (.accountKill(row.account), String(rest(of: row.detail).rest))
            }
            guard row.detail.hasPrefix(strategyHead) else {
                let isMarked = row.detail.hasPrefix(allHead)
                return (.kill, String(row.detail.dropFirst(isMarked ? allHead.count : 0)))
            }
            let (name, reason) = rest(of: row.detail.dropFirst(strategyHead.count))
            return (.strategyKill(String(name)), String(reason))
        case Self.lockdownCode:
            let (broker, reason) = rest(of: row.detail)
            return (
                .lockdown(account: row.account, broker: String(broker)), String(reason)
            )
        case Self.exitCode:
            guard [haltRule, resumeRule].contains(row.rule), !row.symbol.isEmpty else { return nil }
            return (.halt(symbol: row.symbol), "its \(rest(of: row.detail).rest)")
        default: return nil
        }
    }

    /// `demo: enough` parted at its colon.
    private static func rest(of text: some StringProtocol) -> (head: Substring, rest: Substring) {
        let text = Substring(text)
        guard let colon = text.firstRange(of: ": ") else { return (text, "") }
        return (text[..<colon.lowerBound], text[colon.upperBound...])
    }

    // MARK: Rows

    static let killCode = "KILL"
    static let lockdownCode = "LOCKDOWN"
    static let exitCode = "EXIT"
    static let (haltRule, resumeRule) = ("halted", "resumed")
    private static let strategyHead = "strategy "
    private static let allHead = "all: "

    /// What a row of the kill switch says: whose it is stands before the reason, and a reason that looks so has a mark.
    static func killDetail(_ part: String?, _ reason: String) -> String {
        if let part { return "\(part): \(reason)" }
        let looksLikePart = reason.hasPrefix(strategyHead) || reason.hasPrefix(allHead)
        return looksLikePart ? allHead + reason : reason
    }
}
