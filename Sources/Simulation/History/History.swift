package import Kernel
package import TradingModel

/// What happened in one run, in order, with the virtual time of each.
package struct History: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package let time: Timestamp
        package let what: Happening
        package init(_ time: Timestamp, _ what: Happening) {
            self.time = time
            self.what = what
        }
    }
    package let terms: Terms
    package private(set) var entries: [Entry] = []

    package init(_ terms: Terms, _ entries: [Entry] = []) {
        self.terms = terms
        self.entries = entries
    }

    package mutating func add(_ what: Happening, at time: Timestamp) {
        entries.append(Entry(time, what))
    }

    /// What was agreed before the first entry.
    package struct Terms: Hashable, Sendable {
        package var seed: UInt64
        package var instruments: [Instrument]
        package var sources: [String]
        package var cash: Money
        package var limits: RiskLimits
        package var brokers: [Broker]
        /// What every position is left by; `nil`: exits are the strategies' business.
        package var exits: ExitPlan?
        /// Whose positions nobody guards.
        package var bare: SourceID?
        /// What opens waits at a start for the first statement.
        package var comparesAtStart = false

        package struct Broker: Hashable, Sendable {
            package var name: String
            /// Of an order it tells every fill; else its total, where a line was broken.
            package var keepsFills: Bool
            /// For people: `ids while open, totals, no funds check`.
            package var kind: String
            package init(name: String, keepsFills: Bool, kind: String) {
                self.name = name
                self.keepsFills = keepsFills
                self.kind = kind
            }
        }

        package init(
            seed: UInt64, instruments: [Instrument], sources: [String], cash: Money,
            limits: RiskLimits, brokers: [Broker]
        ) {
            self.seed = seed
            self.instruments = instruments
            self.sources = sources
            self.cash = cash
            self.limits = limits
            self.brokers = brokers
        }
    }
}
