import Ports

/// The statements that write one run's rows, each prepared once.
struct ProjectionTables: ~Copyable {
    private let run: Int64
    private let ledger: SQLiteStatement
    private let signal: SQLiteStatement
    private let order: SQLiteStatement
    private let risk: SQLiteStatement
    private let round: SQLiteStatement
    private let vote: SQLiteStatement
    private let event: SQLiteStatement
    private let shadow: SQLiteStatement
    private let version: SQLiteStatement
    private let coverage: SQLiteStatement
    private let bar: SQLiteStatement

    init(_ connection: SQLiteConnection, run: Int64) throws(StoreError) {
        func prepare(_ statement: RowStatement) throws(StoreError) -> SQLiteStatement {
            try connection.prepare(statement.sql, doing: statement.purpose)
        }
        let ledger = try prepare(.ledger)
        let signal = try prepare(.signal)
        let order = try prepare(.order)
        let risk = try prepare(.risk)
        let round = try prepare(.round)
        let vote = try prepare(.vote)
        let event = try prepare(.event)
        let shadow = try prepare(.shadow)
        let version = try prepare(.version)
        let coverage = try prepare(.coverage)
        let bar = try prepare(.bar)
        self.run = run
        self.ledger = ledger
        self.signal = signal
        self.order = order
        self.risk = risk
        self.round = round
        self.vote = vote
        self.event = event
        self.shadow = shadow
        self.version = version
        self.coverage = coverage
        self.bar = bar
    }

    func write(_ row: ProjectionRow) throws(StoreError) {
        switch row {
        case .ledger(let row): try ledger.run { row.bind(to: run, &$0) }
        case .signal(let row): try signal.run { row.bind(to: run, &$0) }
        case .order(let row): try order.run { row.bind(to: run, &$0) }
        case .risk(let row): try risk.run { row.bind(to: run, &$0) }
        case .event(let row): try event.run { row.bind(to: run, &$0) }
        case .bar(let row): try bar.run { row.bind(to: run, &$0) }
        case .shadow(let row): try shadow.run { row.bind(to: run, &$0) }
        case .version(let row):
            if case .covered = row.event { return try coverage.run { row.bind(to: run, &$0) } }
            try version.run { row.bind(to: run, &$0) }
        case .round(let row):
            try round.run { row.bind(to: run, &$0) }
            for (place, one) in row.votes.enumerated() {
                try vote.run { one.bind(to: run, round: row.number, place: place, &$0) }
            }
        }
    }
}
