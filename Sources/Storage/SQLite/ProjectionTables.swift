import Ports
import TradingModel

/// The statements that write one run's rows, each prepared once.
struct ProjectionTables: ~Copyable {
    private let run: Int64
    private let ledger: SQLiteStatement
    private let signal: SQLiteStatement
    private let order: SQLiteStatement
    private let risk: SQLiteStatement
    private let rounds: RoundTables
    private let versions: VersionTables

    init(_ connection: SQLiteConnection, run: Int64) throws(StoreError) {
        let ledger = try connection.prepare(Self.insertLedger, doing: "write the ledger")
        let signal = try connection.prepare(Self.upsertSignal, doing: "write signals")
        let order = try connection.prepare(Self.upsertOrder, doing: "write orders")
        let risk = try connection.prepare(Self.insertRisk, doing: "write risk events")
        let rounds = try RoundTables(connection, run: run)
        let versions = try VersionTables(connection, run: run)
        self.run = run
        self.rounds = rounds
        self.versions = versions
        self.ledger = ledger
        self.signal = signal
        self.order = order
        self.risk = risk
    }

    func write(_ row: ProjectionRow) throws(StoreError) {
        switch row {
        case .ledger(let row): try write(row)
        case .signal(let row): try write(row)
        case .order(let row): try write(row)
        case .risk(let row): try write(row)
        case .round(let row): try rounds.write(row)
        case .event(let row): try rounds.write(row)
        case .shadow(let row): try versions.write(row)
        case .version(let row): try versions.write(row)
        }
    }

    private func write(_ row: LedgerRow) throws(StoreError) {
        try ledger.run {
            $0.put(run)
            $0.put(row.line)
            $0.put(row.record)
            $0.put(row.account)
            $0.put(row.symbol)
            $0.put(row.side.word)
            $0.put(row.quantity)
            $0.put(row.price)
            $0.put(row.fee)
            $0.put(row.currency)
            $0.put(row.order.value)
            $0.put(row.clientOrderID)
            $0.put(row.slippage)
            $0.put(row.realised)
            $0.put(row.positionAfter)
            $0.put(row.cashAfter)
            $0.put(row.source)
            $0.put(row.modelVersion)
            $0.put(Int64(row.confidence))
            $0.put(row.time)
            $0.put(row.hash)
        }
    }

    private func write(_ row: SignalRow) throws(StoreError) {
        try signal.run {
            $0.put(run)
            Self.put(row, &$0)
        }
    }

    /// In the order of ``signalColumns``.
    static func put(_ row: SignalRow, _ binder: inout SQLiteBinder) {
        binder.put(row.record)
        binder.put(row.position.value)
        binder.put(Int64(row.index))
        binder.put(row.source)
        binder.put(row.version)
        binder.put(row.model)
        binder.put(row.parameterHash)
        binder.put(row.account)
        binder.put(row.symbol)
        binder.put(row.action.word)
        binder.put(Int64(row.confidence))
        binder.put(row.message)
        binder.put(JSONWords.encode(row.reasons))
        binder.put(row.status)
        binder.put(row.detail)
        binder.put(row.time)
        binder.put(row.size)
        binder.put(row.limit?.units)
        binder.put(row.delay)
    }

    private func write(_ row: OrderRow) throws(StoreError) {
        try order.run {
            $0.put(run)
            $0.put(row.number.value)
            $0.put(row.record)
            $0.put(row.clientOrderID)
            $0.put(row.account)
            $0.put(row.symbol)
            $0.put(row.side.word)
            $0.put(row.quantity)
            $0.put(row.limit?.units)
            $0.put(row.state)
            $0.put(row.filled)
            $0.put(row.source)
            $0.put(row.reason)
            $0.put(row.time)
            $0.put(row.round)
            $0.put(Int64(row.confidence))
            $0.put(row.sizing)
            $0.put(row.reference)
            $0.put(row.reserved)
        }
    }

    private func write(_ row: RiskRow) throws(StoreError) {
        try risk.run {
            $0.put(run)
            $0.put(row.record)
            $0.put(row.position.value)
            $0.put(row.code)
            $0.put(row.account)
            $0.put(row.symbol)
            $0.put(row.rule)
            $0.put(row.detail)
            $0.put(row.time)
        }
    }

    private static let insertLedger = """
        INSERT INTO ledger (run, \(ledgerColumns))
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    private static let upsertSignal = """
        INSERT INTO signals (run, \(signalColumns))
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (run, position, source, account, symbol, result) DO UPDATE SET
        record = excluded.record, version = excluded.version, model = excluded.model,
        parameter_hash = excluded.parameter_hash, action = excluded.action,
        confidence = excluded.confidence, message = excluded.message, reasons = excluded.reasons,
        status = excluded.status, detail = excluded.detail, time = excluded.time,
        size = excluded.size, price_limit = excluded.price_limit, delay = excluded.delay
        """
    private static let upsertOrder = """
        INSERT INTO orders (run, \(orderColumns))
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
        INSERT INTO risk_events (run, \(riskColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let ledgerColumns = """
        line, record, account, symbol, side, quantity, price, fee, currency, order_number, \
        client_order_id, slippage, realised, position_after, cash_after, source, model_version, \
        confidence, time, hash
        """
    static let signalColumns = """
        record, position, result, source, version, model, parameter_hash, account, symbol, \
        action, confidence, message, reasons, status, detail, time, size, price_limit, delay
        """
    static let orderColumns = """
        number, record, client_order_id, account, symbol, side, quantity, price_limit, state, \
        filled, source, reason, time, round, confidence, sizing, reference, reserved
        """
    static let riskColumns = "record, position, code, account, symbol, rule, detail, time"
}

extension Side {
    /// As stored.
    var word: String { self == .buy ? "buy" : "sell" }
    init?(word: String) {
        switch word {
        case "buy": self = .buy
        case "sell": self = .sell
        default: return nil
        }
    }
}

extension Action {
    /// As stored.
    var word: String {
        switch self {
        case .buy: "buy"
        case .sell: "sell"
        case .alert: "alert"
        }
    }
    init?(word: String) {
        guard let action = Action.allCases.first(where: { $0.word == word }) else { return nil }
        self = action
    }
}
