/// The columns of each table in the order in which rows are written and read.
enum RowColumns {
    static let ledgerColumns = """
        line, record, account, symbol, side, quantity, price, fee, currency, order_number, \
        client_order_id, slippage, realised, position_after, cash_after, source, model_version, \
        confidence, time, hash, kind, cash_before, cost_after, note, tax
        """
    static let signalColumns = """
        record, position, result, source, version, model, parameter_hash, account, symbol, \
        action, confidence, message, reasons, status, detail, time, size, price_limit, delay
        """
    static let orderColumns = """
        number, record, client_order_id, account, symbol, side, quantity, price_limit, state, \
        filled, source, reason, time, round, confidence, sizing, reference, reserved
        """
    static let versionColumns =
        "record, source, kind, slot, first, last, order_number, words, reason, parameter_hash, time"
    static let riskColumns = "record, position, code, account, symbol, rule, detail, time"
    static let roundColumns = """
        number, record, account, symbol, opened, closed, policy, threshold, side, conflict, detail, \
        leader, approved, rule, rule_detail, order_number, silent, time
        """
    static let voteColumns = """
        round, source, position, result, action, confidence, weight, priority, status
        """
    static let eventColumns = """
        position, record, kind, symbol, time, price, open, high, low, bid, ask, volume
        """
    static let barColumns =
        "symbol, interval, open_time, record, open, high, low, close, volume"
}

/// The statements that write one row each, the same in every store.
enum RowStatement: String, CaseIterable {
    case ledger, signal, order, risk, round, vote, event, shadow, version, coverage, bar

    /// For errors, after "cannot".
    var purpose: String {
        switch self {
        case .ledger: "write the ledger"
        case .signal: "write signals"
        case .order: "write orders"
        case .risk: "write risk events"
        case .round: "write rounds"
        case .vote: "write votes"
        case .event: "write events"
        case .shadow: "write shadow results"
        case .version, .coverage: "write versions"
        case .bar: "write bars"
        }
    }

    var sql: String {
        switch self {
        case .ledger: Self.insertLedger
        case .signal: Self.upsertSignal
        case .order: Self.upsertOrder
        case .risk: Self.insertRisk
        case .round: Self.insertRound
        case .vote: Self.insertVote
        case .event: Self.insertEvent
        case .shadow: Self.upsertShadow
        case .version: Self.insertVersion
        case .coverage: Self.upsertCoverage
        case .bar: Self.upsertBar
        }
    }

    private static let upsertBar = """
        INSERT INTO market_bars (run, \(RowColumns.barColumns))
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \(replacingBar)
        """
    /// Written again, a bar is what it was; of two candles of one time the later stands.
    static let replacingBar = """
        ON CONFLICT (run, symbol, interval, open_time) DO UPDATE SET record = excluded.record,
        open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
        volume = excluded.volume
        """
    private static let upsertShadow = """
        INSERT INTO shadow_results (run, slot, \(RowColumns.signalColumns))
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (run, slot, position, source, account, symbol, result) DO NOTHING
        """
    private static let insertVersion = """
        INSERT INTO version_events (run, \(RowColumns.versionColumns))
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    private static let upsertCoverage = """
        \(insertVersion) ON CONFLICT (run, source, slot) WHERE kind = 'covered'
        DO UPDATE SET record = excluded.record, last = excluded.last, time = excluded.time
        """
    private static let insertLedger = """
        INSERT INTO ledger (run, \(RowColumns.ledgerColumns))
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    private static let upsertSignal = """
        INSERT INTO signals (run, \(RowColumns.signalColumns))
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (run, position, source, account, symbol, result) DO UPDATE SET
        record = excluded.record, version = excluded.version, model = excluded.model,
        parameter_hash = excluded.parameter_hash, action = excluded.action,
        confidence = excluded.confidence, message = excluded.message, reasons = excluded.reasons,
        status = excluded.status, detail = excluded.detail, time = excluded.time,
        size = excluded.size, price_limit = excluded.price_limit, delay = excluded.delay
        """
    private static let upsertOrder = """
        INSERT INTO orders (run, \(RowColumns.orderColumns))
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (run, number) DO UPDATE SET record = excluded.record,
        client_order_id = excluded.client_order_id, account = excluded.account,
        symbol = excluded.symbol, side = excluded.side, quantity = excluded.quantity,
        price_limit = excluded.price_limit, state = excluded.state, filled = excluded.filled,
        source = excluded.source, reason = excluded.reason, time = excluded.time,
        round = excluded.round, confidence = excluded.confidence, sizing = excluded.sizing,
        reference = excluded.reference, reserved = excluded.reserved
        """
    private static let insertRisk = """
        INSERT INTO risk_events (run, \(RowColumns.riskColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    private static let insertRound = """
        INSERT INTO rounds (run, \(RowColumns.roundColumns))
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    private static let insertVote = """
        INSERT INTO round_votes (run, \(RowColumns.voteColumns), number)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    /// Several results may come from one event: it is told with the first.
    private static let insertEvent = """
        INSERT INTO events (run, \(RowColumns.eventColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (run, position) DO NOTHING
        """
}
