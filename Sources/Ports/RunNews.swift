package import TradingModel

/// Something that a person may want to be told of a run, not yet in words.
///
/// What is in the run's log is named by its record, so that it can be told again after a crash and still
/// counts once; what sessions report is in no log, and has no place.
package struct RunNews: Hashable, Sendable {
    /// Where the log has it.
    package struct Place: Hashable, Comparable, Sendable {
        package let record: UInt64
        /// Of the fact in the record.
        package let index: UInt32
        package init(record: UInt64, index: UInt32) {
            self.record = record
            self.index = index
        }
        package static func < (a: Place, b: Place) -> Bool {
            (a.record, a.index) < (b.record, b.index)
        }
    }
    package enum Event: Hashable, Sendable {
        case filled(FillNews)
        /// GR031.
        case notApproved(symbol: String, rule: String, detail: String)
        /// - Parameter part: `3/10`: what was filled of it; `nil`: nothing.
        case orderEnded(symbol: String, order: String, part: String?, reason: String)
        /// What a desk at a broker says, by its code.
        case failSafe(FailSafeCode, FailSafeCode.Severity, String)
        case alert(AlertNews)
        /// - Parameter part: `account demo`, `strategy cross`; `nil`: of all.
        case killed(isOn: Bool, part: String?, reason: String)
        /// GR031: prices have passed it, of one symbol or of the whole account.
        case limitPassed(account: String, symbol: String?, rule: String, detail: String)
        /// FS049: the books were put where a broker is.
        case corrected(CorrectionNews)
        case server(String, ServerTrouble, detail: String)
        /// Who of a strategy's versions is heard from now on.
        case versions(String, VersionPlan)
        case finished(RunSummary)
    }
    package enum ServerTrouble: Hashable, Sendable {
        case refused, hung
        /// Its circuit opened.
        case gone
        case quarantined, released
        /// It is heard from now on, in the place of the one that was.
        case tookOver
    }

    package let place: Place?
    /// Of the data.
    package let time: Timestamp
    /// Whose; `nil`: everybody's.
    package let account: AccountID?
    package let event: Event

    package init(place: Place?, time: Timestamp, account: AccountID?, event: Event) {
        self.place = place
        self.time = time
        self.account = account
        self.event = event
    }
}

/// An alert as it is told.
package struct AlertNews: Hashable, Sendable {
    /// The rule or strategy.
    package var source: String
    package var symbol: String
    /// The last one by then.
    package var price: Price?
    package var currency: String
    package var words: String
    package init(source: String, symbol: String, price: Price?, currency: String, words: String) {
        self.source = source
        self.symbol = symbol
        self.price = price
        self.currency = currency
        self.words = words
    }
}

/// A fill as it is told.
package struct FillNews: Hashable, Sendable {
    package var side: Side
    package var symbol: String
    package var quantity: Quantity
    package var price: Price
    package var currency: String
    /// Why it was ordered.
    package var votes: String
    /// Of a sale.
    package var realised: Money?
    package init(
        side: Side, symbol: String, quantity: Quantity, price: Price, currency: String,
        votes: String, realised: Money?
    ) {
        self.side = side
        self.symbol = symbol
        self.quantity = quantity
        self.price = price
        self.currency = currency
        self.votes = votes
        self.realised = realised
    }
}

/// A difference with a broker that was put right, as it is told.
package struct CorrectionNews: Hashable, Sendable {
    package var account: String
    /// `nil`: cash.
    package var symbol: String?
    package var difference: Difference
    package var byPerson: Bool
    package var reason: String
    package init(
        account: String, symbol: String?, difference: Difference, byPerson: Bool, reason: String
    ) {
        self.account = account
        self.symbol = symbol
        self.difference = difference
        self.byPerson = byPerson
        self.reason = reason
    }
}

/// Takes news to people.
package protocol NewsDesk: Sendable {
    /// What is in the log comes behind its flush, in the log's order; the rest at once. Any thread; must not block.
    func tell(_ news: RunNews)
    /// What is beyond this may not have been taken before a crash, and is to be told again.
    var mark: RunNews.Place { get }
    /// How the channels stand now, in their order. Any thread; must not block.
    var channels: [ChannelStanding] { get }
}

extension NewsDesk {
    package var channels: [ChannelStanding] { [] }
}
