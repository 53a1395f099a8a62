import Foundation
import Ports
import TradingModel

/// One decision for programs. Its JSON form is stable; numbers are exact, as text.
struct WhyAnswer: Encodable {
    struct Event: Encodable {
        var position, kind, symbol, time: String
        var timeNs: Int64
        var price, open, high, low, bid, ask, volume: String?

        init(_ row: EventRow) {
            position = "\(row.position)"
            kind = row.kind
            symbol = row.symbol
            time = ZonedTime.utc(row.time)
            timeNs = row.time.nanoseconds
            price = row.price.map { "\($0)" }
            open = row.open.map { "\($0)" }
            high = row.high.map { "\($0)" }
            low = row.low.map { "\($0)" }
            bid = row.bid.map { "\($0)" }
            ask = row.ask.map { "\($0)" }
            volume = row.volume.map { "\($0)" }
        }
    }
    struct Vote: Encodable {
        var source, action, status, signalStatus, detail, message, version, model, size: String
        var reasons: [String]
        var limit: String?
        var confidenceMillionths: Int32
        var weightMillionths: Int64?
        var priority: Int?
        var delayNs: Int64
        /// Whether it stood when the round closed.
        var stood: Bool
        /// Which of its strategy's servers said it, from 0, where there are several.
        var shard: Int?
        var position: String
        var event: Event?

        init(_ heard: Explanation.Heard) {
            let signal = heard.signal
            source = signal.source
            action = "\(signal.action)"
            status = heard.vote?.status ?? signal.status
            signalStatus = signal.status
            detail = signal.detail
            message = signal.message
            version = signal.version
            model = signal.model
            size = signal.size
            reasons = signal.reasons
            limit = signal.limit.map { "\($0)" }
            confidenceMillionths = signal.confidence
            weightMillionths = heard.vote?.weight
            priority = heard.vote?.priority
            delayNs = signal.delay
            stood = heard.vote != nil
            shard = heard.shard
            position = "\(signal.position)"
            event = heard.event.map(Event.init)
        }
    }
    struct Round: Encodable {
        var number: Int64
        var time, policy, detail, opened, closed: String
        var thresholdMillionths: Int64
        var conflict: Bool
        var side: String?
        var leader: String?
        var silent: [String]

        init(_ row: RoundRow) {
            number = row.number
            time = ZonedTime.utc(row.time)
            policy = row.policy
            detail = row.detail
            opened = "\(row.opened)"
            closed = "\(row.closed)"
            thresholdMillionths = row.threshold
            conflict = row.conflict
            side = row.side.map { "\($0)" }
            leader = row.leader.isEmpty ? nil : row.leader
            silent = row.silent
        }
    }
    struct Risk: Encodable {
        var approved: Bool
        var rule, detail: String
    }
    struct Position: Encodable {
        var quantity, realised, fees, currency: String
        var average: String?

        init(_ holding: Holding) {
            quantity = "\(holding.held)"
            average = holding.average.map { "\($0)" }
            realised = "\(holding.realised)"
            fees = "\(holding.fees)"
            currency = holding.currency
        }
    }
    struct Fill: Encodable {
        var time, quantity, price, fee, slippage, realised, positionAfter, cashAfter: String
        /// What of the fee is tax, where somebody told.
        var tax: String?

        init(_ row: LedgerRow) {
            time = ZonedTime.utc(row.time)
            quantity = "\(row.quantity)"
            price = "\(row.price)"
            fee = "\(row.fee)"
            slippage = "\(row.slippage)"
            realised = "\(row.realised)"
            positionAfter = "\(row.positionAfter)"
            cashAfter = "\(row.cashAfter)"
            tax = row.tax.map { "\($0)" }
        }
    }
    struct Change: Encodable {
        var time, code, what: String

        init(_ row: RiskRow) {
            time = ZonedTime.utc(row.time)
            code = row.code
            what = row.detail
        }
    }
    var run: String
    var account: String?
    var symbol: String?
    var ordered: Bool
    /// In a few words, why there is no order.
    var whyNot: String?
    var event: Event?
    var votes: [Vote]
    var round: Round?
    var risk: Risk?
    var order: OrderAnswer?
    /// Of the order, where there were any.
    var changes: [Change]?
    /// FS codes of the order, where there were any: its doubts and their ends among them.
    var told: [Change]?
    var fills: [Fill]
    var position: Position?

    init(_ told: Explanation) {
        run = told.run
        account = told.order?.account ?? told.round?.account
        symbol = told.order?.symbol ?? told.round?.symbol
        ordered = told.order != nil
        whyNot = ordered ? nil : told.round.map { WhyNot($0).words }
        event = told.event.map(Event.init)
        votes = told.heard.map(Vote.init)
        round = told.round.map(Round.init)
        risk = told.round.flatMap { round in
            round.approved.map { Risk(approved: $0, rule: round.rule, detail: round.ruleDetail) }
        }
        order = told.order.map(OrderAnswer.init)
        fills = told.fills.map(Fill.init)
        if !told.changes.isEmpty { changes = told.changes.map(Change.init) }
        if !told.told.isEmpty { self.told = told.told.map(Change.init) }
        position = told.holding.map(Position.init)
    }
}

/// An order for programs.
struct OrderAnswer: Encodable {
    var order: UInt64
    var clientOrderId, account, symbol, side, quantity, state, filled, source, reason: String
    var limit: String?
    var sizing, reference, reserved, time: String
    var timeNs: Int64
    var round: Int64?
    var confidenceMillionths: Int32
    /// `madang order list` alone says these, and only where they are so.
    var endedInBooksOnly, waitsForPerson: Bool?

    init(_ row: OrderRow) {
        order = row.number.value
        clientOrderId = row.clientOrderID
        account = row.account
        symbol = row.symbol
        side = "\(row.side)"
        quantity = "\(row.quantity)"
        limit = row.limit.map { "\($0)" }
        state = row.state
        filled = "\(row.filled)"
        source = row.source
        reason = row.reason
        sizing = row.sizing
        reference = "\(row.reference)"
        reserved = "\(row.reserved)"
        time = ZonedTime.utc(row.time)
        timeNs = row.time.nanoseconds
        round = row.round == 0 ? nil : row.round
        confidenceMillionths = row.confidence
    }
}

extension JSONEncoder {
    /// One line, keys as people write them: `client_order_id`.
    static func line(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder.stable
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
