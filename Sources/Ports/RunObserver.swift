package import TradingModel

/// Somebody who watches a run: a terminal, a file. Called by the loop, in order; must not block for long.
package protocol RunObserver: Sendable {
    func started(_ start: RunStart)
    func notice(_ notice: RunNotice)
    func finished(_ summary: RunSummary)
}

package struct RunStart: Sendable {
    package let run: String
    package let mode: String
    /// Steps already in the log; 0: a new run.
    package let resumedAt: UInt64
    package let folder: String
    package init(run: String, mode: String, resumedAt: UInt64, folder: String) {
        self.run = run
        self.mode = mode
        self.resumedAt = resumedAt
        self.folder = folder
    }
}

/// One line of what happened, in words that the terminal, the pipe and JSON share.
package struct RunNotice: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case signal, vote, conflict, order, fill, risk, alert, server, warning, day, kill
    }
    package let kind: Kind
    /// Of the data.
    package let time: Timestamp
    package let source: String
    package let symbol: String
    package let text: String
    /// Says again what the same source or symbol said last: a screen may leave it out.
    package var isRepeated = false
    package init(
        _ kind: Kind, time: Timestamp, source: String = "", symbol: String = "", text: String
    ) {
        self.kind = kind
        self.time = time
        self.source = source
        self.symbol = symbol
        self.text = text
    }
}

/// What a run came to. Its JSON form is stable.
package struct RunSummary: Hashable, Sendable, Codable {
    package struct Source: Hashable, Sendable, Codable {
        package var name: String
        package var kind: String
        package var results: Int
        package var used: Int
        package var outvoted: Int
        package var late: Int
        package var expired: Int
        /// By a newer vote of the same source.
        package var replaced: Int
        package var notApproved: Int
        package var alerts: Int
        package var failures: Int
        package var state: String
        package init(name: String, kind: String) {
            self.name = name
            self.kind = kind
            results = 0
            used = 0
            outvoted = 0
            late = 0
            expired = 0
            replaced = 0
            notApproved = 0
            alerts = 0
            failures = 0
            state = ""
        }
        enum CodingKeys: String, CodingKey {
            case name, kind, results, used, outvoted, late, expired, replaced
            case notApproved = "not_approved"
            case alerts, failures, state
        }
    }
    package var run = ""
    package var mode = ""
    /// `finished`, `stopped` (resumable), or `failed`.
    package var end = ""
    package var steps: UInt64 = 0
    package var ticks = 0
    package var quotes = 0
    package var candles = 0
    package var skippedRows = 0
    package var lateTicks = 0
    package var sources: [Source] = []
    package var conflicts = 0
    package var orders = 0
    package var rejected = 0
    package var fills = 0
    package var fees = ""
    /// Realised, then with holdings at their last prices; of all accounts in one currency, else by name.
    package var realisedPnl: [String: String] = [:]
    package var pnl: [String: String] = [:]
    package var ledgerHash = ""
    package var stateHash = ""
    /// Wall time of this start.
    package var seconds = 0.0
    package init() {}
    enum CodingKeys: String, CodingKey {
        case run, mode, end, steps, ticks, quotes, candles
        case skippedRows = "skipped_rows"
        case lateTicks = "late_ticks"
        case sources, conflicts, orders, rejected, fills, fees
        case realisedPnl = "realised_pnl"
        case pnl
        case ledgerHash = "ledger_hash"
        case stateHash = "state_hash"
        case seconds
    }
}
