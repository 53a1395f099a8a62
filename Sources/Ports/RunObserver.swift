package import TradingModel

/// Somebody who watches a run: a terminal, a file. Called by the loop, in order; must not block for long.
package protocol RunObserver: Sendable {
    func started(_ start: RunStart)
    func notice(_ notice: RunNotice)
    func finished(_ summary: RunSummary)

    /// How often it wants to be told how far the run is, ns; `nil`: never.
    var progressEvery: Int64? { get }
    func progress(_ progress: RunProgress)
}

extension RunObserver {
    package var progressEvery: Int64? { nil }
    package func progress(_ progress: RunProgress) {}
}

/// How far a run is, and how its sources and positions stand.
package struct RunProgress: Sendable {
    package struct Position: Hashable, Sendable {
        package var account: String
        package var symbol: String
        package var held: Quantity
        /// What a share of it cost; zero when flat.
        package var average: Price
        package var last: Price?
        /// Booked by sales so far.
        package var realised: Money
        package var exits: Exits?
        package init(
            account: String, symbol: String, held: Quantity, average: Price, last: Price?,
            realised: Money, exits: Exits? = nil
        ) {
            self.account = account
            self.symbol = symbol
            self.held = held
            self.average = average
            self.last = last
            self.realised = realised
            self.exits = exits
        }
    }
    /// What guards a position.
    package struct Exits: Hashable, Sendable {
        /// Why nothing fires although a price says so.
        package enum Wait: String, Hashable, Sendable { case held, halted, doubted }
        /// Tiers still to come, as people write them: `-5% all`.
        package var left: [String]
        /// Fired, with a sale at work.
        package var selling: [String]
        package var wait: Wait?
        package init(left: [String], selling: [String] = [], wait: Wait? = nil) {
            self.left = left
            self.selling = selling
            self.wait = wait
        }
    }
    /// Figures so far; hashes and seconds are empty.
    package var summary: RunSummary
    /// Of the data.
    package var time: Timestamp
    /// Behind its pace, ns; `nil` where there is no pace.
    package var lag: Int64?
    /// Whether the kill switch is on.
    package var isKilled = false
    /// Accounts and strategies that the kill switch stops by themselves, in words.
    package var killedParts: [String] = []
    /// Empty where none are configured.
    package var channels: [ChannelStanding] = []
    /// Of the recording, 0 to 1.
    package var fraction: Double
    /// By source: events its session was given; `nil` for sources in the host.
    package var events: [Int?]
    /// Desks with a position or realised profit.
    package var positions: [Position]
    package init(
        summary: RunSummary, time: Timestamp, lag: Int64?, fraction: Double, events: [Int?],
        positions: [Position]
    ) {
        self.summary = summary
        self.time = time
        self.lag = lag
        self.fraction = fraction
        self.events = events
        self.positions = positions
    }
}

/// From an event's entry until the kernel hears its result, by the monotonic clock, ns.
///
/// Percentiles are at most 7 % above the true ones. Only results count; where time is simulated there
/// are none.
package struct Latency: Hashable, Sendable, Codable {
    package var count: Int
    package var p50: Int64
    package var p90: Int64
    package var p99: Int64
    package var max: Int64
    package init(count: Int, p50: Int64, p90: Int64, p99: Int64, max: Int64) {
        self.count = count
        self.p50 = p50
        self.p90 = p90
        self.p99 = p99
        self.max = max
    }
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

    /// `replay 60x`; `replay max` where nobody sets a pace.
    package static func replay(at speed: Double?) -> String {
        guard let speed else { return "replay max" }
        let isWhole = speed == speed.rounded() && abs(speed) < 1e15
        return isWhole ? "replay \(Int64(speed))x" : "replay \(speed)x"
    }
}

/// One line of what happened, in words that the terminal, the pipe and JSON share.
package struct RunNotice: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case signal, vote, conflict, order, fill, risk, alert, server, warning, day, kill
        /// Strategies or rules that came, went or changed.
        case change
        /// Of a channel that writes where the run is shown.
        case message
    }
    package let kind: Kind
    /// Of the data.
    package let time: Timestamp
    package let source: String
    package let symbol: String
    package let text: String
    /// Says again what the same source or symbol said last: a screen may leave it out.
    package var isRepeated = false
    /// What a table shows of it, apart from the words.
    package enum Figure: Hashable, Sendable {
        case state(SessionState, detail: String)
        case result(Action, Confidence, isLate: Bool)
        case trade(Trade)
    }
    /// An order as decided, or a fill as booked.
    package struct Trade: Hashable, Sendable {
        package var order: OrderNumber
        package var account: String
        package var side: Side
        package var quantity: Quantity
        /// Of the fill; an order's limit, `nil` at market.
        package var price: Price?
        package var booked: Booked?
        package struct Booked: Hashable, Sendable {
            package var fee: Money
            /// What of the fee is tax; `nil`: nobody told.
            package var tax: Money?
            package var realised: Money
            package var positionAfter: Quantity
            package init(
                fee: Money, tax: Money? = nil, realised: Money, positionAfter: Quantity
            ) {
                self.fee = fee
                self.tax = tax
                self.realised = realised
                self.positionAfter = positionAfter
            }
        }
        package init(
            order: OrderNumber, account: String, side: Side, quantity: Quantity, price: Price?,
            booked: Booked? = nil
        ) {
            self.order = order
            self.account = account
            self.side = side
            self.quantity = quantity
            self.price = price
            self.booked = booked
        }
    }
    package var figure: Figure?
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
        /// Events that a strategy server did not hear because it was too far behind; absent where none.
        package var leftOut: Int?
        /// Of a strategy server in a paced run.
        package var latency: Latency?
        /// Of a strategy server.
        package var server: ServerFigures?
        /// Of a strategy with a candidate: both.
        package var versions: [Version]?
        /// Of a strategy with several servers: each.
        package var shards: [Shard]?
        /// Of a strategy with a standby: the pair, or one for each shard.
        package var standbys: [Standby]?
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
            case leftOut = "left_out"
            case latency = "latency_ns"
            case server
            case versions, shards, standbys
        }
    }
    /// One of a strategy's servers, with instruments of its own.
    package struct Shard: Hashable, Sendable, Codable {
        /// From 0.
        package var shard: Int
        package var symbols: [String]
        package var results: Int
        package var failures: Int
        package var state: String
        /// Events that were left out for it because it was too slow.
        package var leftOut: Int?
        package var latency: Latency?
        package var server: ServerFigures?
        package init(
            shard: Int, symbols: [String], results: Int, failures: Int, state: String,
            leftOut: Int?, latency: Latency?, server: ServerFigures?
        ) {
            self.shard = shard
            self.symbols = symbols
            self.results = results
            self.failures = failures
            self.state = state
            self.leftOut = leftOut
            self.latency = latency
            self.server = server
        }
        enum CodingKeys: String, CodingKey {
            case shard, symbols, results, failures, state
            case leftOut = "left_out"
            case latency = "latency_ns"
            case server
        }
    }
    /// One of a strategy's two versions.
    package struct Version: Hashable, Sendable, Codable {
        /// `main` or `candidate`.
        package var slot: String
        package var version: String
        package var model: String
        /// `live`, `shadow`, `canary 10%`, `off`.
        package var role: String
        package var results: Int
        /// Of those, recorded and not heard.
        package var notHeard: Int
        package var failures: Int
        package var state: String
        /// Events that were left out for it because it was too slow.
        package var leftOut: Int?
        package var latency: Latency?
        package init(
            slot: String, version: String, model: String, role: String, results: Int,
            notHeard: Int, failures: Int, state: String, leftOut: Int?, latency: Latency?
        ) {
            self.slot = slot
            self.version = version
            self.model = model
            self.role = role
            self.results = results
            self.notHeard = notHeard
            self.failures = failures
            self.state = state
            self.leftOut = leftOut
            self.latency = latency
        }
        enum CodingKeys: String, CodingKey {
            case slot, version, model, role, results
            case notHeard = "not_heard"
            case failures, state
            case leftOut = "left_out"
            case latency = "latency_ns"
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
    /// Ticks and candles that no candle was made of, for they lay outside of the hours; absent where none.
    package var outsideHours: Int?
    package var sources: [Source] = []
    package var conflicts = 0
    package var orders = 0
    package var rejected = 0
    package var fills = 0
    /// Tax within.
    package var fees = ""
    /// What of the fees is tax, as far as brokers told it; absent where none did.
    package var tax: String?
    /// Realised, then with holdings at their last prices; of all accounts in one currency, else by name.
    package var realisedPnl: [String: String] = [:]
    package var pnl: [String: String] = [:]
    /// Positions that are open; absent of an older program.
    package var held: Int?
    /// Orders that work at a broker outside; absent where none does.
    package var resting: Int?
    /// What accounts are worth more, or less, by corrections: no profit and no loss, and in neither of both. Absent
    /// where nothing was corrected.
    package var corrected: [String: String]?
    package var ledgerHash = ""
    package var stateHash = ""
    /// Why rounds that were decided came to no order, and how often: a limit's name, or why there was no size.
    package var refusals: [String: Int]?
    /// Wall time of this start.
    package var seconds = 0.0
    /// Ticks, quotes and candles that an earlier start had taken; absent in a run of one start.
    package var resumedEvents: Int?
    /// How its channels stood at the end; absent where none are configured, and in tables.
    package var channels: [ChannelStanding]?
    package var events: Int { ticks + quotes + candles }
    package init() {}
    enum CodingKeys: String, CodingKey {
        case run, mode, end, steps, ticks, quotes, candles
        case skippedRows = "skipped_rows"
        case lateTicks = "late_ticks"
        case outsideHours = "outside_hours"
        case sources, conflicts, orders, rejected, fills, fees, tax
        case realisedPnl = "realised_pnl"
        case pnl, held, resting, corrected
        case ledgerHash = "ledger_hash"
        case stateHash = "state_hash"
        case refusals, seconds
        case resumedEvents = "resumed_events"
        case channels
    }
}
